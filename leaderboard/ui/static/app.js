// Every page works without this file; it only spares the reader a step here and there.
import { keepLive } from "./live.js";
import { prepareUploads } from "./upload.js";

const root = document.documentElement;
const all = (selector) => document.querySelectorAll(selector);

// The theme changes at once; the form's request would only set the same cookie.
for (const form of all(".top__theme")) {
  form.addEventListener("submit", (event) => {
    const theme = event.submitter?.value;
    if (!theme) return;
    event.preventDefault();
    root.dataset.theme = theme;
    const secure = location.protocol === "https:" ? "; secure" : "";
    document.cookie = `jiebang_theme=${theme}; path=/; max-age=31536000; samesite=lax${secure}`;
    [...form.querySelectorAll("button")].find((button) => button.value !== theme)?.focus();
  });
}

// Buttons that only scripts can serve; the style sheet shows them once this file runs. Heard at the document, so that
// they also work in regions that were swapped.
const clicks = {
  copy(button) {
    const words = button.innerHTML;
    if (button.textContent === button.dataset.copy) return;
    getSelection().selectAllChildren(button.parentElement.querySelector("[data-copy-text]"));
    document.execCommand("copy"); // old, but unlike the clipboard interface also there on plain http
    button.textContent = button.dataset.copy;
    setTimeout(() => { button.innerHTML = words; }, 2000);
  },
  reveal(button) {
    const input = document.getElementById(button.getAttribute("aria-controls"));
    const word = button.textContent;
    input.type = input.type === "password" ? "text" : "password";
    button.textContent = button.dataset.reveal;
    button.dataset.reveal = word;
  },
};
root.dataset.js = "";
document.addEventListener("click", ({ target }) => {
  for (const [name, act] of Object.entries(clicks)) {
    const button = target.closest(`button[data-${name}]`);
    if (button) act(button);
  }
});
document.addEventListener("submit", ({ target }) => target.querySelectorAll("[data-reveal]").forEach((button) => {
  document.getElementById(button.getAttribute("aria-controls")).type = "password"; // not to be remembered as a text
}));

// The number of a slider, beside it.
document.addEventListener("input", ({ target: { type, value, nextElementSibling: shown } }) => {
  if (type === "range" && shown?.localName === "output") shown.value = value;
});

// A time that runs down: the three forms of words are "days and hours|hours and minutes|over".
function countDown() {
  for (const place of all("[data-countdown]")) {
    const time = place.querySelector("time");
    const [long, short, over] = place.dataset.countdown.split("|");
    const minutes = Math.floor((new Date(time.dateTime) - Date.now()) / 60000);
    const parts = { days: Math.floor(minutes / 1440), hours: Math.floor(minutes / 60) % 24, minutes: minutes % 60 };
    const words = (minutes < 0 ? over : minutes < 1440 ? short : long).replace(/\{(\w+)\}/g, (_, name) => parts[name]);
    if (time.textContent !== words) time.textContent = words;
  }
}
setInterval(countDown, 15000);

// After a refusal the summary of errors takes the focus, and its links go to the fields themselves.
document.querySelector("[data-focus]")?.focus();

// A file may also be dropped where it can be chosen.
for (const area of all("[data-drop]")) {
  const input = area.querySelector("input[type=file]");
  const over = (event) => {
    event.preventDefault();
    area.classList.toggle("drop--over", event.type === "dragover");
  };
  area.addEventListener("dragover", over);
  area.addEventListener("dragleave", over);
  area.addEventListener("drop", (event) => {
    over(event);
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

keepLive();
prepareUploads();

// Regions that stay true: <section id="board" data-live="/events/…" data-state="words"> is fetched again with its page
// and swapped whenever the event stream says "change". Focus stays where it was; a changed data-state is read out.

const PAUSE = 1000; // milliseconds between two fetches, however much the stream says

export function keepLive() {
  const regions = () => [...document.querySelectorAll("[data-live][id]")];
  if (!regions().length || !window.EventSource) return;
  const say = document.body.appendChild(document.createElement("p"));
  say.className = "vh";
  say.setAttribute("role", "status");
  const streams = new Map();
  let [timer, missed] = [0, false];

  const refreshSoon = () => {
    missed = true;
    if (timer || document.hidden) return; // what is missed now is caught up with later
    timer = setTimeout(async () => {
      missed = false;
      await refresh(say).catch(() => {}); // offline: the stream reports back when it reconnects
      timer = 0;
      listen();
      if (missed) refreshSoon();
    }, PAUSE);
  };
  const listen = () => {
    const wanted = new Set(regions().map((region) => region.dataset.live));
    for (const [url, stream] of streams) {
      if (!wanted.has(url)) {
        stream.close();
        streams.delete(url);
      }
    }
    for (const url of wanted) {
      if (streams.has(url)) continue;
      const stream = new EventSource(url);
      stream.addEventListener("change", refreshSoon);
      stream.addEventListener("open", refreshSoon); // what happened before it opened, or while the line was gone
      streams.set(url, stream);
    }
  };
  document.addEventListener("visibilitychange", () => missed && refreshSoon());
  listen();
}

async function refresh(say) {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const old of document.querySelectorAll("[data-live][id]")) {
    const region = fresh.getElementById(old.id);
    if (!region || region.outerHTML === old.outerHTML) continue;
    const place = placeOf(document.activeElement, old);
    const open = [...old.querySelectorAll("details")].map((details) => details.open);
    const state = old.dataset.state;
    old.replaceWith(region);
    region.querySelectorAll("details").forEach((details, index) => { details.open ||= open[index] ?? false; });
    if (place) find(place, region)?.focus({ preventScroll: true });
    if (region.dataset.state && region.dataset.state !== state) say.textContent = region.dataset.state;
  }
}

// Where the focus is, told in a way that survives the swap: by id, by link, else by position.
function placeOf(element, region) {
  if (!region.contains(element)) return null;
  const path = [];
  for (let at = element; at !== region; at = at.parentElement) path.unshift([...at.parentElement.children].indexOf(at));
  return { id: element.id, href: element.getAttribute("href"), path };
}

function find({ id, href, path }, region) {
  if (id) return region.querySelector(`#${CSS.escape(id)}`);
  if (href) return region.querySelector(`[href="${CSS.escape(href)}"]`);
  return path.reduce((at, index) => at?.children[index], region);
}

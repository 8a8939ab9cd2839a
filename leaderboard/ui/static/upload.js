// Uploads that survive a lost connection and a closed page: the tus 1.0 protocol in pieces of 8 MiB.
// The address of an unfinished upload is kept under the file's name, size and date; choosing it again goes on.

const PIECE = 8 * 1024 * 1024;
const LONGEST_WAIT = 30; // seconds
const SILENCE = 60000; // milliseconds
const LANGUAGE = document.documentElement.lang;

export function prepareUploads() {
  for (const form of document.querySelectorAll("form[data-upload]")) {
    if (form.dataset.upload && navigator.cookieEnabled) new Uploader(form); // no storage: the plain form does it
  }
  for (const form of document.querySelectorAll("form[data-send]")) new Sender(form);
}

class Refused extends Error {}

class Uploader {
  constructor(form) {
    this.form = form;
    this.prefix = `jiebang-upload:${form.dataset.challenge}:${form.dataset.phase}:`;
    this.words = JSON.parse(form.dataset.words);
    this.part = (name) => form.querySelector(`[data-upload-${name}]`);
    this.input = form.querySelector("input[type=file]");
    this.button = form.querySelector("[type=submit]");
    form.addEventListener("submit", (event) => {
      const file = this.input.files[0];
      if (!file) return;
      event.preventDefault();
      this.start(file);
    });
    this.part("pause")?.addEventListener("click", () => (this.paused ? this.goOn() : this.pause()));
    this.part("cancel").addEventListener("click", () => this.cancel());
    window.addEventListener("offline", () => this.request?.abort());
    window.addEventListener("online", () => this.wake?.());
    const begun = Object.keys(localStorage).find((key) => key.startsWith(this.prefix));
    if (begun) this.remind(begun).catch(() => {}); // only a kindness
  }

  async remind(key) {
    const answer = await this.ask("HEAD", localStorage.getItem(key));
    if (answer.ok) this.say("pending", { name: key.slice(this.prefix.length).split(":").slice(0, -2).join(":") });
    else if (answer.status < 500) localStorage.removeItem(key); // the server has forgotten it
  }

  say(word, values = {}) {
    const percent = this.file ? Math.floor((100 * this.offset) / (this.file.size || 1)) : 0;
    this.part("say").textContent = fill(this.words[word], { percent, ...values });
  }

  start(file) {
    if (file.size > Number(this.form.dataset.max)) {
      this.say("big", { size: size(file.size), max: size(Number(this.form.dataset.max)) });
      return;
    }
    Object.assign(this, { file, offset: 0, url: null, paused: false, wait: 1 });
    this.key = `${this.prefix}${file.name}:${file.size}:${file.lastModified}`;
    this.part("name").textContent = file.name;
    this.part("at").hidden = false;
    this.button.disabled = true;
    this.goOn();
  }

  // One run: find out where we are, send what is missing, try again when the line breaks.
  async goOn() {
    const run = (this.run = Symbol("run"));
    this.paused = false;
    this.part("pause").textContent = this.words.pause;
    this.part("say").textContent = "";
    this.began = { time: Date.now(), offset: null };
    while (this.run === run) {
      try {
        const path = (await this.locate()) ?? (await this.sendAll(run));
        if (this.run === run) this.finish(path);
        return;
      } catch (error) {
        if (this.run !== run) return;
        if (error instanceof Refused) return this.stop("refused", { reason: error.message });
        this.say("lost", { seconds: this.wait });
        await this.sleep(this.wait);
        this.wait = Math.min(2 * this.wait, LONGEST_WAIT);
      }
    }
  }

  // Create the upload, or ask how far the begun one is. Gives the submission's path when all is there already.
  async locate() {
    this.url ??= localStorage.getItem(this.key);
    if (this.url) {
      const answer = await this.ask("HEAD", this.url);
      if (answer.ok) {
        this.offset = Number(answer.headers.get("Upload-Offset"));
        if (this.offset && this.wait === 1) this.say("resumed");
        return answer.headers.get("Jiebang-Submission");
      }
      if (answer.status >= 500) throw new Error("busy");
      localStorage.removeItem(this.key);
    }
    const fields = { filename: this.file.name, challenge: this.form.dataset.challenge, phase: this.form.dataset.phase };
    for (const [name, value] of new FormData(this.form)) {
      if (typeof value === "string" && value) fields[name] = value;
    }
    const metadata = Object.entries(fields).map(([name, value]) => `${name} ${base64(new TextEncoder().encode(value))}`);
    const headers = { "Upload-Length": this.file.size, "Upload-Metadata": metadata.join(",") };
    const answer = await this.ask("POST", this.form.dataset.upload, headers);
    await accept(answer);
    this.url = new URL(answer.headers.get("Location"), location.href).href;
    this.offset = Number(answer.headers.get("Upload-Offset") ?? 0);
    localStorage.setItem(this.key, this.url);
    return answer.headers.get("Jiebang-Submission");
  }

  async sendAll(run) {
    let path = null;
    while (this.run === run && this.offset < this.file.size) {
      const piece = await this.file.slice(this.offset, this.offset + PIECE).arrayBuffer();
      const headers = { "Upload-Offset": this.offset, "Content-Type": "application/offset+octet-stream" };
      if (crypto.subtle) headers["Upload-Checksum"] = `sha256 ${base64(await crypto.subtle.digest("SHA-256", piece))}`;
      if (this.run !== run) return null;
      const answer = await this.send(piece, headers);
      if (answer.status === 409 || answer.status === 460) throw new Error("out of step"); // ask where we are
      await accept(answer);
      this.offset = Number(answer.headers.get("Upload-Offset"));
      if (this.wait > 1) this.part("say").textContent = "";
      this.wait = 1;
      path = answer.headers.get("Jiebang-Submission");
    }
    return path;
  }

  headers(more = {}) {
    return { "Tus-Resumable": "1.0.0", "Accept-Language": LANGUAGE, ...more };
  }

  ask(method, url, headers) {
    return fetch(url, { method, headers: this.headers(headers), credentials: "same-origin" });
  }

  // As ask("PATCH"), by the older interface: only that one tells how much has gone out.
  send(piece, headers) {
    return new Promise((resolve, reject) => {
      const request = (this.request = new XMLHttpRequest());
      request.open("PATCH", this.url);
      for (const [name, value] of Object.entries(this.headers(headers))) request.setRequestHeader(name, value);
      const from = this.offset;
      let silence = 0;
      const alive = (sent) => {
        clearTimeout(silence);
        silence = setTimeout(() => request.abort(), SILENCE); // a dead line may not report itself
        this.show(from + Math.min(sent, piece.byteLength));
      };
      request.upload.onprogress = (event) => alive(event.loaded);
      request.onloadend = () => clearTimeout(silence);
      request.onload = () => resolve(new Response(request.status === 204 ? null : request.response, {
        status: request.status,
        headers: request.getAllResponseHeaders().trim().split("\r\n").map((line) => line.split(/: (.*)/s).slice(0, 2)),
      }));
      request.onerror = request.onabort = () => reject(new Error("the line is gone"));
      alive(0);
      request.send(piece);
    });
  }

  show(sent) {
    this.began.offset ??= sent;
    const speed = (sent - this.began.offset) / (Date.now() - this.began.time + 1);
    this.form.querySelector("progress").value = (100 * sent) / this.file.size;
    const left = speed > 0 ? duration((this.file.size - sent) / speed / 1000) : "…";
    const percent = Math.floor((100 * sent) / this.file.size);
    this.part("figures").textContent = fill(this.words.sending, { percent, size: size(this.file.size), left });
  }

  pause() {
    this.halt();
    this.paused = true;
    this.part("pause").textContent = this.words.resume;
    this.say("paused");
  }

  async cancel() {
    this.halt();
    localStorage.removeItem(this.key);
    if (this.url) await this.ask("DELETE", this.url).catch(() => {}); // the server forgets it by itself later
    this.stop("cancelled");
  }

  halt() {
    this.run = null;
    this.request?.abort();
    this.wake?.();
  }

  stop(word, values) {
    this.run = null;
    this.button.disabled = false;
    this.part("at").hidden = true;
    this.say(word, values);
  }

  finish(path) {
    localStorage.removeItem(this.key);
    this.show(this.file.size);
    this.say("done");
    location.assign(path ? `/${location.pathname.split("/")[1]}${path}` : this.form.action);
  }

  sleep(seconds) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, 1000 * seconds);
      this.wake = () => { clearTimeout(timer); resolve(); };
    });
  }
}

// A plain form that is sent as it is, in one piece: all that is added is how far it has come, and a way to stop it.
class Sender extends Uploader {
  goOn() {
    const request = (this.run = this.request = new XMLHttpRequest());
    this.began = { time: Date.now(), offset: null };
    request.open("POST", this.form.action);
    request.upload.onprogress = (event) => this.show(Math.min(event.loaded, this.file.size));
    request.onload = () => (request.status < 400 ? location.assign(request.responseURL) : this.refuse(request.responseText));
    request.onerror = request.onabort = () => this.stop(this.run ? "lost" : "cancelled");
    request.send(new FormData(this.form));
  }

  // The page that the server answered with stands in the place of this one.
  refuse(text) {
    const main = new DOMParser().parseFromString(text, "text/html").querySelector("main");
    if (!main) return this.stop("lost");
    document.querySelector("main").replaceWith(main);
    prepareUploads();
    main.querySelector("[data-focus]")?.focus();
  }
}

// Let success pass; a refusal (4xx) ends the upload with the server's words, anything else is tried again.
async function accept(answer) {
  if (answer.ok) return;
  if (answer.status >= 500 || answer.status === 429) throw new Error("busy");
  const problem = await answer.json().catch(() => ({}));
  throw new Refused(problem.detail ?? problem.title ?? String(answer.status));
}

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

function base64(bytes) {
  return btoa(String.fromCharCode(...new Uint8Array(bytes)));
}

function unit(value, name) {
  const digits = value < 10 && name !== "second" ? 1 : 0;
  return new Intl.NumberFormat(LANGUAGE, { style: "unit", unit: name, maximumFractionDigits: digits }).format(value);
}

const size = (bytes) => (bytes < 1e6 ? unit(bytes / 1e3, "kilobyte") : bytes < 1e9 ? unit(bytes / 1e6, "megabyte") : unit(bytes / 1e9, "gigabyte"));
const duration = (seconds) => (seconds < 90 ? unit(Math.ceil(seconds), "second") : unit(seconds / 60, "minute"));

// One photo on the page and what looks like it: preview, box, results; every change of them without a new page.

import { ask, post, Refused, word } from "./ask.js";
import { Crop } from "./crop.js";
import { copied } from "./shrink.js";

const CROP_WAIT = 350;
const live = document.querySelector("[data-photo-live]");

/** Return whether a click asks for another tab or window. */
export const elsewhere = (event) => event.ctrlKey || event.metaKey || event.shiftKey || event.button;

/** Say to a screen reader what happens. */
export const say = (text) => { if (live) live.textContent = text; };

export class View {
  /** Take over a view in the page, or one made of the shell; `photo` is {blob, url} where the browser has it. */
  constructor(root, path, photo) {
    this.root = root;
    this.path = path;
    this.photo = photo;
    this.address = root.dataset.address || path;
    this.title = `${root.dataset.title} · ${document.title.split(" · ").pop()}`;
    root.addEventListener("click", (event) => this.onClick(event));
    root.addEventListener("submit", (event) => this.onSubmit(event));
    root.addEventListener("input", (event) => this.onNumber(event));
    if (!root.querySelector("h1")) {
      const heading = Object.assign(document.createElement("h1"), { tabIndex: -1, textContent: root.dataset.title });
      root.querySelector(".page-header").append(heading);
      this.part("filters").id = "filters";
      this.part("answer").id = "results";
    }
    if (photo) {
      this.frame.append(Object.assign(new Image(), { src: photo.url, alt: word("yours") }));
    }
    this.done = Boolean(root.dataset.box);
    if (this.done) this.setBox(root.dataset.box);
  }

  get frame() { return this.root.querySelector(".crop-frame"); }
  /** The fields of the box's numbers: left, top, width, height. */
  get numbers() { return [...this.root.querySelectorAll("[data-crop-numbers] [type=number]")]; }
  part(name, root = this.root) { return root.querySelector(`[data-part="${name}"]`); }

  /** Search for the first time. */
  start(params) {
    say(word("searching"));
    return this.load(`${this.path}?${params}`, { history: "replace", first: true });
  }

  /** Show the results of an address of this photo. `history`: push, replace or none. */
  async load(address, { history: how = "push", first = false, more = 0 } = {}) {
    this.last = [address, { history: how, first, more }];
    // A choice made now counts more than a box that was moved before.
    clearTimeout(this.waiting);
    this.moved = false;
    this.running?.abort();
    const running = (this.running = new AbortController());
    this.part("answer").setAttribute("aria-busy", "true");
    this.clearError();
    try {
      const content = await this.fetched(new URL(address, location.href), running.signal);
      const fresh = content.querySelector("[data-photo-view]");
      if (!fresh) throw new Refused(word("failed"));
      if (running.signal.aborted) return;
      this.fill(fresh, { first, more });
      if (how !== "none") this.remember(how);
    } catch (error) {
      if (running.signal.aborted) return;
      this.fail(error);
    } finally {
      if (this.running === running) this.part("answer").removeAttribute("aria-busy");
    }
  }

  async fetched(url, signal) {
    if (url.searchParams.has("photo")) {
      try {
        return await ask(url, { signal });
      } catch (error) {
        // The server has forgotten the photo; here it still is.
        if (error.status !== 410) throw error;
      }
    }
    const blob = this.photo?.blob ?? (await copied(this.frame.querySelector("img")));
    if (!blob) throw new Refused(word("again"), { status: 410 });
    return post(this.path, blob, url.searchParams, { signal });
  }

  fill(fresh, { first, more }) {
    this.address = fresh.dataset.address;
    this.done = true;
    const focus = this.focused();
    for (const name of ["parts", "numbers", "held", "filters", "answer"]) {
      const old = this.part(name), now = this.part(name, fresh);
      // Whoever types numbers goes on typing; the box does not jump while it is held.
      if (name === "numbers" && old.contains(document.activeElement)) continue;
      if (name === "numbers" && old.querySelector("[open]")) now.querySelector("details")?.setAttribute("open", "");
      old.replaceChildren(...now.childNodes);
    }
    if (!this.crop || !this.frame.contains(document.activeElement)) this.setBox(fresh.dataset.box);
    const said = this.root.querySelector("#match")?.textContent ?? "";
    say(`${this.root.querySelector(".results-title")?.textContent ?? ""}. ${said.replace(/\s+/g, " ").trim()}`);
    if (more) this.root.querySelectorAll("#cards > li")[more]?.querySelector("a")?.focus();
    else if (first) this.root.querySelector("h1")?.focus({ preventScroll: true });
    else focus?.();
  }

  /** Return a function that focuses what has the focus now, once it has been replaced by its like. */
  focused() {
    const link = document.activeElement?.closest?.("[data-part] :is(a, input, button, summary)");
    if (!link || !this.root.contains(link)) return null;
    const { part } = link.closest("[data-part]").dataset;
    const name = (element) => element.id || (element.querySelector("span") ?? element).textContent.trim();
    const wanted = name(link), tag = link.localName;
    return () => {
      const like = [...this.part(part).querySelectorAll(tag)].find((element) => name(element) === wanted);
      (like ?? this.part(part)).focus({ preventScroll: true });
    };
  }

  remember(how) {
    const same = this.isAt(location);
    // The drawer of filters stays open: several may be chosen in it.
    const hash = location.hash === "#filters" ? location.hash : "";
    history[how === "push" && !same ? "pushState" : "replaceState"](history.state, "", this.address + hash);
  }

  /** Return whether these are the results of an address. */
  isAt({ pathname, search }) {
    return this.done && this.address === pathname + search;
  }

  /** Stop what is under way: the page shows something else. */
  leave() {
    clearTimeout(this.waiting);
    this.running?.abort();
  }

  /** Show what an address asks for, unless that is there already. */
  comeBack({ href }) {
    if (this.moved) this.searchBox();
    else if (!this.done && this.last) this.load(...this.last);
    else if (!this.isAt(location)) this.load(href, { history: "none" });
  }

  setBox(text) {
    const box = text.split(",").map((part) => Math.round(Number(part) * 1000) / 10);
    if (box.length !== 4 || !box.every(Number.isFinite)) return;
    if (this.crop) return this.crop.show(box);
    this.crop = new Crop(this.frame, box, (changed) => {
      this.numbers.forEach((field, n) => { if (field !== document.activeElement) field.value = changed[n]; });
      this.searchBox();
    });
  }

  searchBox() {
    clearTimeout(this.waiting);
    // An answer to the box before would put the numbers, and the box, back while they are being moved.
    this.running?.abort();
    this.running = null;
    this.moved = true;
    this.part("answer").setAttribute("aria-busy", "true");
    this.waiting = setTimeout(() => {
      const [x, y, w, h] = this.crop.value;
      say(word("cropped").replace("{x}", x).replace("{y}", y).replace("{w}", w).replace("{h}", h));
      const url = new URL(this.address, location.href);
      url.searchParams.set("box", this.crop.value.map((part) => part / 100).join(","));
      this.load(url, { history: "replace" });
    }, CROP_WAIT);
  }

  onNumber(event) {
    if (!this.crop || !event.target.closest("[data-crop-numbers]")) return;
    const values = this.numbers.map((field) => field.valueAsNumber);
    if (values.every(Number.isFinite)) this.crop.set(values);
  }

  onClick(event) {
    if (event.target.closest("[data-photo-again]")) return this.load(...this.last);
    const link = event.target.closest("a[href]");
    if (!link || elsewhere(event)) return;
    // Not a place in this page (#filters), nor another page.
    if (link.hash || link.pathname !== this.path || !link.search) return;
    event.preventDefault();
    const more = Number(link.dataset.more ?? 0);
    // A part chosen from the pictures moves the box, whoever holds it (Safari gives a clicked link no focus).
    if (link.closest('[data-part="parts"]') && this.frame.contains(document.activeElement)) document.activeElement.blur();
    this.load(link.href, { history: more ? "replace" : "push", more });
  }

  onSubmit(event) {
    const form = event.target;
    if (form.method !== "get") return;
    event.preventDefault();
    if (form.matches("[data-crop-numbers]")) return this.searchBox();
    const params = new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ""));
    this.load(`${this.path}?${params}`);
  }

  fail(error) {
    let refused = error;
    if (!(error instanceof Refused)) {
      console.error(error);
      refused = new Refused(word("failed"));
    }
    this.offline = refused.offline;
    const box = this.root.querySelector("[data-photo-error]"), text = box.querySelector("p");
    box.hidden = false;
    text.textContent = refused.message;
    box.querySelector("[data-photo-again]").hidden = !refused.again;
    this.waitingFor(false);
    say("");
    text.focus();
  }

  clearError() {
    const box = this.root.querySelector("[data-photo-error]");
    const focused = box.contains(document.activeElement);
    this.offline = false;
    box.hidden = true;
    if (focused) this.root.querySelector("h1").focus({ preventScroll: true });
    this.waitingFor(true);
  }

  /** Show the skeleton of the first answer, or, where none comes, other ways through the shop. */
  waitingFor(answer) {
    const [skeleton, ways] = ["[data-skeleton]", "[data-photo-ways]"].map((name) => this.root.querySelector(name));
    if (skeleton) skeleton.hidden = !answer;
    if (ways) ways.hidden = answer;
  }
}

// Search by photo from any page: the picker, drag and drop, paste, and the way back. Without this the camera is a link.

import { post, Refused, word } from "./ask.js";
import { shrink } from "./shrink.js";
import { elsewhere, say, View } from "./view.js";

const picker = document.querySelector("[data-photo-picker]");
const shell = document.querySelector("[data-photo-shell]");
const main = document.querySelector("main");
const path = picker && new URL(picker.dataset.action, location.href).pathname;
/** Views by the number in history.state; the page they were opened from has none. */
const views = new Map();
const origin = { view: null, nodes: null, href: location.href, title: document.title, scroll: 0 };
let current = origin;
let chosen = null;

if (picker && shell && main) {
  start();
}

function start() {
  const here = main.querySelector("[data-photo-view]");
  if (here) {
    // This page came with its answer: it is a view like those made here.
    adopt(new View(here, path, null), [...main.childNodes]);
    history.replaceState({ photo: current.number }, "");
  }
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-photo-open]");
    if (!opener || elsewhere(event)) return;
    event.preventDefault();
    open();
  });
  document.addEventListener("change", (event) => {
    // What the picker's fields hold is sent as the form's own would be.
    const input = event.target.closest('[data-photo-input], [data-photo-form] input[name="image"]');
    if (input?.files[0]) search(input.files[0], input);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-photo-form]");
    const input = form?.elements.image;
    if (!input?.files[0]) return;
    event.preventDefault();
    search(input.files[0], input);
  });
  document.addEventListener("paste", (event) => {
    const file = [...(event.clipboardData?.files ?? [])].find((each) => each.type.startsWith("image/"));
    if (!file) return;
    event.preventDefault();
    search(file);
  });
  dropping();
  addEventListener("popstate", onBack);
  addEventListener("online", () => { if (current.view?.offline) current.view.load(...current.view.last); });
  // The fields look like buttons, and Enter presses those.
  picker.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.type !== "file") return;
    event.preventDefault();
    event.target.click();
  });
  picker.addEventListener("click", (event) => {
    if (event.target === picker || event.target.closest("[data-photo-close]")) picker.close();
  });
}

function open(error = "") {
  const told = picker.querySelector("[data-photo-error]");
  told.textContent = error;
  told.hidden = !error;
  if (!picker.open) picker.showModal();
  if (error) told.focus();
}

function dropping() {
  const hint = document.querySelector("[data-photo-drop]");
  // How many elements deep the file hangs over the page.
  let depth = 0;
  const on = (what, next) => addEventListener(what, (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    depth = Math.max(0, next(event.dataTransfer.files[0]));
    hint.hidden = !depth;
  });
  on("dragenter", () => depth + 1);
  on("dragleave", () => depth - 1);
  on("dragover", () => depth);
  on("drop", (file) => { if (file) search(file); return 0; });
}

/** Search with a file, whichever way it came; `input` is the field it was chosen in. */
async function search(file, input = null) {
  // Chosen, and then sent with the button: it is on its way already.
  if (chosen === file && current.view) return;
  chosen = file;
  say(word("reading"));
  const photo = await shrink(file);
  if (chosen !== file) return;
  if (!photo) return refuse(file, input);
  if (input) clearField(input);
  if (picker.open) picker.close();
  show(photo, paramsOf(input));
}

function paramsOf(input) {
  const form = input?.closest("[data-photo-form]");
  const said = ([name, value]) => value && typeof value === "string" && name !== "csrfmiddlewaretoken";
  const params = new URLSearchParams(form ? [...new FormData(form)].filter(said) : []);
  if (!params.has("k")) params.set("k", picker.dataset.k);
  return params;
}

/** Tell what is wrong with a file this browser cannot read: the server knows the kinds by their first bytes. */
async function refuse(file, input) {
  let words = word("unread");
  try {
    await post(path, file.slice(0, 65536), new URLSearchParams({ k: "1" }));
  } catch (error) {
    if (error instanceof Refused) words = error.message;
  }
  if (chosen !== file) return;
  chosen = null;
  say("");
  const form = input?.closest("[data-photo-form]");
  if (form) markField(input, words);
  else open(words);
  if (input) input.value = "";
}

function markField(input, words) {
  clearField(input);
  const told = Object.assign(document.createElement("p"), { id: `${input.id}_error`, className: "field-error", textContent: words });
  told.setAttribute("role", "alert");
  input.after(told);
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-describedby", `${input.id}_helptext ${told.id}`);
  input.focus();
}

function clearField(input) {
  document.getElementById(`${input.id}_error`)?.remove();
  input.removeAttribute("aria-invalid");
  if (input.id) input.setAttribute("aria-describedby", `${input.id}_helptext`);
}

/** Put a new view in place of the page, and search. */
function show(photo, params) {
  const form = main.querySelector(".photo-form");
  const root = shell.content.firstElementChild.cloneNode(true);
  leave();
  const view = new View(root, path, photo);
  adopt(view, form ? [root, form] : [root]);
  history.pushState({ photo: current.number }, "", path);
  main.replaceChildren(...current.nodes);
  scrollTo({ top: 0, behavior: "instant" });
  document.title = view.title;
  view.start(params);
}

function adopt(view, nodes) {
  const number = Date.now();
  current = { number, view, nodes, scroll: 0 };
  views.set(number, current);
}

/** Keep what is shown, for the way back. */
function leave() {
  current.view?.leave();
  current.nodes = [...main.childNodes];
  current.scroll = scrollY;
}

function onBack(event) {
  // A jump to a place in the page (#filters) makes an entry without a state.
  if (!event.state && current.view?.isAt(location)) return history.replaceState({ photo: current.number }, "");
  const number = event.state?.photo;
  const wanted = number ? views.get(number) : origin;
  if (wanted === current) return current.view?.comeBack(location);
  if (!wanted?.nodes || (wanted === origin && origin.href.split("#")[0] !== location.href.split("#")[0])) {
    return location.reload();
  }
  leave();
  current = wanted;
  chosen = null;
  main.replaceChildren(...current.nodes);
  document.title = (current.view ?? origin).title;
  scrollTo({ top: current.scroll, behavior: "instant" });
  current.view?.comeBack(location);
}

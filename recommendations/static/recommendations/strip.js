// Strips of cards: steps back and forth; another photo's neighbours, when the page says so by the event "vogue:photo".

import { ask } from "./photo/ask.js";
import { say } from "./photo/view.js";

for (const strip of document.querySelectorAll("[data-strip]")) {
  const list = strip.querySelector("[data-strip-list]");
  const buttons = [...strip.querySelectorAll("[data-strip-step]")];
  if (!list) continue;
  const look = () => {
    const room = list.scrollWidth - list.clientWidth;
    const at = Math.abs(list.scrollLeft);
    for (const button of buttons) {
      const end = Number(button.dataset.stripStep) < 0 ? at < 2 : at > room - 2;
      button.hidden = room < 4;
      // Not `disabled`: that would take the focus away.
      button.setAttribute("aria-disabled", end);
    }
  };
  for (const button of buttons) {
    button.addEventListener("click", () => {
      const way = getComputedStyle(list).direction === "rtl" ? -1 : 1;
      list.scrollBy({ left: way * Number(button.dataset.stripStep) * list.clientWidth * 0.85 });
    });
  }
  list.addEventListener("scroll", look, { passive: true });
  new ResizeObserver(look).observe(list);
  if (strip.dataset.strip) follow(strip, list, look);
}

function follow(strip, list, look) {
  let running;
  document.addEventListener("vogue:photo", async ({ detail: photo }) => {
    const address = new URL(strip.dataset.strip, location.href);
    address.searchParams.set("photo", photo);
    running?.abort();
    const { signal } = (running = new AbortController());
    strip.setAttribute("aria-busy", "true");
    try {
      const fresh = await ask(address, { signal });
      const cards = fresh.querySelector("[data-strip-list]");
      if (signal.aborted || !cards) return;
      list.replaceChildren(...cards.childNodes);
      list.scrollTo({ left: 0, behavior: "instant" });
      const [old, now] = [strip, fresh].map((root) => root.querySelector("[data-strip-all]"));
      if (old && now) old.href = now.href;
      look();
      say(fresh.querySelector("[data-said]")?.dataset.said ?? "");
    } catch (error) {
      // The strip stays as it is.
      if (!signal.aborted) say(error.message);
    } finally {
      if (running?.signal === signal) strip.removeAttribute("aria-busy");
    }
  });
}

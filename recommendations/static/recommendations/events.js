// What of an answer is seen and clicked, told to the shop by signed tokens, without a word about who: docs/events.md.
// A page has tokens only where events are counted and the browser does not ask to be left alone.

const HALF = 0.5, LOOK = 1000, PAUSE = 4000, MOST = 50;
const waiting = new Map(), told = new Set(), looks = new WeakMap();
let timer = 0;

const watcher = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    clearTimeout(looks.get(target));
    if (isIntersecting) looks.set(target, setTimeout(() => seen(target), LOOK));
  }
}, { threshold: HALF });

/** Watch the products below an element, and take the tokens off their links: here a script tells of clicks. */
function adopt(root) {
  for (const item of [...(root.matches?.("[data-event]") ? [root] : []), ...root.querySelectorAll("[data-event]")]) {
    watcher.observe(item);
    for (const link of item.querySelectorAll('a[href*="from="]')) {
      const url = new URL(link.href);
      if (url.searchParams.get("from") !== item.dataset.event) continue;
      url.searchParams.delete("from");
      link.setAttribute("href", url.pathname + url.search + url.hash);
    }
  }
}

function seen(item) {
  watcher.unobserve(item);
  note(item, "seen");
  timer ||= setTimeout(send, PAUSE);
}

function note(item, what) {
  const where = item.closest("[data-events]")?.dataset.events, token = item.dataset.event;
  if (!where || told.has(what + token)) return;
  told.add(what + token);
  if (!waiting.has(where)) waiting.set(where, []);
  waiting.get(where).push([what, token]);
}

function send() {
  clearTimeout(timer);
  timer = 0;
  for (const [where, events] of waiting) {
    while (events.length) navigator.sendBeacon(where, new URLSearchParams(events.splice(0, MOST)));
  }
}

function onClick(event) {
  // The left button, or the middle one, which opens another tab.
  if (event.button > 1) return;
  const link = event.target.closest?.("a[href]"), item = link?.closest("[data-event]");
  if (!item || link.closest("[data-event-other]")) return;
  note(item, "clicked");
  send();
}

if ("sendBeacon" in navigator) {
  adopt(document);
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) for (const node of addedNodes) if (node.nodeType === 1) adopt(node);
  }).observe(document.querySelector("main") ?? document.body, { childList: true, subtree: true });
  addEventListener("click", onClick, true);
  addEventListener("auxclick", onClick, true);
  addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") send(); });
  addEventListener("pagehide", send);
}

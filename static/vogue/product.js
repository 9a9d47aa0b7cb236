// The product's photos: thumbnails choose, a viewer enlarges.

const gallery = document.querySelector("[data-gallery]");
const viewer = document.querySelector("[data-zoom-viewer]");
const MOST = 6;
const otherTab = (event) => event.ctrlKey || event.metaKey || event.shiftKey || event.button;

if (gallery) choosing();
if (gallery && viewer) zooming();

function choosing() {
  const list = gallery.querySelector("[data-photos]");
  const thumbs = [...gallery.querySelectorAll(".gallery-thumbs a")];
  if (!thumbs.length) return;
  let current = thumbs.find((thumb) => thumb.hasAttribute("aria-current"));
  const choose = (thumb) => {
    if (!thumb || thumb === current) return;
    current?.removeAttribute("aria-current");
    thumb.setAttribute("aria-current", "true");
    current = thumb;
    history.replaceState(history.state, "", thumb.href);
    document.dispatchEvent(new CustomEvent("vogue:photo", { detail: thumb.dataset.photo }));
  };
  for (const thumb of thumbs) {
    thumb.addEventListener("click", (event) => {
      if (otherTab(event)) return;
      event.preventDefault();
      const photo = list.querySelector(`[data-photo="${thumb.dataset.photo}"]`);
      list.scrollTo({ left: photo.offsetLeft - list.firstElementChild.offsetLeft });
      choose(thumb);
    });
  }
  // A browser without this event keeps the thumbnails.
  list.addEventListener("scrollend", () => {
    const key = list.children[Math.round(Math.abs(list.scrollLeft) / list.clientWidth)]?.dataset.photo;
    choose(thumbs.find((thumb) => thumb.dataset.photo === key));
  });
}

function zooming() {
  const links = [...gallery.querySelectorAll("[data-zoom]")];
  const stage = viewer.querySelector("[data-zoom-stage]");
  const img = stage.appendChild(Object.assign(new Image(), { draggable: false }));
  const said = viewer.querySelector("[data-zoom-said]");
  const fingers = new Map();
  let at = 0, scale = 1, x = 0, y = 0, moved = 0, tapped = 0;

  const draw = () => {
    const [w, h] = [img.clientWidth, img.clientHeight].map((side) => (side * (scale - 1)) / 2);
    x = Math.min(w, Math.max(-w, x));
    y = Math.min(h, Math.max(-h, y));
    img.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
    stage.classList.toggle("zoomed", scale > 1);
  };
  // (left, top), from the middle, stays where it is.
  const zoom = (to, left = 0, top = 0) => {
    const next = Math.min(MOST, Math.max(1, to));
    x = left - ((left - x) * next) / scale;
    y = top - ((top - y) * next) / scale;
    scale = next;
    draw();
    said.textContent = said.dataset.words.replace("{n}", Math.round(scale * 10) / 10);
  };
  const point = (event) => {
    const box = stage.getBoundingClientRect();
    return [event.clientX - box.left - box.width / 2, event.clientY - box.top - box.height / 2];
  };
  const show = (n) => {
    at = (n + links.length) % links.length;
    const small = links[at].querySelector("img");
    img.src = links[at].href;
    img.alt = small?.alt ?? "";
    [scale, x, y] = [1, 0, 0];
    said.textContent = "";
    draw();
  };

  links.forEach((link, n) => link.addEventListener("click", (event) => {
    if (otherTab(event)) return;
    event.preventDefault();
    show(n);
    viewer.showModal();
    stage.focus();
  }));
  viewer.addEventListener("close", () => { img.removeAttribute("src"); links[at].focus(); });
  viewer.addEventListener("click", (event) => {
    const { zoomBy, zoomStep, zoomClose } = event.target.closest("button")?.dataset ?? {};
    if (zoomBy) zoom(scale * Number(zoomBy));
    else if (zoomStep) show(at + Number(zoomStep));
    else if (zoomClose !== undefined) viewer.close();
  });
  viewer.addEventListener("keydown", (event) => {
    const move = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] }[event.key];
    if (event.key === "+" || event.key === "=") zoom(scale * 1.5);
    else if (event.key === "-") zoom(scale / 1.5);
    else if (event.key === "0") zoom(1);
    else if (event.target !== stage) return;
    else if (event.key === "Enter" || event.key === " ") zoom(scale > 1 ? 1 : 2.5);
    else if (move && scale > 1) { x += move[0]; y += move[1]; draw(); }
    else if (move && move[0] && links.length > 1) show(at - Math.sign(move[0]));
    else return;
    event.preventDefault();
  });
  stage.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(scale * Math.exp(-event.deltaY / 300), ...point(event));
  }, { passive: false });
  stage.addEventListener("pointerdown", (event) => {
    stage.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, point(event));
    if (fingers.size === 1) moved = 0;
  });
  stage.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const now = point(event);
    moved += Math.hypot(now[0] - before[0], now[1] - before[1]);
    fingers.set(event.pointerId, now);
    const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const apart = (a) => Math.hypot(a[0] - other[0], a[1] - other[1]) || 1;
      zoom((scale * apart(now)) / apart(before), (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
    } else if (scale > 1) {
      x += now[0] - before[0];
      y += now[1] - before[1];
      draw();
    }
  });
  const lift = (event) => {
    if (!fingers.delete(event.pointerId) || event.type === "pointercancel" || fingers.size || moved > 8) return;
    // A click zooms, or two taps.
    const twice = event.timeStamp - tapped < 350;
    tapped = twice ? 0 : event.timeStamp;
    if (event.pointerType === "mouse" || twice) zoom(scale > 1 ? 1 : 2.5, ...point(event));
  };
  stage.addEventListener("pointerup", lift);
  stage.addEventListener("pointercancel", lift);
}

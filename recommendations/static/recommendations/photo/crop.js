// A box over the photo: moved and resized by pointer, touch and keyboard. Numbers are in per cent of the photo.

const LEAST = 5;
const CORNERS = { nw: [0, 0], ne: [1, 0], sw: [0, 1], se: [1, 1] };
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const within = (value, low, high) => Math.min(Math.max(value, low), high);

export class Crop {
  /** Put a box over the picture in `frame`. `changed(box)` is called as it moves. */
  constructor(frame, box, changed) {
    this.frame = frame;
    this.changed = changed;
    frame.querySelector(".crop-shade")?.remove();
    frame.append(document.querySelector("[data-crop-box]").content.cloneNode(true));
    this.shade = frame.querySelector(".crop-shade path");
    this.box = frame.querySelector(".crop-box");
    this.handles = Object.entries(CORNERS).map(([name, corner]) => {
      const handle = frame.querySelector(`.crop-${name}`);
      this.drag(handle, (dx, dy, from) => this.pull(corner, dx, dy, from));
      this.keys(handle, (dx, dy) => this.pull(corner, dx, dy, this.value));
      return [handle, corner];
    });
    this.drag(this.box, (dx, dy, from) => this.move(dx, dy, from));
    this.keys(this.box, (dx, dy, bigger) =>
      bigger ? this.pull([1, 1], dx, dy, this.value) : this.move(dx, dy, this.value));
    frame.onpointerdown = (event) => this.draw(event);
    this.show(box);
  }

  /** Show a box without telling anybody: [x, y, w, h]. */
  show(box) {
    this.value = box;
    const [x, y, w, h] = box;
    this.shade.setAttribute("d", `M0 0H100V100H0ZM${x} ${y}v${h}h${w}v${-h}Z`);
    // The whole photo cannot be moved: to press it begins a box, and a finger on it scrolls the page.
    this.box.classList.toggle("crop-whole", w >= 99 && h >= 99);
    place(this.box, x, y);
    this.box.style.width = `${w}%`;
    this.box.style.height = `${h}%`;
    for (const [handle, [right, lower]] of this.handles) place(handle, x + right * w, y + lower * h);
  }

  set([x, y, w, h]) {
    w = within(w, LEAST, 100);
    h = within(h, LEAST, 100);
    this.show([within(x, 0, 100 - w), within(y, 0, 100 - h), w, h].map((part) => Math.round(part * 10) / 10));
    this.changed(this.value);
  }

  move(dx, dy, [x, y, w, h]) {
    this.set([x + dx, y + dy, w, h]);
  }

  /** Move one corner; the opposite one stays where it is. */
  pull([right, lower], dx, dy, [x, y, w, h]) {
    const [left, width] = right ? [x, within(w + dx, LEAST, 100 - x)] : grown(x, w, dx);
    const [top, height] = lower ? [y, within(h + dy, LEAST, 100 - y)] : grown(y, h, dy);
    this.set([left, top, width, height]);
  }

  /** Begin a new box where the photo is pressed beside the old one. A finger there scrolls the page instead. */
  draw(event) {
    if (event.target.closest(".crop-box:not(.crop-whole), .crop-handle") || event.pointerType === "touch" || event.button) return;
    event.preventDefault();
    const { left, top, width, height } = this.frame.getBoundingClientRect();
    const from = [(100 * (event.clientX - left)) / width, (100 * (event.clientY - top)) / height];
    this.follow(event, this.frame, (dx, dy) => {
      const x = within(from[0] + Math.min(dx, 0), 0, 100), y = within(from[1] + Math.min(dy, 0), 0, 100);
      if (Math.abs(dx) > 1 && Math.abs(dy) > 1) {
        this.set([x, y, Math.min(Math.abs(dx), 100 - x), Math.min(Math.abs(dy), 100 - y)]);
      }
    });
  }

  drag(element, step) {
    element.onpointerdown = (event) => {
      if (event.button || element.matches(".crop-whole")) return;
      event.preventDefault();
      element.focus({ preventScroll: true });
      const from = this.value;
      this.follow(event, element, (dx, dy) => step(dx, dy, from));
    };
  }

  follow(start, element, step) {
    const { width, height } = this.frame.getBoundingClientRect();
    element.setPointerCapture(start.pointerId);
    const stop = new AbortController();
    const ends = () => stop.abort();
    element.addEventListener("pointermove", (event) => {
      step((100 * (event.clientX - start.clientX)) / width, (100 * (event.clientY - start.clientY)) / height);
    }, stop);
    element.addEventListener("pointerup", ends, stop);
    element.addEventListener("pointercancel", ends, stop);
  }

  keys(element, step) {
    element.addEventListener("keydown", (event) => {
      const arrow = ARROWS[event.key];
      if (!arrow || event.altKey || event.metaKey) return;
      event.preventDefault();
      const size = event.ctrlKey ? 10 : 2;
      step(arrow[0] * size, arrow[1] * size, event.shiftKey);
    });
  }
}

const grown = (start, size, d) => {
  const moved = within(start + d, 0, start + size - LEAST);
  return [moved, size + start - moved];
};

function place(element, x, y) {
  element.style.left = `${x}%`;
  element.style.top = `${y}%`;
}

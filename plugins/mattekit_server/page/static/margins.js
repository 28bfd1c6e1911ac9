// The margins around a cropped subject: each side of the frame has a handle to pull it by, or keys.

import { h } from "./dom.js";
import { label, onLanguage, t } from "./texts.js";

const MOST = 50; // per cent of the subject
const STEP = 1;
const SIDES = ["top", "right", "bottom", "left"];
const STEPS = { ArrowUp: ["top", "bottom"], ArrowDown: ["bottom", "top"], ArrowLeft: ["left", "right"], ArrowRight: ["right", "left"] };

export class Margins {
  /** Of the picture that is shown. */
  options = {};
  #pull = null;

  /** `change` is given the margins as the option wants them. */
  constructor(viewer, element, change) {
    Object.assign(this, { viewer, element, change });
    this.handles = SIDES.map((side) => {
      const handle = h("div", { class: `margin ${side}`, role: "slider", tabindex: "0", "aria-valuemin": "0", "aria-valuemax": String(MOST) }, h("span"));
      handle.addEventListener("pointerdown", (event) => this.#down(event, side));
      handle.addEventListener("pointermove", (event) => this.#move(event));
      handle.addEventListener("pointerup", () => this.#up(true));
      handle.addEventListener("pointercancel", () => this.#up(false));
      handle.addEventListener("keydown", (event) => this.#key(event, side));
      return handle;
    });
    element.append(...this.handles);
    const tell = () => SIDES.forEach((side, index) => label(this.handles[index], t(`margin.${side}`)));
    tell();
    onLanguage(tell);
    viewer.addEventListener("view", () => this.place());
  }

  show(on) {
    this.on = on;
    this.place();
  }

  /** Margins in per cent of the subject, or null where the frame is not made of them. */
  get #values() {
    const { facts } = this.viewer.shown ?? {};
    const { crop, crop_margin = "0%", scale, aspect } = this.options;
    if (!facts?.box || crop !== "true" || scale || aspect) return null;
    const given = crop_margin.split(" ").map(parseFloat);
    const [top, right = top, bottom = top, left = right] = given;
    return { top, right, bottom, left };
  }

  place() {
    const values = this.#pull?.values ?? this.#values;
    this.element.hidden = !this.on || !values;
    if (this.element.hidden) return;
    const { rect } = this.viewer;
    const { top, right, bottom, left } = this.#pull?.by ?? { top: 0, right: 0, bottom: 0, left: 0 };
    Object.assign(this.element.style, {
      left: `${rect.x - left}px`,
      top: `${rect.y - top}px`,
      width: `${rect.width + left + right}px`,
      height: `${rect.height + top + bottom}px`,
    });
    SIDES.forEach((side, index) => {
      const value = Math.round(values[side] * 10) / 10;
      this.handles[index].setAttribute("aria-valuenow", value);
      this.handles[index].setAttribute("aria-valuetext", `${value} %`);
    });
  }

  /** Screen pixels of one per cent of the subject, across or down. */
  #unit(side) {
    const { facts } = this.viewer.shown;
    const [left, top, right, bottom] = facts.box;
    const { rect } = this.viewer;
    const across = side === "left" || side === "right";
    return across ? ((right - left) / facts.width) * (rect.width / 100) : ((bottom - top) / facts.height) * (rect.height / 100);
  }

  #down(event, side) {
    const values = this.#values;
    if (!values || event.button) return;
    event.preventDefault();
    event.currentTarget.setPointerCapture(event.pointerId);
    event.currentTarget.focus({ preventScroll: true });
    this.#pull = { side, x: event.clientX, y: event.clientY, before: values, values, by: { top: 0, right: 0, bottom: 0, left: 0 } };
  }

  #move(event) {
    if (!this.#pull) return;
    const { side, x, y, before } = this.#pull;
    const pulled = { left: x - event.clientX, right: event.clientX - x, top: y - event.clientY, bottom: event.clientY - y }[side];
    const unit = this.#unit(side);
    const value = limited(before[side] + pulled / unit);
    this.#pull.values = { ...before, [side]: value };
    this.#pull.by[side] = (value - before[side]) * unit;
    this.place();
  }

  #up(done) {
    const pull = this.#pull;
    this.#pull = null;
    if (pull && done && pull.values !== pull.before) this.#tell(pull.values);
    this.place();
  }

  #key(event, side) {
    const values = this.#values;
    if (!values || !(event.key in STEPS)) return;
    event.preventDefault();
    event.stopPropagation();
    const [out, back] = STEPS[event.key];
    // Outward is more; keys across a side say more and less as on any slider.
    const step = side === out ? STEP : side === back ? -STEP : ["ArrowUp", "ArrowRight"].includes(event.key) ? STEP : -STEP;
    this.#tell({ ...values, [side]: limited(values[side] + step) });
  }

  #tell(values) {
    const texts = SIDES.map((side) => `${values[side].toFixed(1)}%`);
    this.change(new Set(texts).size === 1 ? texts[0] : texts.join(" "));
  }
}

function limited(value) {
  return Math.min(MOST, Math.max(0, value));
}

// The subject in its frame: dragged, sized by its corners, or moved by keys.

const STEP = 2; // per cent

export class SubjectBox {
  #start = null;
  #rect = null;

  /** `change` is given {position, scale} as the options want them. */
  constructor(viewer, element, change) {
    Object.assign(this, { viewer, element, change });
    element.addEventListener("pointerdown", (event) => this.#down(event));
    element.addEventListener("pointermove", (event) => this.#move(event));
    element.addEventListener("pointerup", () => this.#up(true));
    element.addEventListener("pointercancel", () => this.#up(false));
    element.addEventListener("keydown", (event) => this.#key(event));
    viewer.addEventListener("view", () => this.place());
  }

  /** The subject's rectangle in shares of the frame; null where there is none. */
  get shares() {
    const { facts } = this.viewer.shown ?? {};
    if (!facts?.box) return null;
    const [left, top, right, bottom] = facts.box;
    return { left: left / facts.width, top: top / facts.height, width: (right - left) / facts.width, height: (bottom - top) / facts.height };
  }

  show(on) {
    this.on = on;
    this.place();
  }

  place() {
    const shares = this.#rect ?? this.shares;
    this.element.hidden = !this.on || !shares;
    if (this.element.hidden) return;
    const { rect } = this.viewer;
    Object.assign(this.element.style, {
      left: `${rect.x + shares.left * rect.width}px`,
      top: `${rect.y + shares.top * rect.height}px`,
      width: `${shares.width * rect.width}px`,
      height: `${shares.height * rect.height}px`,
    });
  }

  /** While it is dragged, the subject is seen where it would go. */
  draw(context) {
    if (!this.#rect) return;
    const { after, facts } = this.viewer.shown;
    const { rect } = this.viewer;
    const [left, top, right, bottom] = facts.box;
    const unit = after.width / facts.width;
    context.globalAlpha = 0.7;
    context.drawImage(
      after, left * unit, top * unit, (right - left) * unit, (bottom - top) * unit,
      rect.x + this.#rect.left * rect.width, rect.y + this.#rect.top * rect.height,
      this.#rect.width * rect.width, this.#rect.height * rect.height,
    );
    context.globalAlpha = 1;
  }

  #down(event) {
    const shares = this.shares;
    if (!shares || event.button) return;
    this.element.setPointerCapture(event.pointerId);
    const corner = [...this.element.querySelectorAll("i")].indexOf(event.target);
    this.#start = { x: event.clientX, y: event.clientY, shares, corner };
  }

  #move(event) {
    if (!this.#start) return;
    const { rect } = this.viewer;
    const { shares, corner } = this.#start;
    const dx = (event.clientX - this.#start.x) / rect.width;
    const dy = (event.clientY - this.#start.y) / rect.height;
    this.#rect = corner < 0 ? moved(shares, dx, dy) : sized(shares, corner, dx, dy);
    this.place();
    this.viewer.redraw();
  }

  #up(done) {
    const rect = this.#rect;
    const corner = this.#start?.corner ?? -1;
    this.#start = this.#rect = null;
    if (rect && done) this.#tell(rect, corner >= 0);
    this.place();
    this.viewer.redraw();
  }

  #key(event) {
    const shares = this.shares;
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    if (!shares) return;
    if (event.key in steps) {
      const [dx, dy] = steps[event.key].map((each) => (each * STEP) / 100);
      this.#tell(moved(shares, dx, dy), false);
    } else if (event.key === "+" || event.key === "-") {
      const factor = event.key === "+" ? 1.05 : 1 / 1.05;
      this.#tell(limited({ ...shares, width: shares.width * factor, height: shares.height * factor }), true);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #tell({ left, top, width, height }, scaled) {
    const share = (offset, room) => (room < 1e-6 ? 50 : Math.min(100, Math.max(0, (offset / room) * 100)));
    const position = `${share(left, 1 - width).toFixed(1)}% ${share(top, 1 - height).toFixed(1)}%`;
    const scale = `${Math.min(100, Math.max(10, Math.max(width, height) * 100)).toFixed(1)}%`;
    this.change(scaled ? { position, scale } : { position });
  }
}

function moved(shares, dx, dy) {
  const clamp = (value, room) => Math.min(Math.max(0, room), Math.max(Math.min(0, room), value));
  return { ...shares, left: clamp(shares.left + dx, 1 - shares.width), top: clamp(shares.top + dy, 1 - shares.height) };
}

// Corners in their order: upper left, upper right, lower right, lower left; the opposite one stays.
function sized(shares, corner, dx, dy) {
  const right = corner === 1 || corner === 2;
  const low = corner >= 2;
  const grown = Math.max((right ? dx : -dx) / shares.width, (low ? dy : -dy) / shares.height);
  const factor = Math.max(0.1 / Math.max(shares.width, shares.height), 1 + grown);
  const width = shares.width * factor;
  const height = shares.height * factor;
  return limited({
    left: right ? shares.left : shares.left + shares.width - width,
    top: low ? shares.top : shares.top + shares.height - height,
    width,
    height,
  });
}

function limited(shares) {
  const most = Math.max(shares.width, shares.height);
  const factor = most > 1 ? 1 / most : 1;
  const next = { ...shares, width: shares.width * factor, height: shares.height * factor };
  return moved(next, 0, 0);
}

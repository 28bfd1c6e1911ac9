// Marks: what a brush, a click or a box says should be kept or removed.

const KEEP = "46 160 96";
const REMOVE = "214 64 64";
const CLOSEST = 1.5; // screen pixels between points of a stroke
const CROSS = 12;

/** A tool for the viewer; `done` is given each finished mark. */
export class MarkTool {
  keep = true;
  shape = "stroke";
  size = 36;
  soft = 0.2;
  drawn = null;
  cross = null;
  /** Is given the place of the next click, in pixels of the photo, instead of a mark. */
  pick = null;

  constructor(viewer, done) {
    this.viewer = viewer;
    this.done = done;
  }

  start(x, y) {
    this.cross = null;
    this.#begin(x, y);
  }

  get #shape() {
    return this.pick ? "point" : this.shape;
  }

  #begin(x, y) {
    const photo = this.viewer.screenToPhoto(x, y).map(round);
    const scale = this.viewer.scale * this.viewer.placement.x;
    // What the brush's soft rim covers is left to the network.
    const shape = this.#shape;
    const size = shape === "stroke" ? round((this.size * (1 - this.soft)) / scale) : 0;
    const points = shape === "box" ? [...photo, ...photo] : photo;
    this.drawn = { keep: this.keep, shape, points, size: Math.max(1, size) };
    this.last = [x, y];
  }

  move(x, y) {
    if (!this.drawn) return;
    const photo = this.viewer.screenToPhoto(x, y).map(round);
    if (this.drawn.shape === "box") this.drawn.points.splice(2, 2, ...photo);
    else if (this.drawn.shape === "stroke" && Math.hypot(x - this.last[0], y - this.last[1]) >= CLOSEST) {
      this.drawn.points.push(...photo);
      this.last = [x, y];
    }
  }

  end(cancelled = false) {
    const mark = this.drawn;
    this.drawn = null;
    if (!mark || cancelled) return;
    if (mark.shape === "box") {
      const [x1, y1, x2, y2] = mark.points;
      mark.points = [Math.min(x1, x2), Math.min(y1, y2), Math.max(x1, x2), Math.max(y1, y2)];
      if (mark.points[2] - mark.points[0] < 1 || mark.points[3] - mark.points[1] < 1) return;
    }
    if (this.pick) this.pick(this.#inside(mark).points);
    else this.done(this.#inside(mark));
  }

  cancel() {
    this.drawn = null;
  }

  /** Marks lie on the picture, whatever the hand did beyond its edge. */
  #inside(mark) {
    const { width, height } = this.viewer.shown.picture;
    const points = mark.points.map((value, index) => Math.min(index % 2 ? height - 1 : width - 1, Math.max(0, value)));
    return Object.freeze({ ...mark, points: Object.freeze(points) });
  }

  // -- without a pointer ---------------------------------------------------------------------------

  /** Handle a key; returns whether it was one of the tool's. */
  key(event) {
    const step = event.shiftKey ? 40 : 8;
    const steps = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    const { rect } = this.viewer;
    this.cross ??= [rect.x + rect.width / 2, rect.y + rect.height / 2];
    if (event.key in steps) {
      const [dx, dy] = steps[event.key];
      this.cross = [this.cross[0] + dx, this.cross[1] + dy];
      if (this.drawn) this.move(...this.cross);
    } else if (event.key === "Enter" || event.key === " ") {
      if (this.drawn) this.end();
      else {
        const cross = this.cross;
        this.#begin(...cross);
        if (this.#shape === "point") this.end();
      }
    } else if (event.key === "Escape" && this.drawn) this.cancel();
    else return false;
    this.viewer.redraw();
    return true;
  }

  // -- seen ------------------------------------------------------------------------------------------

  draw(context, marks, pending) {
    marks.forEach((mark) => this.#drawMark(context, mark, pending.has(mark) ? 0.55 : 0.16));
    if (this.drawn) this.#drawMark(context, this.drawn, 0.6);
    const at = this.viewer.cursor ?? this.cross;
    if (at && this.viewer.tool === this) this.#drawCursor(context, at);
  }

  #drawMark(context, mark, alpha) {
    const points = [];
    for (let index = 0; index < mark.points.length; index += 2) {
      points.push(this.viewer.photoToScreen(mark.points[index], mark.points[index + 1]));
    }
    const color = mark.keep ? KEEP : REMOVE;
    context.save();
    context.strokeStyle = context.fillStyle = `rgb(${color} / ${alpha})`;
    if (mark.shape === "box") {
      const [[left, top], [right, bottom]] = points;
      context.fillStyle = `rgb(${color} / ${alpha / 3})`;
      context.lineWidth = 2;
      context.fillRect(left, top, right - left, bottom - top);
      context.strokeRect(left, top, right - left, bottom - top);
    } else if (mark.shape === "point") {
      context.beginPath();
      context.arc(...points[0], 7, 0, 2 * Math.PI);
      context.fill();
      context.lineWidth = 2;
      context.strokeStyle = `rgb(255 255 255 / ${alpha + 0.3})`;
      context.stroke();
    } else {
      context.lineWidth = Math.max(2, mark.size * this.viewer.scale * this.viewer.placement.x);
      context.lineCap = context.lineJoin = "round";
      context.beginPath();
      context.moveTo(...points[0]);
      points.forEach((point) => context.lineTo(...point));
      context.stroke();
    }
    context.restore();
  }

  #drawCursor(context, [x, y]) {
    const rings = this.#shape === "stroke" ? [this.size / 2, (this.size * (1 - this.soft)) / 2] : [];
    context.save();
    for (const [color, width] of [["rgb(0 0 0 / .65)", 3], ["rgb(255 255 255 / .95)", 1.25]]) {
      context.strokeStyle = color;
      context.lineWidth = width;
      rings.forEach((radius, index) => {
        context.setLineDash(index ? [3, 3] : []);
        context.beginPath();
        context.arc(x, y, Math.max(1, radius), 0, 2 * Math.PI);
        context.stroke();
      });
      context.setLineDash([]);
      if (!rings.length || !this.viewer.cursor) {
        context.beginPath();
        context.moveTo(x - CROSS, y);
        context.lineTo(x + CROSS, y);
        context.moveTo(x, y - CROSS);
        context.lineTo(x, y + CROSS);
        context.stroke();
      }
    }
    context.restore();
  }
}

function round(value) {
  return Math.round(value * 10) / 10;
}

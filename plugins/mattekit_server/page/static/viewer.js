// What is seen of a picture: before and after, near and far, and the marks that are made on it.
//
// Lengths are in pixels of the result at full size ("world"), CSS pixels of the window ("screen"), or
// pixels of the upright photo ("photo"); `facts` of the server lead from photo to world.

import { call, getJson } from "./api.js";

const TILE = 512;
const TILES = 160; // pieces in memory
const AT_ONCE = 4;
const MARGIN = 24;
const LARGEST = 40; // screen pixels of one pixel
const STEP = 1.25;
const CHECK = 12;

export class Viewer extends EventTarget {
  /** A function that is given the context and the viewer after each drawing. */
  overlay = null;
  /** "slide", "after", "before" or "ghost": the photo faintly under the result. */
  mode = "slide";
  divider = 0.5;
  tool = null;
  locked = false;
  cursor = null;

  #canvas;
  #context;
  #host;
  #layers = null; // {picture, before, after, facts, full}
  #scale = 1;
  #x = 0;
  #y = 0;
  #fitted = true;
  #dirty = false;
  #pointers = new Map();
  #gesture = null;
  #tiles = new Map();
  #wanted = [];
  #loading = 0;
  #checks = { light: null, dark: null };

  constructor(host, canvas) {
    super();
    this.#host = host;
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d");
    new ResizeObserver(() => this.#resized()).observe(host);
    host.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    canvas.addEventListener("pointerleave", () => this.setCursor(null));
    for (const name of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(name, (event) => this.#up(event));
    }
    canvas.addEventListener("dblclick", (event) => {
      if (!this.tool) this.zoomAt(this.#scale < 1 ? 1 / this.#scale : this.#fitScale() / this.#scale, event.offsetX, event.offsetY);
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.redraw());
  }

  // -- what is shown -------------------------------------------------------------------------------

  /** Show a picture; what was zoomed into stays, unless it is another picture or another frame. */
  show(picture, before, after, facts) {
    const old = this.#layers;
    // Sides are whole pixels, so that the two are not scaled quite alike.
    const factor = { x: picture.width / before.width, y: picture.height / before.height };
    const frame = { width: facts.width * factor.x, height: facts.height * factor.y };
    const same = old && old.picture === picture && near(old.frame, frame);
    this.#layers = { picture, before, after, facts, factor, frame, full: null };
    this.#tiles.clear();
    this.#wanted = [];
    if (!same || this.#fitted) this.fit();
    this.redraw();
  }

  clear() {
    this.#layers = null;
    this.redraw();
  }

  get shown() {
    return this.#layers;
  }

  get size() {
    return this.#layers?.full ?? this.#layers?.frame ?? { width: 1, height: 1 };
  }

  get scale() {
    return this.#scale;
  }

  /** The result's rectangle on the screen. */
  get rect() {
    const { width, height } = this.size;
    return { x: this.#x, y: this.#y, width: width * this.#scale, height: height * this.#scale };
  }

  toWorld(x, y) {
    return [(x - this.#x) / this.#scale, (y - this.#y) / this.#scale];
  }

  toScreen(x, y) {
    return [x * this.#scale + this.#x, y * this.#scale + this.#y];
  }

  /** From pixels of the photo to world: {x, y} are scales, {dx, dy} offsets. */
  get placement() {
    const { facts, factor, full } = this.#layers;
    if (full) return { x: full.x_scale, y: full.y_scale, dx: full.dx, dy: full.dy };
    return { x: facts.x_scale * factor.x, y: facts.y_scale * factor.y, dx: facts.dx * factor.x, dy: facts.dy * factor.y };
  }

  photoToScreen(x, y) {
    const place = this.placement;
    return this.toScreen(x * place.x + place.dx, y * place.y + place.dy);
  }

  screenToPhoto(x, y) {
    const place = this.placement;
    const [wx, wy] = this.toWorld(x, y);
    return [(wx - place.dx) / place.x, (wy - place.dy) / place.y];
  }

  // -- near and far ----------------------------------------------------------------------------------

  fit() {
    this.#fitted = true;
    this.#scale = this.#fitScale();
    const { width, height } = this.size;
    this.#x = (this.#host.clientWidth - width * this.#scale) / 2;
    this.#y = (this.#host.clientHeight - height * this.#scale) / 2;
    this.#viewChanged();
  }

  zoomAt(factor, x = this.#host.clientWidth / 2, y = this.#host.clientHeight / 2) {
    const scale = Math.min(LARGEST, Math.max(this.#fitScale() / 2, this.#scale * factor));
    const [wx, wy] = this.toWorld(x, y);
    this.#scale = scale;
    this.#fitted = false;
    this.#x = x - wx * scale;
    this.#y = y - wy * scale;
    this.#viewChanged();
  }

  zoomIn() {
    this.zoomAt(STEP);
  }

  zoomOut() {
    this.zoomAt(1 / STEP);
  }

  /** Show pixel for pixel of the screen. */
  zoomToPixels() {
    this.zoomAt(1 / devicePixelRatio / this.#scale);
  }

  pan(dx, dy) {
    this.#x += dx;
    this.#y += dy;
    this.#fitted = false;
    this.#viewChanged();
  }

  #fitScale() {
    const { width, height } = this.size;
    const room = Math.min(MARGIN, this.#host.clientWidth / 20);
    const scale = Math.min((this.#host.clientWidth - 2 * room) / width, (this.#host.clientHeight - 2 * room) / height);
    // Small pictures are not blown up beyond what can be judged.
    return Math.max(0.001, Math.min(scale, 4));
  }

  #viewChanged() {
    // Some of the picture always stays within reach.
    const { width, height } = this.size;
    const keep = 48;
    this.#x = Math.min(this.#host.clientWidth - keep, Math.max(keep - width * this.#scale, this.#x));
    this.#y = Math.min(this.#host.clientHeight - keep, Math.max(keep - height * this.#scale, this.#y));
    this.redraw();
    this.dispatchEvent(new Event("view"));
  }

  #resized() {
    const ratio = devicePixelRatio;
    this.#canvas.width = Math.round(this.#host.clientWidth * ratio);
    this.#canvas.height = Math.round(this.#host.clientHeight * ratio);
    if (this.#fitted) this.fit();
    else this.#viewChanged();
  }

  // -- drawing ---------------------------------------------------------------------------------------

  redraw() {
    if (this.#dirty) return;
    this.#dirty = true;
    requestAnimationFrame(() => {
      this.#dirty = false;
      this.#draw();
    });
  }

  #draw() {
    const context = this.#context;
    const ratio = devicePixelRatio;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    if (!this.#layers) return;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const rect = this.rect;
    const smooth = this.#scale * ratio < 3;
    context.imageSmoothingEnabled = smooth;
    context.imageSmoothingQuality = "high";
    const split = this.mode === "slide" ? rect.x + rect.width * this.divider : this.mode === "before" ? Infinity : -Infinity;
    this.#clipped(rect, split, Infinity, () => {
      this.#drawChecks(rect);
      if (this.mode === "ghost") {
        context.globalAlpha = 0.28;
        this.#drawBefore();
        context.globalAlpha = 1;
      }
      this.#drawAfter(rect);
    });
    this.#clipped(rect, -Infinity, split, () => {
      this.#drawChecks(rect);
      this.#drawBefore();
    });
    this.#askForTiles(rect, split);
    this.overlay?.(context, this);
  }

  #clipped(rect, from, to, draw) {
    const left = Math.max(rect.x, from, 0);
    const right = Math.min(rect.x + rect.width, to, this.#host.clientWidth);
    if (right <= left) return;
    const context = this.#context;
    context.save();
    context.beginPath();
    context.rect(left, rect.y, right - left, rect.height);
    context.clip();
    draw();
    context.restore();
  }

  #drawChecks(rect) {
    const context = this.#context;
    const pattern = this.#checksPattern();
    pattern.setTransform(new DOMMatrix().translate(rect.x, rect.y));
    context.fillStyle = pattern;
    context.fillRect(rect.x, rect.y, rect.width, rect.height);
  }

  #checksPattern() {
    const style = getComputedStyle(document.documentElement);
    const colors = [style.getPropertyValue("--check-1"), style.getPropertyValue("--check-2")];
    const name = colors.join();
    if (this.#checks.name !== name) {
      const tile = new OffscreenCanvas(2 * CHECK, 2 * CHECK);
      const context = tile.getContext("2d");
      context.fillStyle = colors[0];
      context.fillRect(0, 0, 2 * CHECK, 2 * CHECK);
      context.fillStyle = colors[1];
      context.fillRect(0, 0, CHECK, CHECK);
      context.fillRect(CHECK, CHECK, CHECK, CHECK);
      this.#checks = { name, pattern: this.#context.createPattern(tile, "repeat") };
    }
    return this.#checks.pattern;
  }

  #drawAfter(rect) {
    this.#context.drawImage(this.#layers.after, rect.x, rect.y, rect.width, rect.height);
    this.#drawTiles(this.#layers.facts.edit, (x, y) => this.toScreen(x, y), this.#scale, this.#scale);
  }

  #drawBefore() {
    const { before, picture } = this.#layers;
    const [left, top] = this.photoToScreen(0, 0);
    const [right, bottom] = this.photoToScreen(picture.width, picture.height);
    this.#context.drawImage(before, left, top, right - left, bottom - top);
    const place = this.placement;
    this.#drawTiles(0, (x, y) => this.photoToScreen(x, y), this.#scale * place.x, this.#scale * place.y);
  }

  // -- pieces at full size -----------------------------------------------------------------------------

  get #level() {
    return Math.max(0, Math.floor(-Math.log2(this.#scale * devicePixelRatio) + 0.25));
  }

  #needsTiles() {
    const { factor } = this.#layers;
    return factor.x > 1 && !this.locked && this.#scale * devicePixelRatio * factor.x > 1.15;
  }

  #drawTiles(edit, place, xScale, yScale) {
    if (!this.#needsTiles()) return;
    const level = this.#level;
    const side = TILE * 2 ** level;
    for (const [name, tile] of [...this.#tiles]) {
      if (tile.edit !== edit || tile.level !== level || !tile.bitmap) continue;
      const [x, y] = place(tile.column * side, tile.row * side);
      const step = 2 ** level;
      this.#context.drawImage(tile.bitmap, x, y, tile.bitmap.width * step * xScale, tile.bitmap.height * step * yScale);
      // The most recently used are at the end.
      this.#tiles.delete(name);
      this.#tiles.set(name, tile);
    }
  }

  #askForTiles(rect, split) {
    if (!this.#needsTiles()) return;
    const layers = this.#layers;
    const width = this.#host.clientWidth;
    const height = this.#host.clientHeight;
    this.#wanted = [];
    if (split > 0) {
      const corners = [this.screenToPhoto(0, 0), this.screenToPhoto(Math.min(split, width), height)];
      this.#want(0, corners, layers.picture);
    }
    if (split < width) {
      if (layers.full) {
        this.#want(layers.facts.edit, [this.toWorld(Math.max(0, split), 0), this.toWorld(width, height)], layers.full);
      } else void this.#loadFull(layers);
    }
    this.#loadTiles();
  }

  /** Ask where the result lies at full size, which has the server make it. */
  async #loadFull(layers) {
    if (layers.asked) return;
    layers.asked = true;
    this.dispatchEvent(new CustomEvent("full", { detail: true }));
    try {
      const full = await getJson(`pictures/${layers.picture.id}/results/${layers.facts.edit}`);
      if (this.#layers !== layers) return;
      layers.full = full;
      this.redraw();
    } catch (error) {
      this.dispatchEvent(new CustomEvent("problem", { detail: error }));
    } finally {
      this.dispatchEvent(new CustomEvent("full", { detail: false }));
    }
  }

  #want(edit, [[left, top], [right, bottom]], size) {
    const level = this.#level;
    const side = TILE * 2 ** level;
    const last = (length) => Math.ceil(length / side) - 1;
    const clamp = (value, most) => Math.min(most, Math.max(0, Math.floor(value / side)));
    if (right < 0 || bottom < 0 || left > size.width || top > size.height) return;
    for (let row = clamp(top, last(size.height)); row <= clamp(bottom, last(size.height)); row += 1) {
      for (let column = clamp(left, last(size.width)); column <= clamp(right, last(size.width)); column += 1) {
        const path = `${edit}/${level}/${column}/${row}`;
        if (!this.#tiles.has(path)) this.#wanted.push({ path, edit, level, column, row });
      }
    }
  }

  #loadTiles() {
    while (this.#loading < AT_ONCE && this.#wanted.length) {
      const tile = this.#wanted.shift();
      this.#tiles.set(tile.path, tile);
      while (this.#tiles.size > TILES) {
        const [oldest, { bitmap }] = this.#tiles.entries().next().value;
        bitmap?.close();
        this.#tiles.delete(oldest);
      }
      this.#loading += 1;
      void this.#loadTile(tile).finally(() => {
        this.#loading -= 1;
        this.#loadTiles();
      });
    }
  }

  async #loadTile(tile) {
    const { picture } = this.#layers;
    try {
      const answer = await call(`pictures/${picture.id}/tiles/${tile.path}`);
      tile.bitmap = await createImageBitmap(await answer.blob());
      this.redraw();
    } catch (error) {
      this.#tiles.delete(tile.path);
      this.#wanted = [];
      if (this.#layers?.picture === picture) this.dispatchEvent(new CustomEvent("problem", { detail: error }));
    }
  }

  // -- hands -------------------------------------------------------------------------------------------

  setCursor(point) {
    this.cursor = point;
    if (this.tool) this.redraw();
  }

  #wheel(event) {
    if (!this.#layers) return;
    event.preventDefault();
    const box = this.#host.getBoundingClientRect();
    if (event.shiftKey) this.pan(-event.deltaX - event.deltaY, 0);
    else {
      const lines = event.deltaMode === 1 ? 16 : 1;
      this.zoomAt(Math.exp((-event.deltaY * lines) / (event.ctrlKey ? 120 : 400)), event.clientX - box.left, event.clientY - box.top);
    }
  }

  #down(event) {
    if (!this.#layers || (event.pointerType === "mouse" && event.button > 1)) return;
    this.#host.focus({ preventScroll: true });
    this.#canvas.setPointerCapture(event.pointerId);
    this.#pointers.set(event.pointerId, [event.offsetX, event.offsetY]);
    if (this.#pointers.size === 2) {
      this.tool?.cancel();
      this.#gesture = "pinch";
    } else if (this.#pointers.size === 1) {
      const pans = !this.tool || event.button === 1 || this.#host.classList.contains("moving");
      this.#gesture = pans ? "pan" : "tool";
      if (!pans) this.tool.start(event.offsetX, event.offsetY);
    }
  }

  #move(event) {
    const old = this.#pointers.get(event.pointerId);
    const now = [event.offsetX, event.offsetY];
    if (event.pointerType !== "touch") this.setCursor(now);
    if (!old) return;
    if (this.#gesture === "pan") this.pan(now[0] - old[0], now[1] - old[1]);
    else if (this.#gesture === "pinch") this.#pinch(event.pointerId, now);
    else if (this.#gesture === "tool") {
      for (const each of event.getCoalescedEvents?.() ?? [event]) this.tool.move(each.offsetX, each.offsetY);
      this.redraw();
    }
    this.#pointers.set(event.pointerId, now);
  }

  #pinch(id, now) {
    const other = [...this.#pointers].find(([each]) => each !== id)?.[1];
    const old = this.#pointers.get(id);
    if (!other) return;
    const middle = (point) => [(point[0] + other[0]) / 2, (point[1] + other[1]) / 2];
    const length = (point) => Math.hypot(point[0] - other[0], point[1] - other[1]);
    const [from, to] = [middle(old), middle(now)];
    this.pan(to[0] - from[0], to[1] - from[1]);
    this.zoomAt(length(now) / Math.max(1, length(old)), ...to);
  }

  #up(event) {
    if (!this.#pointers.delete(event.pointerId)) return;
    if (this.#gesture === "tool") this.tool?.end(event.type === "pointercancel");
    if (this.#pointers.size === 0) this.#gesture = null;
  }
}

function near(a, b) {
  return Math.abs(a.width - b.width) < 2 && Math.abs(a.height - b.height) < 2;
}

// The pictures of a window: on their way in, worked on, ready. One object per picture.

import { ApiError, AwayError, call, getJson, inWords, upload } from "./api.js";
import { EMPTY, History } from "./history.js";

/** Pictures that are sent at once. */
const AT_ONCE = 2;

export class Picture {
  constructor({ file = null, url = "", name }) {
    Object.assign(this, {
      file, url, name,
      id: "", status: "queued", progress: 0, error: null,
      width: 0, height: 0, found: true, kind: "other", paid: true,
      history: new History(), version: 0,
      thumb: "", before: null, view: null,
    });
  }

  get ready() {
    return this.status === "ready";
  }
}

export class Pictures extends EventTarget {
  list = [];
  current = null;
  session = null;
  #running = 0;
  #saving = new Map();

  changed(what, picture = null) {
    this.dispatchEvent(new CustomEvent("change", { detail: { what, picture } }));
  }

  // -- in ------------------------------------------------------------------------------------------

  add(sources) {
    const added = sources.map((source) => new Picture(source));
    this.list.push(...added);
    if (!this.current?.ready && added.length) this.select(added[0]);
    this.changed("list");
    for (const picture of added) void this.#makeThumb(picture);
    this.#next();
  }

  again(picture) {
    Object.assign(picture, { status: "queued", error: null, progress: 0 });
    this.changed("picture", picture);
    this.#next();
  }

  remove(picture) {
    const index = this.list.indexOf(picture);
    this.list.splice(index, 1);
    picture.abort?.abort();
    if (picture.id) call(`pictures/${picture.id}`, { method: "DELETE" }).catch(ignoreGone);
    if (picture.thumb) URL.revokeObjectURL(picture.thumb);
    if (this.current === picture) this.select(this.list[index] ?? this.list[index - 1] ?? null);
    this.changed("list");
  }

  select(picture) {
    this.current = picture;
    this.changed("current", picture);
  }

  #next() {
    while (this.#running < AT_ONCE) {
      const picture = this.list.find((each) => each.status === "queued");
      if (!picture) return;
      this.#running += 1;
      void this.#send(picture).finally(() => {
        this.#running -= 1;
        this.#next();
      });
    }
  }

  async #send(picture) {
    picture.status = "uploading";
    picture.progress = 0;
    picture.abort = new AbortController();
    this.changed("picture", picture);
    try {
      const found = await upload("pictures", picture, {
        signal: picture.abort.signal,
        onProgress: (share) => {
          picture.progress = share;
          if (share === 1) picture.status = "working";
          this.changed("picture", picture);
        },
      });
      Object.assign(picture, found, { status: "ready", version: 0 });
      if (picture.history.current !== EMPTY) this.save(picture);
      await this.#loadBefore(picture);
    } catch (error) {
      if (error.name === "AbortError") return;
      this.failed(picture, error);
    }
    this.changed("picture", picture);
  }

  failed(picture, error) {
    const waits = error instanceof AwayError || error.code === "visitor_unknown";
    // What the network has swallowed is sent again once the server is back.
    picture.status = waits ? "away" : "failed";
    picture.error = error;
    if (waits) this.changed("away");
  }

  async #loadBefore(picture) {
    const answer = await call(`pictures/${picture.id}/original`);
    picture.before = await createImageBitmap(await answer.blob());
    if (!picture.thumb) await this.#thumbOf(picture, picture.before);
  }

  async #makeThumb(picture) {
    if (!picture.file) return;
    try {
      const bitmap = await createImageBitmap(picture.file, { resizeHeight: 160, resizeQuality: "medium" });
      await this.#thumbOf(picture, bitmap);
      bitmap.close();
    } catch {
      // A format that only the server reads: it sends something to show later.
    }
  }

  async #thumbOf(picture, bitmap) {
    const scale = 160 / Math.max(bitmap.width, bitmap.height);
    const canvas = new OffscreenCanvas(Math.max(1, bitmap.width * scale), Math.max(1, bitmap.height * scale));
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    const blob = await canvas.convertToBlob({ type: "image/webp", quality: 0.8 });
    if (picture.thumb) URL.revokeObjectURL(picture.thumb);
    picture.thumb = URL.createObjectURL(blob);
    this.changed("picture", picture);
  }

  /** Show a result instead of the photo among the thumbnails. */
  async resultThumb(picture, bitmap) {
    await this.#thumbOf(picture, bitmap);
  }

  // -- what the server remembers -----------------------------------------------------------------------

  /** Bring back what this visitor has left there. */
  async restore(summaries) {
    for (const summary of summaries) {
      if (this.list.some((each) => each.id === summary.id)) continue;
      const picture = new Picture({ name: summary.name });
      Object.assign(picture, summary, { status: "working" });
      this.list.push(picture);
      void this.reload(picture).then(() => this.changed("picture", picture));
    }
    if (!this.current && this.list.length) this.select(this.list[0]);
    this.changed("list");
  }

  async reload(picture) {
    try {
      const { state, version } = await getJson(`pictures/${picture.id}/state`);
      Object.assign(picture, { history: History.fromText(state), version });
      await this.#loadBefore(picture);
      picture.status = "ready";
    } catch (error) {
      this.failed(picture, error);
    }
  }

  /** Have the server remember what was done; of several changes at once, the last. */
  save(picture) {
    const wait = this.#saving.get(picture);
    if (wait) {
      wait.again = true;
      return;
    }
    const run = { again: false };
    this.#saving.set(picture, run);
    void this.#saveNow(picture)
      .catch((error) => {
        if (error instanceof ApiError && error.code === "state_changed") this.changed("conflict", picture);
        else if (!(error instanceof ApiError) || error.status === 404) this.changed("away");
        else this.changed("unsaved", picture);
      })
      .finally(() => {
        this.#saving.delete(picture);
        if (run.again) this.save(picture);
      });
  }

  async #saveNow(picture) {
    const json = { version: picture.version, state: picture.history.toText() };
    const answer = await getJson(`pictures/${picture.id}/state`, { method: "PUT", json });
    picture.version = answer.version;
  }

  // -- the server was away -----------------------------------------------------------------------------

  /** The server answers again, perhaps as one that knows nothing; returns how many are lost. */
  returned(session) {
    this.session = session;
    const known = new Set(session.pictures.map((each) => each.id));
    const missing = this.list.filter((each) => each.status !== "failed" && !known.has(each.id));
    let gone = 0;
    for (const picture of missing) {
      if (["uploading", "queued"].includes(picture.status)) continue;
      if (!picture.file && !picture.url) {
        gone += 1;
        this.list.splice(this.list.indexOf(picture), 1);
        continue;
      }
      Object.assign(picture, { id: "", status: "queued", progress: 0, error: null, view: null });
    }
    for (const picture of this.list) {
      if (picture.status === "away") picture.status = "ready";
    }
    if (!this.list.includes(this.current)) this.select(this.list[0] ?? null);
    this.changed("list");
    this.#next();
    return gone;
  }

  words(picture) {
    return picture.error ? inWords(picture.error, this.session) : "";
  }
}

function ignoreGone(error) {
  if (!(error instanceof ApiError) && !(error instanceof AwayError)) throw error;
}

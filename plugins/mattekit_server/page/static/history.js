// What was done to a picture: every state that it was in, to go back and forth without limit.

export const EMPTY = Object.freeze({ options: {}, background: "", marks: [] });

/** Changes of one control within this time are one step. */
const TOGETHER = 700;

export class History {
  #entries = [EMPTY];
  #at = 0;
  #last = { tag: "", time: 0 };

  get current() {
    return this.#entries[this.#at];
  }

  get canUndo() {
    return this.#at > 0;
  }

  get canRedo() {
    return this.#at < this.#entries.length - 1;
  }

  /** Add a state; one that follows at once with the same `tag` takes the place of the last. */
  push(changes, tag = "") {
    const next = Object.freeze({ ...this.current, ...changes });
    const now = performance.now();
    const together = tag && tag === this.#last.tag && now - this.#last.time < TOGETHER;
    if (!together || this.#at === 0) this.#at += 1;
    this.#entries.length = this.#at;
    this.#entries.push(next);
    this.#last = { tag, time: now };
  }

  undo() {
    this.#at = Math.max(0, this.#at - 1);
    this.#last.tag = "";
  }

  redo() {
    this.#at = Math.min(this.#entries.length - 1, this.#at + 1);
    this.#last.tag = "";
  }

  /** As text; of each state what differs from the one before. */
  toText() {
    const entries = this.#entries.slice(1).map((entry, index) => {
      const before = this.#entries[index];
      const told = {};
      if (entry.options !== before.options) told.options = entry.options;
      if (entry.background !== before.background) told.background = entry.background;
      if (entry.marks !== before.marks) {
        const count = before.marks.length;
        const grew = entry.marks.length === count + 1 && before.marks.every((each, i) => each === entry.marks[i]);
        if (grew) told.add = entry.marks[count];
        else told.marks = entry.marks;
      }
      return told;
    });
    return JSON.stringify({ at: this.#at, entries });
  }

  static fromText(text) {
    const history = new History();
    if (!text) return history;
    const { at, entries } = JSON.parse(text);
    for (const { add, ...changes } of entries) {
      const before = history.#entries.at(-1);
      if (add) changes.marks = [...before.marks, add];
      history.#entries.push(Object.freeze({ ...before, ...changes }));
    }
    history.#at = Math.min(Math.max(0, at), history.#entries.length - 1);
    return history;
  }
}

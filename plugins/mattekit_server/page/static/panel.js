// The panel: tabs, and controls that stand for options.

import { $, h, icon } from "./dom.js";
import { label, language, onLanguage, t } from "./texts.js";

const FILES = document.documentElement.dataset.files;
const COLORS = ["ffffff", "000000", "e6e8eb", "f4e9d8", "81d4fa", "a5d6a7", "ffcc80", "ef9a9a", "b39ddb"];
/** What a control shows where nothing is chosen, as the library's own defaults. */
const DEFAULTS = {
  crop: "false", crop_margin: "0%", scale: "", position: "", bg_color: "", bg_blur: "0%",
  shadow_type: "none", shadow_opacity: "", refine: "balanced", specks: "0%", holes: "0%",
  semitransparency: "true", decontaminate: "true", edge_shift: "0%", edge_soften: "0%", subjects: "all",
};
const UNSET = { scale: ["value.original", 100], shadow_opacity: ["value.auto", 50] };

export class Panel {
  /** `change(changes, tag)` is told what of the state is to be another. */
  constructor({ change, session, onTab, onPick }) {
    Object.assign(this, { change, session, onTab, onPick });
    this.state = { options: {}, background: "" };
    this.backgroundNames = new Map();
    this.#tabs();
    this.#options();
    this.#swatches();
    this.#position();
    void this.#presets();
    onLanguage(() => this.show(this.state));
  }

  // -- tabs ------------------------------------------------------------------------------------------

  #tabs() {
    const tabs = [...document.querySelectorAll("[role=tab]")];
    const choose = (tab, focus) => {
      for (const each of tabs) {
        const on = each === tab;
        each.setAttribute("aria-selected", String(on));
        each.tabIndex = on ? 0 : -1;
        $(each.getAttribute("aria-controls")).hidden = !on;
      }
      if (focus) tab.focus();
      this.tab = tab.id.slice(4);
      this.onTab(this.tab);
    };
    tabs.forEach((tab, index) => {
      tab.addEventListener("click", () => choose(tab, false));
      tab.addEventListener("keydown", (event) => {
        const forward = document.documentElement.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
        const steps = { Home: -index, End: tabs.length - 1 - index, ArrowLeft: -1, ArrowRight: 1 };
        if (!(event.key in steps)) return;
        let step = steps[event.key];
        if (event.key.startsWith("Arrow")) step = event.key === forward ? 1 : -1;
        event.preventDefault();
        choose(tabs[(index + step + tabs.length) % tabs.length], true);
      });
    });
    this.tab = "background";
  }

  // -- options ---------------------------------------------------------------------------------------

  #options() {
    for (const control of document.querySelectorAll("[data-option]")) {
      const { option } = control.dataset;
      if (option === "subjects") this.#subjects(control);
      const offered = this.session.options.includes(option);
      const whole = control.closest(".field, .check, fieldset");
      whole.hidden = !offered;
      if (option !== "subjects") control.addEventListener("input", () => this.#set(option, read(control), option));
    }
    for (const id of ["brush-size", "brush-soft"]) {
      $(id).addEventListener("input", () => tellRange($(id)));
    }
  }

  /** Which subjects: a word, a number, or the one at a place that is asked for. */
  #subjects(control) {
    control.addEventListener("input", () => {
      this.onPick(control.value === "pick");
      if (control.value !== "pick") this.#set("subjects", control.value);
    });
  }

  /** Change options; what is as by default is left out. */
  #set(name, value, tag = "") {
    const changes = { [name]: value };
    if (name === "bg_blur" && value !== "0%") Object.assign(changes, { bg_color: "" });
    this.set(changes, tag, name === "bg_blur" ? { background: "" } : {});
  }

  set(changes, tag = "", more = {}) {
    const options = { ...this.state.options };
    for (const [name, value] of Object.entries(changes)) {
      if (value === DEFAULTS[name]) delete options[name];
      else options[name] = value;
    }
    this.change({ options, ...more }, tag);
  }

  /** Show a state of a picture. */
  show(state) {
    this.state = state;
    for (const control of document.querySelectorAll("[data-option]")) {
      write(control, state.options[control.dataset.option] ?? DEFAULTS[control.dataset.option]);
    }
    for (const id of ["brush-size", "brush-soft"]) tellRange($(id));
    this.#showSwatches();
    const position = state.options.position ?? "";
    for (const each of $("position").querySelectorAll("input")) each.checked = each.value === position;
    for (const each of $("presets").children) {
      each.setAttribute("aria-pressed", String(JSON.stringify(each.framed) === JSON.stringify(this.#framed(state.options))));
    }
  }

  // -- background --------------------------------------------------------------------------------------

  #swatches() {
    const add = (value, className, name) => {
      const input = h("input", { type: "radio", name: "background", value, onchange: () => this.#background(value) });
      const swatch = h("label", { class: `swatch ${className}` }, input, h("span"));
      swatch.name = name;
      if (value && !className) swatch.lastChild.style.background = `#${value}`;
      $("swatches").append(swatch);
    };
    add("", "none", () => t("background.none"));
    for (const color of COLORS) {
      const name = { ffffff: "background.white", "000000": "background.black" }[color];
      add(color, "", () => (name ? t(name) : t("background.fill.color", { name: `#${color}` })));
    }
    $("color").addEventListener("input", (event) => this.#background(event.target.value.slice(1), "bg_color"));
  }

  #background(color, tag = "") {
    this.set({ bg_color: color, bg_blur: "0%" }, tag, { background: "" });
  }

  /** Offer a picture that the server has, and choose it. */
  addBackground(id, name) {
    this.backgroundNames.set(id, name);
    this.set({ bg_color: "", bg_blur: "0%" }, "", { background: id });
  }

  #showSwatches() {
    const { options, background } = this.state;
    const chosen = options.bg_blur || background ? null : (options.bg_color ?? "");
    for (const swatch of $("swatches").children) {
      const input = swatch.firstChild;
      input.checked = input.value === chosen;
      input.setAttribute("aria-label", swatch.name());
      swatch.title = swatch.name();
    }
    if (options.bg_color) $("color").value = `#${options.bg_color}`;
    const name = this.backgroundNames.get(background);
    const button = $("background-choose");
    button.lastElementChild.textContent = name ? t("background.mine", { name }) : t("background.own");
    button.classList.toggle("on", Boolean(background));
  }

  // -- frame -------------------------------------------------------------------------------------------

  #position() {
    const inputs = [0, 50, 100].flatMap((y) =>
      [0, 50, 100].map((x) => {
        const value = `${x}% ${y}%`;
        const input = h("input", { type: "radio", name: "position", value, onchange: () => this.set({ position: value }) });
        return { input, x, y };
      }),
    );
    const tell = () => {
      for (const { input, x, y } of inputs) {
        label(input, t("position.name", { x: t(`position.x.${x}`), y: t(`position.y.${y}`) }));
      }
    };
    $("position").append(...inputs.map(({ input }) => h("label", {}, input, h("span"))));
    tell();
    onLanguage(tell);
    $("frame-reset").addEventListener("click", () => {
      this.set({ crop: DEFAULTS.crop, crop_margin: DEFAULTS.crop_margin, scale: "", position: "", aspect: undefined });
    });
  }

  async #presets() {
    const answer = await fetch(`${FILES}/presets.json`);
    const presets = (await answer.json()).filter(({ options }) =>
      Object.keys(options).every((name) => this.session.options.includes(name)),
    );
    const buttons = presets.map((preset) => {
      const apply = () => this.change({ options: { ...this.#unframed(), ...preset.options }, ...("bg_color" in preset.options ? { background: "" } : {}) });
      const button = h("button", { type: "button", class: "preset", onclick: apply });
      button.append(shapeOf(preset.options), h("span"));
      button.preset = preset;
      button.framed = this.#framed(preset.options);
      return button;
    });
    const tell = () => {
      for (const button of buttons) {
        const { name } = button.preset;
        button.lastChild.textContent = name[language] ?? name.en;
      }
    };
    $("presets").replaceChildren(...buttons);
    tell();
    onLanguage(tell);
    this.show(this.state);
  }

  #framed(options) {
    const names = ["crop", "crop_margin", "scale", "position", "aspect", "bg_color", "shadow_type"];
    return names.map((name) => options[name] ?? null);
  }

  #unframed() {
    const { crop, crop_margin, scale, position, aspect, bg_color, shadow_type, ...rest } = this.state.options;
    return rest;
  }
}

/** A little picture of a preset's frame. */
function shapeOf({ aspect = "4:3", crop, bg_color }) {
  const [width, height] = aspect.split(":").map(Number);
  const shape = h("i", { class: crop ? "shape cropped" : "shape" });
  const most = Math.max(width, height);
  shape.style.width = `${(width / most) * 28}px`;
  shape.style.height = `${(height / most) * 28}px`;
  if (bg_color) shape.style.background = `#${bg_color}`;
  shape.append(icon("person"));
  return shape;
}

function read(control) {
  if (control.type === "checkbox") return String(control.checked);
  if (control.type === "range") return control.value + (control.dataset.unit ?? "");
  return control.value;
}

function write(control, value) {
  if (control.type === "checkbox") control.checked = value === "true";
  else if (control.type === "radio") control.checked = control.value === value;
  else if (control.type === "range") {
    const [text, shown] = UNSET[control.dataset.option] ?? ["", 0];
    control.value = value === "" ? shown : parseFloat(value);
    // Margins may differ from side to side.
    tellRange(control, value === "" ? t(text) : value.includes(" ") ? t("value.sides") : "");
  } else if (control.id === "subjects") control.value = [...control.options].some((each) => each.value === value) ? value : "picked";
  else control.value = value;
}

/** Show the value of a range beside it, and fill it up to there. */
function tellRange(control, text = "") {
  const units = { "brush-size": "px", "brush-soft": "%", shadow_opacity: "%" };
  const unit = control.dataset.unit ?? units[control.id] ?? "";
  const shown = text || `${Number(control.value).toLocaleString(language)} ${unit}`;
  control.nextElementSibling.textContent = shown;
  control.setAttribute("aria-valuetext", shown);
  const share = (control.value - control.min) / (control.max - control.min);
  control.style.setProperty("--filled", `${share * 100}%`);
}

// The page's words, one file per language. Elements name theirs: data-t for the content, data-label
// for what has none to see.

const FILES = document.documentElement.dataset.files;
const LANGUAGES = ["en", "de"];

let texts = {};
export let language = "en";
const listeners = new Set();

/** The language that was chosen, else the first that the browser wants and the page has. */
export function preferredLanguage() {
  const wanted = [recall("language"), ...navigator.languages].filter(Boolean);
  return wanted.map((each) => each.slice(0, 2)).find((each) => LANGUAGES.includes(each)) ?? "en";
}

export async function useLanguage(name) {
  const answer = await fetch(`${FILES}/texts/${name}.json`);
  texts = await answer.json();
  language = name;
  document.documentElement.lang = name;
  apply(document);
  for (const listener of listeners) listener();
}

/** Call back whenever another language is chosen. */
export function onLanguage(listener) {
  listeners.add(listener);
}

/** A text with values put in; of texts with forms the one for `values.count`. */
export function t(key, values = {}) {
  let text = texts[key] ?? key;
  if (typeof text !== "string") {
    text = text[new Intl.PluralRules(language).select(values.count)] ?? text.other;
  }
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? number(values[name]) : whole));
}

export function has(key) {
  return key in texts;
}

export function apply(root) {
  for (const element of root.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
  for (const element of root.querySelectorAll("[data-label]")) {
    label(element, t(element.dataset.label), element.dataset.keys);
  }
}

/** Name an element that shows no text; a tooltip tells the keys as well. */
export function label(element, text, keys = "") {
  element.setAttribute("aria-label", text);
  if (element.matches("button")) element.title = keys ? `${text} (${keys})` : text;
}

/** What this browser remembers of how the page is used; nothing of pictures. */
export function recall(name) {
  try {
    return localStorage.getItem(`mattekit-${name}`);
  } catch {
    return null;
  }
}

export function remember(name, value) {
  try {
    localStorage.setItem(`mattekit-${name}`, value);
  } catch {
    // A browser that keeps nothing asks again next time.
  }
}

function number(value) {
  return typeof value === "number" ? value.toLocaleString(language) : value;
}

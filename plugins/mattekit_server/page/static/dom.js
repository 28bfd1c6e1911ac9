// Elements: found, made, told apart.

import { t } from "./texts.js";

export const $ = (id) => document.getElementById(id);

/** Make an element; texts become text, never markup. */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && typeof value !== "string") element[name] = value;
    else if (value !== null) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

/** Say something to those who listen to the page. */
export function announce(text) {
  const status = $("status");
  status.textContent = "";
  requestAnimationFrame(() => {
    status.textContent = text;
  });
}

let noticeTimer = 0;

/** Show a line above everything; it stays until closed if it is an error. */
export function notice(text, { stays = false, kind = "" } = {}) {
  clearTimeout(noticeTimer);
  const place = $("notice");
  place.className = `notice ${kind}`;
  place.replaceChildren(
    h("span", {}, text),
    h("button", { type: "button", class: "quiet icon", "aria-label": t("close"), onclick: hideNotice }, icon("close")),
  );
  place.hidden = false;
  if (!stays) noticeTimer = setTimeout(hideNotice, 8000);
}

export function hideNotice() {
  $("notice").hidden = true;
}

export function typing(event) {
  const target = event.target;
  return target.matches?.("input:not([type=range], [type=checkbox], [type=radio], [type=color]), select, textarea");
}

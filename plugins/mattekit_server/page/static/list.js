// The strip of pictures: what is there, how far each is, which one is shown.

import { $, h, icon } from "./dom.js";
import { t } from "./texts.js";

export function showList(pictures, queue) {
  const items = new Map([...$("list").children].map((item) => [item.picture, item]));
  const wanted = pictures.list.map((picture) => items.get(picture) ?? make(pictures, picture));
  if (wanted.some((item, index) => $("list").children[index] !== item) || wanted.length !== items.size) {
    $("list").replaceChildren(...wanted);
  }
  for (const item of wanted) update(pictures, item, queue);
}

function make(pictures, picture) {
  const item = h("li");
  item.picture = picture;
  item.show = h("button", { type: "button", class: "thumb", onclick: () => pictures.select(picture) });
  item.remove = h("button", { type: "button", class: "thumb-remove", onclick: () => pictures.remove(picture) }, icon("close"));
  item.append(item.show, item.remove);
  return item;
}

function update(pictures, item, queue) {
  const { picture, show, remove } = item;
  const state = stateText(picture, queue);
  const current = picture === pictures.current;
  const key = [picture.thumb, state, current, picture.name].join("\n");
  if (item.key === key) return;
  item.key = key;
  const waits = !["ready", "failed", "away"].includes(picture.status);
  const parts = [picture.thumb ? h("img", { src: picture.thumb, alt: "" }) : h("span", { class: "thumb-none" })];
  if (picture.status === "uploading") parts.push(h("progress", { max: 1, value: picture.progress, "aria-hidden": "true" }));
  else if (waits) parts.push(h("span", { class: "spin", "aria-hidden": "true" }));
  if (["failed", "away"].includes(picture.status)) parts.push(h("span", { class: "thumb-failed" }, icon("warn")));
  show.replaceChildren(...parts);
  show.setAttribute("aria-label", t("item", { name: picture.name, state }));
  show.title = picture.name;
  if (current) show.setAttribute("aria-current", "true");
  else show.removeAttribute("aria-current");
  remove.setAttribute("aria-label", t("item.remove", { name: picture.name }));
}

export function stateText(picture, queue) {
  if (picture.status === "uploading") return t("uploading", { percent: Math.round(picture.progress * 100) });
  if (picture.status === "working" && queue > 0) return t("waiting", { count: queue });
  if (picture.status === "away") return t("queued");
  return t(picture.status);
}

// Pictures on their way into the page: chosen, dropped, pasted, taken, or at an address.

import { $, h, notice, typing } from "./dom.js";
import { label, onLanguage, t } from "./texts.js";

const FILES = document.documentElement.dataset.files;
const SAMPLES = ["cat", "astronaut", "raccoon", "coffee"];

/** Set everything up; `add` is given a list of {file, name} and {url, name}. */
export function intake(add) {
  for (const button of document.querySelectorAll("[data-do=choose]")) {
    button.addEventListener("click", () => $("files").click());
  }
  for (const button of document.querySelectorAll("[data-do=camera]")) {
    button.addEventListener("click", () => $("camera").click());
  }
  for (const id of ["files", "camera"]) {
    $(id).addEventListener("change", (event) => {
      add([...event.target.files].map(ofFile));
      event.target.value = "";
    });
  }
  $("address-form").addEventListener("submit", (event) => {
    event.preventDefault();
    add([ofAddress($("address").value.trim())]);
    $("address").value = "";
  });
  document.addEventListener("paste", (event) => {
    if (typing(event)) return;
    const sources = inTransfer(event.clipboardData);
    if (sources.length) {
      event.preventDefault();
      add(sources);
    } else notice(t("error.nothing"), { kind: "error" });
  });
  dropping(add);
  showSamples(add);
}

function dropping(add) {
  let depth = 0;
  const show = (on) => {
    depth = on ? depth : 0;
    $("drop-veil").hidden = !on;
  };
  const ours = (event) => [...event.dataTransfer.types].some((type) => ["Files", "text/uri-list"].includes(type));
  addEventListener("dragenter", (event) => {
    if (!ours(event)) return;
    depth += 1;
    show(true);
  });
  addEventListener("dragleave", (event) => {
    if (!ours(event)) return;
    depth -= 1;
    if (depth <= 0) show(false);
  });
  addEventListener("dragover", (event) => {
    if (ours(event)) event.preventDefault();
  });
  addEventListener("drop", async (event) => {
    if (!ours(event)) return;
    event.preventDefault();
    show(false);
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    const sources = entries.some((entry) => entry.isDirectory)
      ? (await Promise.all(entries.map(filesIn))).flat().map(ofFile)
      : inTransfer(event.dataTransfer);
    if (sources.length) add(sources);
    else notice(t("error.nothing"), { kind: "error" });
  });
}

/** All files of a folder, and of those in it. */
async function filesIn(entry) {
  if (entry.isFile) return [await new Promise((resolve, reject) => entry.file(resolve, reject))];
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    // A reader tells at most a hundred at a time.
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return (await Promise.all(found.map(filesIn))).flat();
    found.push(...some);
  }
}

function inTransfer(transfer) {
  const files = [...transfer.files];
  if (files.length) return files.map(ofFile);
  const text = transfer.getData("text/uri-list") || transfer.getData("text/plain");
  return text
    .split(/\s+/)
    .filter((word) => /^https?:\/\/./i.test(word))
    .map(ofAddress);
}

function ofFile(file) {
  return { file, name: file.name || "picture.png" };
}

function ofAddress(url) {
  let name = url;
  try {
    const path = new URL(url).pathname;
    name = decodeURIComponent(path.slice(path.lastIndexOf("/") + 1)) || url;
  } catch {
    // The server says what is wrong with it.
  }
  return { url, name };
}

function showSamples(add) {
  const buttons = SAMPLES.map((name) => {
    const address = `${FILES}/samples/${name}.webp`;
    const use = async () => {
      const answer = await fetch(address);
      add([ofFile(new File([await answer.blob()], `${name}.webp`, { type: "image/webp" }))]);
    };
    const button = h("button", { type: "button", class: "sample", onclick: use }, h("img", { src: `${FILES}/samples/${name}.small.webp`, alt: "", width: "96", height: "96" }));
    return { name, button };
  });
  const tell = () => {
    for (const { name, button } of buttons) label(button, t("sample.use", { name: t(`sample.${name}`) }));
  };
  $("samples").append(...buttons.map(({ button }) => h("li", {}, button)));
  tell();
  onLanguage(tell);
}

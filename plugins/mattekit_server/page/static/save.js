// Results on their way out: a file, the clipboard, an archive of all.

import { call } from "./api.js";
import { zip } from "./zip.js";

/** The whole body of a request for a picture as it is now. */
export function bodyOf(picture, more = {}) {
  const { options, background, marks } = picture.history.current;
  return { options: { ...options, ...more }, background, marks };
}

/** Have the server make the files of a picture, each with its name and content: one, or one for each subject. */
async function makeFiles(picture, options) {
  const json = bodyOf(picture, options);
  const files = [];
  for (let part = 0, parts = 1; part < parts; part += 1) {
    const answer = await call(`pictures/${picture.id}/result${part ? `?part=${part}` : ""}`, { method: "POST", json });
    parts = Number(answer.headers.get("x-parts"));
    files.push({ name: nameIn(answer.headers.get("content-disposition")), blob: await answer.blob() });
  }
  return files;
}

/** What a picture is taken home as: its file, or an archive where there are several. */
export async function makeDownload(picture, format) {
  const files = await makeFiles(picture, { format });
  if (files.length === 1) return files[0];
  return { name: files[0].name.replace(/-1\.\w+$/, ".zip"), blob: await zip(files) };
}

export function saveFile({ name, blob }) {
  const address = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** Browsers want the promise, not the picture, or the click is too long ago. */
export async function copyPicture(picture) {
  const { subjects } = picture.history.current.options;
  const together = subjects === "each" ? { subjects: "all" } : {};
  const blob = makeFiles(picture, { format: "png", ...together }).then(([file]) => file.blob);
  blob.catch(() => {}); // it is told where it is awaited
  await navigator.clipboard.write([new ClipboardItem({ "image/png": blob })]);
  await blob;
}

/** Make an archive of all; `onDone` is told how many are made. Returns it, and what failed. */
export async function makeArchive(pictures, format, onDone) {
  const files = [];
  const failed = [];
  for (const [index, picture] of pictures.entries()) {
    onDone(index, pictures.length);
    try {
      files.push(...(await makeFiles(picture, { format })));
    } catch (error) {
      failed.push({ picture, error });
    }
  }
  const archive = files.length ? { name: "removebg.zip", blob: await zip(files) } : null;
  return { archive, failed, count: files.length };
}

function nameIn(disposition) {
  const coded = /filename\*=UTF-8''([^;]+)/.exec(disposition ?? "");
  return coded ? decodeURIComponent(coded[1]) : "result";
}

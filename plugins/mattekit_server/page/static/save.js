// Results on their way out: a file, the clipboard, an archive of all.

import { call } from "./api.js";
import { zip } from "./zip.js";

/** The whole body of a request for a picture as it is now. */
export function bodyOf(picture, more = {}) {
  const { options, background, marks } = picture.history.current;
  return { options: { ...options, ...more }, background, marks };
}

/** Have the server make a file; returns its name and content. */
export async function makeFile(picture, format) {
  const answer = await call(`pictures/${picture.id}/result`, { method: "POST", json: bodyOf(picture, { format }) });
  return { name: nameIn(answer.headers.get("content-disposition")), blob: await answer.blob() };
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
  const blob = makeFile(picture, "png").then((file) => file.blob);
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
      files.push(await makeFile(picture, format));
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

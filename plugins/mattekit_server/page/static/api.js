// Calls of the server. Every error is an ApiError, with the server's code, or an AwayError.

import { has, t } from "./texts.js";

const OWN = { "X-Mattekit-Page": "1" };
const KEY = "mattekit-key";

export class ApiError extends Error {
  constructor(status, { code = "", title = "", detail = "" } = {}, retry = 0) {
    super(title || `HTTP ${status}`);
    Object.assign(this, { status, code, title, detail, retry });
  }
}

/** The server does not answer at all. */
export class AwayError extends Error {}

export const key = {
  get: () => sessionStorage.getItem(KEY) ?? "",
  set: (value) => sessionStorage.setItem(KEY, value),
};

/** What proves, where someone has logged in, that it is the page which asks. */
let csrf = "";
export function useLogin(user) {
  csrf = user?.csrf_token ?? "";
}

function headers() {
  if (key.get()) return { ...OWN, "X-API-Key": key.get() };
  return csrf ? { ...OWN, "X-CSRF-Token": csrf } : OWN;
}

export async function call(path, { method = "GET", json, signal } = {}) {
  const init = { method, headers: headers(), signal, credentials: "same-origin" };
  if (json !== undefined) {
    init.body = JSON.stringify(json);
    init.headers = { ...init.headers, "Content-Type": "application/json" };
  }
  let answer;
  try {
    answer = await fetch(`/page/${path}`, init);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new AwayError(path);
  }
  if (!answer.ok) throw await problem(answer.status, await answer.text(), answer.headers);
  return answer;
}

export async function getJson(path, options) {
  return (await call(path, options)).json();
}

/** Give a picture to whoever runs this server; only ever called after asking. */
export async function give({ file, url, name }, tag) {
  const form = new FormData();
  if (file) form.append("image_file", file, name);
  else form.append("image_url", url);
  form.append("image_filename", name);
  form.append("tag", tag);
  let answer;
  try {
    answer = await fetch("/v1.0/improve", { method: "POST", body: form, headers: headers() });
  } catch {
    throw new AwayError("improve");
  }
  if (!answer.ok) throw await problem(answer.status, await answer.text(), answer.headers);
}

/** Send a file or an address; `onProgress` is told the share that has left, 0 to 1. */
export function upload(path, { file, name, url }, { onProgress, signal } = {}) {
  const form = new FormData();
  if (url) form.append("image_url", url);
  else form.append("image_file", file, name);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/page/${path}`);
    for (const [header, value] of Object.entries(headers())) request.setRequestHeader(header, value);
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress?.(event.loaded / event.total);
    };
    request.upload.onload = () => onProgress?.(1);
    request.onerror = () => reject(new AwayError(path));
    request.onabort = () => reject(new DOMException("aborted", "AbortError"));
    request.onload = async () => {
      if (request.status < 300) resolve(JSON.parse(request.responseText));
      else {
        const found = { get: (header) => request.getResponseHeader(header) };
        reject(await problem(request.status, request.responseText, found));
      }
    };
    signal?.addEventListener("abort", () => request.abort());
    request.send(form);
  });
}

/** An error in plain words, with what to do. */
export function inWords(error, session) {
  if (error instanceof AwayError) return t("away");
  if (!(error instanceof ApiError)) return t("error.other", { title: error.message, detail: "" });
  // The API's wording, which is its clients': "Expected jpg/png, received heic".
  const received = /received (\S+)/.exec(error.detail)?.[1] ?? "";
  const apple = error.code === "invalid_file_type" && ["heic", "heif"].includes(received);
  const text = apple ? "error.heic" : `error.${error.code}`;
  if (!has(text)) return t("error.other", { title: error.title, detail: error.detail });
  return t(text, {
    received,
    seconds: error.retry,
    limit:
      error.code === "file_too_large"
        ? Math.floor(session.file_limit / 2 ** 20)
        : Math.floor(session.pixel_limit / 1e6),
  });
}

/** Whether the same picture could do better another time. */
export function mayRecover(error) {
  return error instanceof AwayError || [402, 403, 429].includes(error.status) || error.status >= 500 || error.code === "failed_image_download" || error.code === "too_many_pictures";
}

async function problem(status, text, found) {
  let first = {};
  try {
    first = JSON.parse(text).errors[0];
  } catch {
    first = { title: `HTTP ${status}` };
  }
  return new ApiError(status, first, Number(found.get("retry-after") ?? 0));
}

// The page: puts its parts together.

import { ApiError, AwayError, call, getJson, give, inWords, key, mayRecover, upload, useLogin } from "./api.js";
import { $, announce, h, hideNotice, icon, notice, typing } from "./dom.js";
import { SubjectBox } from "./frame.js";
import { intake } from "./intake.js";
import { showList, stateText } from "./list.js";
import { Margins } from "./margins.js";
import { MarkTool } from "./marks.js";
import { Panel } from "./panel.js";
import { Pictures } from "./pictures.js";
import { bodyOf, copyPicture, makeArchive, makeDownload, saveFile } from "./save.js";
import { has, language, onLanguage, preferredLanguage, recall, remember, t, useLanguage } from "./texts.js";
import { Viewer } from "./viewer.js";

/** What belongs to the frame and what lies behind: left out while edges are corrected. */
const BESIDE = ["crop", "crop_margin", "scale", "position", "aspect", "bg_color", "bg_blur", "shadow_type", "shadow_opacity"];
const RETRY = 1500;

const theme = recall("theme");
if (theme) document.documentElement.dataset.theme = theme;
await useLanguage(preferredLanguage());
let session = await firstSession();
useLogin(session.user);

const pictures = new Pictures();
pictures.session = session;
const viewer = new Viewer($("viewer"), $("canvas"));
const marking = new MarkTool(viewer, (mark) => change({ marks: [...pictures.current.history.current.marks, mark] }));
const subject = new SubjectBox(viewer, $("subject"), (changes) => panel.set(changes, "subject"));
const margins = new Margins(viewer, $("margins"), (crop_margin) => panel.set({ crop_margin }, "margins"));
const panel = new Panel({ change, session, onTab: () => tabChanged(), onPick: (on) => pickSubject(on) });
let comparing = true;
let peeking = false;
let queue = 0;
let away = false;
let rated = null;

// -- the picture that is shown -------------------------------------------------------------------------

/** Change what is asked of the current picture. */
function change(changes, tag = "") {
  const picture = pictures.current;
  if (!picture?.ready) return;
  picture.history.push(changes, tag);
  stateChanged(picture);
}

function stateChanged(picture) {
  pictures.save(picture);
  showState();
  void render();
}

/** What the server is asked to show: while correcting, the whole picture and nothing behind it. */
function asked(picture) {
  const body = bodyOf(picture);
  if (panel.tab !== "correct") return body;
  const options = Object.fromEntries(Object.entries(body.options).filter(([name]) => !BESIDE.includes(name)));
  return { ...body, options, background: "" };
}

const rendering = { running: false, again: false };

/** Bring what is seen up to date: one request at a time, and the newest state last. */
async function render() {
  const picture = pictures.current;
  $("viewer").dataset.shown = "false";
  if (!picture?.ready) return;
  if (rendering.running) {
    rendering.again = true;
    return;
  }
  rendering.running = true;
  const busy = setTimeout(() => ($("busy").hidden = false), 150);
  try {
    const body = asked(picture);
    const text = JSON.stringify(body);
    if (picture.view?.text !== text) {
      const answer = await call(`pictures/${picture.id}/preview`, { method: "POST", json: body });
      const facts = JSON.parse(answer.headers.get("X-View"));
      const after = await createImageBitmap(await answer.blob());
      picture.view?.after.close();
      picture.view = { text, facts, after, marks: new Set(body.marks) };
      if (panel.tab !== "correct") void pictures.resultThumb(picture, after);
    }
    if (picture === pictures.current) {
      showView(picture);
      $("viewer").dataset.shown = String(!rendering.again);
    }
  } catch (error) {
    // A mark that cannot be obeyed, as a box around nothing, is not kept.
    if (error.code === "invalid_keep" && picture.history.canUndo) {
      picture.history.undo();
      stateChanged(picture);
    }
    failed(error);
  } finally {
    clearTimeout(busy);
    $("busy").hidden = true;
    rendering.running = false;
    if (rendering.again || picture !== pictures.current) {
      rendering.again = false;
      void render();
    }
  }
}

function showView(picture) {
  const { facts, after } = picture.view;
  Object.assign(picture, { found: facts.found, kind: facts.kind });
  viewer.show(picture, picture.before, after, facts);
  subject.place();
  margins.place();
  showHint();
  showSize();
  showDivider();
}

viewer.overlay = (context) => {
  if (panel.tab === "correct" && marksOffered()) {
    const { marks } = pictures.current.history.current;
    const shown = pictures.current.view?.marks ?? new Set();
    marking.draw(context, marks, new Set(marks.filter((mark) => !shown.has(mark))));
  }
  if (panel.tab === "frame") subject.draw(context);
};

function marksOffered() {
  return session.marks;
}

function showState() {
  const history = pictures.current?.history;
  $("undo").disabled = !history?.canUndo;
  $("redo").disabled = !history?.canRedo;
  if (history) panel.show(history.current);
  margins.options = history?.current.options ?? {};
  $("clear-marks").disabled = !history?.current.marks.length;
  showFormat();
}

/** JPG has no transparency: say so before somebody finds white in the file. */
function showFormat() {
  const now = pictures.current?.history.current;
  const filled = !now || now.background || now.options.bg_color || parseFloat(now.options.bg_blur ?? 0) > 0;
  $("format-note").hidden = $("format").value !== "jpg" || Boolean(filled);
}

function showHint() {
  const picture = pictures.current;
  const hint = $("hint");
  let text = "";
  if (picture && !picture.found && !marking.pick) text = marksOffered() ? t("notfound") : t("notfound.plain");
  else if (panel.tab === "correct" && marking.pick) text = t("correct.hint.pick");
  else if (panel.tab === "correct" && viewer.tool && !picture?.history.current.marks.length) text = t(`correct.hint.${marking.shape}`);
  hint.textContent = text;
  hint.hidden = !text;
}

function showSize() {
  const picture = pictures.current;
  if (!picture?.view) return;
  const { width, height } = viewer.size;
  const kind = has(`kind.${picture.kind}`) && picture.found ? t(`kind.${picture.kind}`) : "";
  const values = { width: Math.round(width), height: Math.round(height), kind };
  $("size").textContent = panel.tab === "correct" ? "" : t(kind ? "size.kind" : "size", values);
}

function currentChanged() {
  const picture = pictures.current;
  const focused = $("start").contains(document.activeElement);
  $("start").hidden = pictures.list.length > 0;
  if (focused && $("start").hidden) $("content").focus();
  $("work").hidden = pictures.list.length === 0;
  document.body.classList.toggle("working", pictures.list.length > 0);
  if (!picture) {
    viewer.clear();
    return;
  }
  document.title = `${picture.name} – mattekit`;
  if (picture !== rated) $("rate").hidden = true;
  rated = picture;
  showVeil();
  showState();
  for (const pane of document.querySelectorAll("[role=tabpanel]")) pane.inert = !picture.ready;
  if (!picture.ready) {
    viewer.clear();
    subject.place();
    margins.place();
    showHint();
    showDivider();
    $("size").textContent = "";
    return;
  }
  if (picture.view) showView(picture);
  void render();
  showPrice();
}

/** What stands in place of a picture that is not there yet, or will not be. */
function showVeil() {
  const picture = pictures.current;
  const veil = $("veil");
  veil.hidden = !picture || picture.ready;
  if (veil.hidden) return;
  const trouble = picture.status === "failed";
  const bar = $("veil-bar");
  bar.hidden = trouble || picture.status === "away";
  if (picture.status === "uploading") bar.value = picture.progress;
  else bar.removeAttribute("value");
  bar.setAttribute("aria-label", stateText(picture, queue));
  $("veil-name").textContent = picture.name;
  $("veil-name").hidden = !trouble;
  $("veil-text").textContent = trouble ? pictures.words(picture) : stateText(picture, queue);
  veil.classList.toggle("error", trouble);
  $("veil-do").replaceChildren();
  if (!trouble) return;
  const button = mayRecover(picture.error)
    ? h("button", { type: "button", onclick: () => pictures.again(picture) }, t("item.again"))
    : h("button", { type: "button", onclick: () => pictures.remove(picture) }, t("item.drop"));
  $("veil-do").append(button);
}

pictures.addEventListener("change", ({ detail: { what, picture } }) => {
  showList(pictures, queue);
  if (what === "away") goneAway();
  else if (what === "conflict") void conflict(picture);
  else if (what === "unsaved") notice(t("unsaved"), { kind: "error", stays: true });
  else if (what === "current" || what === "list") currentChanged();
  else if (picture === pictures.current) currentChanged();
  if (what === "picture" && picture.ready && !picture.announced) {
    picture.announced = true;
    announce(t("item.done", { name: picture.name }));
    void showBalance();
  }
  if (what === "picture" && picture.status === "failed") {
    announce(t("item", { name: picture.name, state: pictures.words(picture) }));
  }
  $("save-all").disabled = pictures.list.filter((each) => each.ready).length < 2;
  for (const id of ["save", "copy"]) $(id).disabled = !pictures.current?.ready;
  askQueue();
});

let queueTimer = 0;

/** While pictures wait, ask how many are before them. */
function askQueue() {
  const waits = pictures.list.some((each) => each.status === "working");
  if (!waits) queue = 0;
  if (!waits || queueTimer) return;
  queueTimer = setTimeout(async () => {
    queueTimer = 0;
    try {
      queue = (await getJson("queue")).waiting;
    } catch {
      return; // whoever waits for the picture is told
    }
    showList(pictures, queue);
    showVeil();
    askQueue();
  }, 1000);
}

async function conflict(picture) {
  await pictures.reload(picture);
  notice(t("other.window"));
  if (picture === pictures.current) {
    showState();
    void render();
  }
}

// -- view ------------------------------------------------------------------------------------------------

function showMode() {
  const marks = panel.tab === "correct" && marksOffered();
  const picks = panel.tab === "correct" && marking.pick;
  viewer.tool = (picks || (marks && marking.shape !== "pan")) && !peeking ? marking : null;
  if (peeking) viewer.mode = "before";
  else if (panel.tab === "correct") viewer.mode = "ghost";
  else viewer.mode = comparing && panel.tab !== "frame" ? "slide" : "after";
  $("viewer").classList.toggle("marking", Boolean(viewer.tool));
  $("compare").setAttribute("aria-pressed", String(comparing));
  $("compare").disabled = panel.tab === "correct" || panel.tab === "frame";
  $("peek").setAttribute("aria-pressed", String(peeking));
  subject.show(panel.tab === "frame" && !peeking);
  margins.show(panel.tab === "frame" && !peeking);
  showDivider();
  showHint();
  viewer.redraw();
}

function tabChanged() {
  if (marking.pick) showState();
  marking.pick = null;
  showMode();
  void render();
}

function showDivider() {
  const on = viewer.mode === "slide" && Boolean(viewer.shown) && Boolean(pictures.current?.ready);
  const slider = $("slider");
  slider.hidden = !on;
  $("tag-before").hidden = $("tag-after").hidden = !on;
  if (!on) return;
  const { rect } = viewer;
  const box = $("viewer");
  const x = rect.x + rect.width * viewer.divider;
  const top = Math.max(0, rect.y);
  const bottom = Math.min(box.clientHeight, rect.y + rect.height);
  slider.style.insetBlockStart = `${top}px`;
  slider.style.blockSize = `${Math.max(0, bottom - top)}px`;
  slider.style.left = `${x}px`;
  slider.classList.toggle("off", x < 0 || x > box.clientWidth);
  slider.setAttribute("aria-valuenow", Math.round(viewer.divider * 100));
  $("tag-before").style.left = `${Math.max(0, rect.x)}px`;
  $("tag-after").style.left = `${Math.min(box.clientWidth, rect.x + rect.width)}px`;
  for (const id of ["tag-before", "tag-after"]) $(id).style.top = `${bottom}px`;
  $("tag-before").classList.toggle("off", x - Math.max(0, rect.x) < 90);
  $("tag-after").classList.toggle("off", Math.min(box.clientWidth, rect.x + rect.width) - x < 90);
}

viewer.addEventListener("view", () => {
  showDivider();
  const percent = Math.round(viewer.scale * devicePixelRatio * 100);
  $("zoom").textContent = `${percent.toLocaleString(language)} %`;
  const locked = session.keys && pictures.current && !pictures.current.paid;
  viewer.locked = Boolean(locked);
});
viewer.addEventListener("full", ({ detail }) => ($("busy").hidden = !detail));
viewer.addEventListener("problem", ({ detail }) => failed(detail));

function setDivider(share) {
  viewer.divider = Math.min(1, Math.max(0, share));
  showDivider();
  viewer.redraw();
}

$("slider").addEventListener("pointerdown", (event) => {
  $("slider").setPointerCapture(event.pointerId);
  event.preventDefault();
  $("slider").focus({ preventScroll: true });
});
$("slider").addEventListener("pointermove", (event) => {
  if (!$("slider").hasPointerCapture(event.pointerId)) return;
  const { rect } = viewer;
  setDivider((event.clientX - $("viewer").getBoundingClientRect().left - rect.x) / rect.width);
});
$("slider").addEventListener("keydown", (event) => {
  const steps = { ArrowLeft: -0.02, ArrowDown: -0.02, ArrowRight: 0.02, ArrowUp: 0.02, PageDown: -0.1, PageUp: 0.1, Home: -1, End: 1 };
  if (!(event.key in steps)) return;
  setDivider(viewer.divider + steps[event.key]);
  event.preventDefault();
  event.stopPropagation();
});

function compare(on) {
  comparing = on;
  showMode();
}

function peek(on) {
  if (peeking === on) return;
  peeking = on;
  showMode();
}

$("compare").addEventListener("click", () => compare(!comparing));
$("peek").addEventListener("click", () => peek(!peeking));
$("zoom-in").addEventListener("click", () => viewer.zoomIn());
$("zoom-out").addEventListener("click", () => viewer.zoomOut());
$("zoom-fit").addEventListener("click", () => viewer.fit());

function goBack(step) {
  const picture = pictures.current;
  if (!picture?.ready) return;
  picture.history[step]();
  stateChanged(picture);
}

$("undo").addEventListener("click", () => goBack("undo"));
$("redo").addEventListener("click", () => goBack("redo"));

// -- keys ------------------------------------------------------------------------------------------------

const PANS = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] };

$("viewer").addEventListener("keydown", (event) => {
  if (event.target !== $("viewer") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (viewer.tool?.key(event)) event.preventDefault();
  else if (event.key in PANS) {
    viewer.pan(...PANS[event.key]);
    event.preventDefault();
  } else if (event.key === " ") $("viewer").classList.add("moving");
});

addEventListener("keydown", (event) => {
  if (typing(event) || document.querySelector("dialog[open]")) return;
  const name = event.key.toLowerCase();
  if (event.ctrlKey || event.metaKey) {
    if (name === "z") goBack(event.shiftKey ? "redo" : "undo");
    else if (name === "y") goBack("redo");
    else if (name === "s" && pictures.current?.ready) void save();
    else return;
    event.preventDefault();
    return;
  }
  if (event.altKey || $("work").hidden) return;
  const actions = {
    "+": () => viewer.zoomIn(), "=": () => viewer.zoomIn(), "-": () => viewer.zoomOut(), "−": () => viewer.zoomOut(),
    0: () => viewer.fit(), 1: () => viewer.zoomToPixels(), c: () => compare(!comparing), o: () => peek(true),
    k: () => chooseRadio("keep", "keep"), r: () => chooseRadio("keep", "remove"),
    "[": () => stepRange("brush-size", -6), "]": () => stepRange("brush-size", 6),
  };
  if (event.target.matches("input[type=range]") && "+-".includes(event.key)) return;
  if (name in actions && !event.repeat) actions[name]();
});
addEventListener("keyup", (event) => {
  if (event.key.toLowerCase() === "o" && !typing(event)) peek(false);
  if (event.key === " ") $("viewer").classList.remove("moving");
  if (event.key === "Escape" && marking.pick) {
    pickSubject(false);
    showState();
  }
});
addEventListener("blur", () => $("viewer").classList.remove("moving"));

function chooseRadio(name, value) {
  const input = document.querySelector(`input[name=${name}][value=${value}]`);
  input.checked = true;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

function stepRange(id, step) {
  $(id).value = Number($(id).value) + step;
  $(id).dispatchEvent(new Event("input", { bubbles: true }));
}

// -- correcting ------------------------------------------------------------------------------------------

function readTool() {
  marking.pick = null;
  marking.keep = document.querySelector("input[name=keep]:checked").value === "keep";
  marking.shape = document.querySelector("input[name=shape]:checked").value;
  marking.size = Number($("brush-size").value);
  marking.soft = Number($("brush-soft").value) / 100;
  for (const id of ["brush-size", "brush-soft"]) $(id).closest(".field").hidden = marking.shape !== "stroke";
  showMode();
}

/** The next click says which subject is meant. */
function pickSubject(on) {
  const pick = ([x, y]) => {
    const { width, height } = pictures.current;
    const share = (value, whole) => `${(((value + 0.5) / whole) * 100).toFixed(2)}%`;
    pickSubject(false);
    panel.set({ subjects: `${share(Math.floor(x), width)} ${share(Math.floor(y), height)}` });
  };
  marking.pick = on ? pick : null;
  showMode();
  if (on) {
    announce(t("correct.hint.pick"));
    $("viewer").focus({ preventScroll: true });
  }
}

$("marks").hidden = !marksOffered();
$("marks").addEventListener("change", readTool);
$("marks").addEventListener("input", readTool);
$("clear-marks").addEventListener("click", () => change({ marks: [] }));

// -- background picture ----------------------------------------------------------------------------------

$("background-choose").addEventListener("click", () => $("background-file").click());
$("background-file").addEventListener("change", async (event) => {
  const [file] = event.target.files;
  event.target.value = "";
  if (!file) return;
  try {
    const { id } = await upload("backgrounds", { file, name: file.name });
    panel.addBackground(id, file.name);
  } catch (error) {
    failed(error);
  }
});

// -- out -------------------------------------------------------------------------------------------------

async function busyWith(button, work) {
  button.disabled = true;
  button.classList.add("busy-button");
  try {
    await work();
  } catch (error) {
    failed(error);
  } finally {
    button.disabled = false;
    button.classList.remove("busy-button");
  }
}

function save() {
  const picture = pictures.current;
  return busyWith($("save"), async () => {
    announce(t("saving"));
    const file = await makeDownload(picture, $("format").value);
    saveFile(file);
    picture.paid = true;
    notice(t("saved", { name: file.name }), { kind: "good" });
    // After a reload the file is on the server alone.
    $("rate").hidden = !session.improve || !(picture.file || picture.url);
    showPrice();
    void showBalance();
  });
}

$("save").addEventListener("click", save);
$("copy").addEventListener("click", () =>
  busyWith($("copy"), async () => {
    if (!navigator.clipboard?.write || !globalThis.ClipboardItem) throw new ApiError(0, { code: "clipboard" });
    await copyPicture(pictures.current).catch((error) => {
      throw error instanceof ApiError || error instanceof AwayError ? error : new ApiError(0, { code: "clipboard" });
    });
    pictures.current.paid = true;
    notice(t("copied"), { kind: "good" });
    showPrice();
  }),
);
$("save-all").addEventListener("click", () =>
  busyWith($("save-all"), async () => {
    const all = pictures.list.filter((each) => each.ready);
    const tell = (done, count) => notice(t("saving.all", { done, count }), { stays: true });
    const { archive, failed: missing, count } = await makeArchive(all, $("format").value, tell);
    if (!archive) throw missing[0].error;
    saveFile(archive);
    for (const each of all) each.paid ||= !missing.some(({ picture }) => picture === each);
    const text = missing.length
      ? t("saved.some", { failed: missing.map(({ picture }) => picture.name).join(", "), name: archive.name })
      : t("saved.all", { count, name: archive.name });
    notice(text, { kind: missing.length ? "error" : "good", stays: missing.length > 0 });
    void showBalance();
  }),
);
let rating = "";
for (const button of document.querySelectorAll("[data-rate]")) {
  button.addEventListener("click", () => {
    rating = button.dataset.rate;
    $("rate-dialog").showModal();
  });
}
$("rate-cancel").addEventListener("click", () => $("rate-dialog").close());
$("rate-dialog").querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  $("rate-dialog").close();
  $("rate").hidden = true;
  try {
    await give(pictures.current, rating);
    notice(t("rate.thanks"), { kind: "good" });
  } catch (error) {
    failed(error);
  }
});

$("format").value = recall("format") ?? "png";
$("format").addEventListener("change", () => {
  remember("format", $("format").value);
  showFormat();
});

// -- keys and prices ---------------------------------------------------------------------------------------

function showPrice() {
  if (!session.keys) return;
  const { preview, full } = session.prices;
  const picture = pictures.current;
  $("price").hidden = false;
  const credits = (count) => t("key.balance", { count });
  $("price").textContent = picture?.paid
    ? t("price.paid")
    : t("price.first", { preview: credits(preview), full: credits(full) });
  $("save").lastElementChild.textContent = picture && !picture.paid ? t("save.paid", { price: credits(full) }) : t("save");
}

async function showBalance() {
  if (!session.keys) return true;
  $("key-button").hidden = false;
  $("key-text").textContent = t("key.enter");
  if (!key.get() && !session.user) return false;
  try {
    const { credits, free } = await getJson("account");
    const text = t("key.balance", { count: credits });
    $("key-text").textContent = free ? t("key.balance.free", { credits: text, free }) : text;
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return false;
    failed(error);
    return true;
  }
}

function askKey() {
  $("key").value = key.get();
  $("key-error").textContent = "";
  $("login").hidden = !session.login || Boolean(session.user);
  $("logged-in").hidden = !session.user;
  if (session.user) $("login-name").textContent = t("login.as", { name: session.user.name });
  if (!$("key-dialog").open) $("key-dialog").showModal();
}

$("key-button").addEventListener("click", askKey);
$("key-cancel").addEventListener("click", () => $("key-dialog").close());
$("key-dialog").querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const old = key.get();
  key.set($("key").value.trim());
  if (await showBalance()) {
    $("key-dialog").close();
    for (const picture of pictures.list.filter((each) => each.status === "failed")) pictures.again(picture);
  } else {
    key.set(old);
    $("key-error").textContent = t("key.wrong");
  }
});

// -- trouble ---------------------------------------------------------------------------------------------

function failed(error) {
  if (error?.name === "AbortError") return;
  if (error instanceof AwayError || ["visitor_unknown", "picture_unknown"].includes(error?.code)) goneAway();
  else if (session.keys && error?.status === 403) askKey();
  else if (error?.code === "not_paid") notice(t("locked"));
  else if (["edit_unknown", "tile_unknown"].includes(error?.code)) refresh();
  else notice(inWords(error, session), { kind: "error", stays: true });
}

/** The server has let go of what it made of the current state: have it made again. */
function refresh() {
  if (pictures.current) pictures.current.view = null;
  void render();
}

/** The server is gone, or knows nothing of us: ask until it answers, then go on. */
function goneAway() {
  if (away) return;
  away = true;
  let tries = 0;
  const ask = async () => {
    try {
      session = await getJson("session");
      useLogin(session.user);
    } catch (error) {
      if (error instanceof ApiError) {
        notice(inWords(error, session), { kind: "error", stays: true });
        return;
      }
      tries += 1;
      if (tries === 1) notice(t("away"), { kind: "error", stays: true });
      setTimeout(ask, RETRY);
      return;
    }
    away = false;
    const forgotten = pictures.returned(session);
    if (forgotten) notice(t("forgotten", { minutes: session.minutes }), { stays: true });
    else if (tries) notice(t("back"), { kind: "good" });
    watchServer();
    void render();
  };
  void ask();
}

async function firstSession() {
  for (;;) {
    try {
      return await getJson("session");
    } catch (error) {
      notice(inWords(error, {}), { kind: "error", stays: true });
      if (error instanceof ApiError) await new Promise(() => {});
      await new Promise((resolve) => setTimeout(resolve, RETRY));
    } finally {
      if (!$("notice").classList.contains("error")) hideNotice();
    }
  }
}

/** `mattekit app` ends with the last window: hold a line open, which also tells when it ends. */
async function watchServer() {
  if (!session.app) return;
  try {
    const answer = await call("window");
    const reader = answer.body.getReader();
    while (!(await reader.read()).done);
    throw new AwayError("window");
  } catch (error) {
    failed(error);
  }
}

// -- all of it -------------------------------------------------------------------------------------------

$("theme").addEventListener("click", () => {
  const dark = document.documentElement.dataset.theme
    ? document.documentElement.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = dark ? "light" : "dark";
  remember("theme", document.documentElement.dataset.theme);
  viewer.redraw();
});
$("language").value = language;
$("language").addEventListener("change", (event) => {
  remember("language", event.target.value);
  void useLanguage(event.target.value);
});
onLanguage(() => {
  showList(pictures, queue);
  showSize();
  showHint();
  showVeil();
  showPrice();
  void showBalance();
  showPromise();
});

function showPromise() {
  document.querySelector(".promise").textContent = t(session.app ? "promise.app" : "promise");
}

$("files").accept = ["image/*", ...session.suffixes].join(",");
intake((sources) => {
  hideNotice();
  if (session.keys && !key.get() && !session.user) askKey();
  pictures.add(sources);
  $("files").value = "";
});
showPromise();
readTool();
showPrice();
void showBalance();
await pictures.restore(session.pictures);
currentChanged();
void watchServer();
document.documentElement.dataset.ready = "true";

// `node scenarios.mjs NAME BASE FOLDER FILES`: what a person does, in Debian's Chromium. Prints what was
// seen, as JSON; faults are whatever no scenario should ever see.

import { mkdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { download, draw, drop, dropPaths, edited, launch, open, over, pinch, shown, tab, violations } from "./window.mjs";

const [name, base, folder, ...paths] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const files = paths.map((path) => ({ path, name: basename(path) }));
const faults = [];
const browser = await launch();
const fresh = (more = {}) => browser.newContext({ locale: "en", viewport: { width: 1280, height: 800 }, acceptDownloads: true, ...more });

const scenarios = {
  /** Drop, slider, brush, crop, download. */
  async way() {
    const page = await open(await fresh(), base, faults);
    await drop(page, files);
    await shown(page);
    const slider = page.locator("#slider");
    const knob = await slider.boundingBox();
    await page.mouse.move(knob.x + knob.width / 2, knob.y + knob.height / 2);
    await page.mouse.down();
    await page.mouse.move(knob.x - 100, knob.y + knob.height / 2, { steps: 5 });
    await page.mouse.up();
    const divider = Number(await slider.getAttribute("aria-valuenow"));
    await slider.press("ArrowRight");
    const stepped = Number(await slider.getAttribute("aria-valuenow"));
    await tab(page, "correct");
    let marks = 0;
    if (await page.locator("#marks").isVisible()) {
      await edited(page, () => draw(page, [[0.48, 0.5], [0.52, 0.55]]));
      await page.locator("input[name=keep][value=remove]").check({ force: true });
      const body = await edited(page, () => draw(page, [[0.28, 0.3], [0.3, 0.32]]));
      marks = body.marks.length;
    }
    await tab(page, "frame");
    await edited(page, () => page.locator("[data-option=crop]").check());
    await page.screenshot({ path: `${folder}/way.png` });
    const saved = await download(page, folder);
    return { divider, stepped, marks, saved, size: await page.textContent("#size") };
  },

  async several() {
    const page = await open(await fresh(), base, faults);
    await drop(page, files);
    await page.waitForFunction((count) => document.querySelectorAll("#list .thumb img").length === count, files.length);
    await page.waitForFunction(() => !document.querySelector("#list progress, #list .spin"), null, { timeout: 60_000 });
    await shown(page);
    const labels = await page.locator("#list .thumb").evaluateAll((all) => all.map((each) => each.getAttribute("aria-label")));
    await page.selectOption("#format", "jpg");
    const [archive] = await Promise.all([page.waitForEvent("download"), page.click("#save-all")]);
    await archive.saveAs(`${folder}/${archive.suggestedFilename()}`);
    await page.locator("#list .thumb-remove").first().click({ force: true });
    const left = await page.locator("#list .thumb").count();
    return { labels, archive: `${folder}/${archive.suggestedFilename()}`, left };
  },

  /** What is shown in place of a picture, and with one. */
  async trouble() {
    const page = await open(await fresh(), base, faults);
    await drop(page, files);
    await page.waitForFunction(
      () => !document.getElementById("veil-do").hidden && (document.querySelector("#veil.error") || !document.getElementById("hint").hidden),
      null,
      { timeout: 60_000 },
    );
    const said = (await page.locator("#veil").isVisible()) ? await page.textContent("#veil-text") : await page.textContent("#hint");
    const named = (await page.locator("#veil-name").isVisible()) ? await page.textContent("#veil-name") : "";
    return { said, named, state: await page.locator("#list .thumb").first().getAttribute("aria-label") };
  },

  async away() {
    const page = await open(await fresh(), base, faults);
    await drop(page, files);
    await shown(page);
    await edited(page, () => page.locator(".swatch").nth(1).click());
    await over("stop");
    await page.locator(".swatch").nth(2).click();
    await page.waitForSelector("#notice:not([hidden])");
    const told = await page.textContent("#notice span");
    await over("start");
    await page.waitForFunction(() => document.querySelector("#notice.good, #notice[hidden]"), null, { timeout: 60_000 });
    await shown(page);
    const saved = await download(page, folder);
    return { told, saved };
  },

  async windows() {
    const context = await fresh();
    const first = await open(context, base, faults);
    await drop(first, files);
    await shown(first);
    await edited(first, () => first.locator(".swatch").nth(1).click());
    const second = await open(context, base, faults);
    await shown(second);
    const seen = await second.locator(".swatch input").nth(1).isChecked();
    await edited(second, () => second.locator(".swatch").nth(2).click());
    await second.waitForTimeout(500);
    await first.locator(".swatch").nth(5).click();
    await first.waitForSelector("#notice:not([hidden])");
    const told = await first.textContent("#notice span");
    const follows = await first.locator(".swatch input").nth(2).isChecked();
    const stranger = await open(await fresh(), base, faults);
    return { seen, told, follows, strangers: await stranger.locator("#list .thumb").count() };
  },

  /** A click and a box say what is meant; a held key shows the original meanwhile. */
  async hints() {
    const page = await open(await fresh(), base, faults);
    await drop(page, files);
    await shown(page);
    await tab(page, "correct");
    const choose = (name, value) => page.locator(`input[name=${name}][value=${value}]`).check({ force: true });
    await choose("shape", "point");
    const clicked = await edited(page, () => draw(page, [[0.5, 0.5]]));
    await choose("shape", "box");
    const boxed = await edited(page, () => draw(page, [[0.4, 0.4], [0.6, 0.6]]));
    await choose("keep", "remove");
    const removed = await edited(page, () => draw(page, [[0.14, 0.9], [0.2, 0.94]]));
    const pressed = () => page.getAttribute("#peek", "aria-pressed");
    const peeks = [await pressed()];
    await page.locator("#viewer").focus();
    await page.keyboard.down("o");
    peeks.push(await pressed());
    await page.keyboard.up("o");
    peeks.push(await pressed());
    const saved = await download(page, folder);
    return { shapes: [clicked, boxed, removed].map(({ marks }) => marks.at(-1).shape), peeks, saved };
  },

  async history() {
    const context = await fresh();
    const page = await open(context, base, faults);
    await drop(page, files);
    await shown(page);
    for (const index of [1, 3, 5]) await edited(page, () => page.locator(".swatch").nth(index).click());
    const chosen = () => page.locator(".swatch input").evaluateAll((all) => all.findIndex((each) => each.checked));
    const trail = [await chosen()];
    for (const keys of ["Control+z", "Control+z", "Control+Shift+z"]) {
      await page.keyboard.press(keys);
      trail.push(await chosen());
    }
    await page.waitForTimeout(800);
    await page.reload();
    await page.waitForSelector("html[data-ready]");
    await shown(page);
    trail.push(await chosen());
    await page.keyboard.press("Control+Shift+z");
    trail.push(await chosen());
    return { trail };
  },

  /** Nothing but a keyboard. */
  async keyboard() {
    const page = await open(await fresh(), base, faults);
    const focused = () => page.evaluate(() => document.activeElement.id || document.activeElement.className || document.activeElement.tagName);
    const reach = async (selector) => {
      for (let count = 0; count < 80; count += 1) {
        await page.keyboard.press("Tab");
        if (await page.evaluate((it) => document.activeElement.matches(it), selector)) return;
      }
      throw new Error(`${selector} is not reached; at ${await focused()}`);
    };
    await reach(".sample");
    await page.keyboard.press("Enter");
    await shown(page);
    await reach("#tab-background");
    await page.keyboard.press("ArrowRight");
    await shown(page);
    const steps = [await focused()];
    let marks = 0;
    if (await page.locator("#marks").isVisible()) {
      await page.locator("#viewer").focus();
      await page.keyboard.press("ArrowLeft");
      await page.keyboard.press("Enter");
      await page.keyboard.press("ArrowLeft");
      await page.keyboard.press("ArrowLeft");
      marks = (await edited(page, () => page.keyboard.press("Enter"))).marks.length;
      await page.locator("#tab-correct").focus();
    }
    await page.keyboard.press("End");
    steps.push(await focused());
    await shown(page);
    await page.locator("#subject").focus();
    const moved = await edited(page, () => page.keyboard.press("ArrowLeft"));
    const sized = await edited(page, () => page.keyboard.press("-"));
    await page.locator("#save").focus();
    const [file] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("Enter")]);
    return { steps, marks, moved: moved.options, sized: sized.options, saved: file.suggestedFilename() };
  },

  /** Down to single pixels of a large picture. */
  async near() {
    const page = await open(await fresh(), base, faults);
    await drop(page, files);
    await shown(page);
    await page.locator("#compare").click();
    const tiles = [];
    page.on("response", (answer) => {
      if (answer.url().includes("/tiles/")) tiles.push(`${answer.status()} ${answer.url().split("/tiles/")[1]}`);
    });
    const box = await page.locator("#viewer").boundingBox();
    await page.mouse.move(box.x + box.width * 0.45, box.y + box.height * 0.5);
    let longest = 0;
    for (let count = 0; count < 14; count += 1) {
      await page.mouse.wheel(0, -240);
      const took = await page.evaluate(async () => {
        const start = performance.now();
        await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
        return performance.now() - start;
      });
      longest = Math.max(longest, took);
    }
    await page.waitForFunction(() => document.getElementById("busy").hidden, null, { timeout: 120_000 });
    await page.waitForTimeout(1500);
    await page.screenshot({ path: `${folder}/near.png` });
    return { zoom: await page.textContent("#zoom"), tiles, longest };
  },

  async accessible() {
    const found = [];
    for (const [scheme, locale, width, height] of [["light", "en", 1280, 800], ["dark", "de", 390, 844]]) {
      const context = await fresh({ colorScheme: scheme, locale, viewport: { width, height }, bypassCSP: true });
      const page = await open(context, base, faults);
      const where = `${scheme} ${locale} ${width}`;
      found.push(...(await violations(page, `${where} start`)));
      await drop(page, files);
      await shown(page);
      for (const pane of ["background", "correct", "shadow", "frame"]) {
        await tab(page, pane);
        await page.waitForTimeout(400);
        found.push(...(await violations(page, `${where} ${pane}`)));
      }
      for (const direction of ["ltr", "rtl"]) {
        await page.evaluate((dir) => (document.documentElement.dir = dir), direction);
        await page.waitForTimeout(200);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        if (wide > 0) found.push(`${where} ${direction}: scrolls sideways by ${wide}`);
      }
      await tab(page, "background");
      found.push(...(await violations(page, `${where} rtl`)));
      await page.screenshot({ path: `${folder}/rtl-${width}.png` });
      // What one pulls follows the hand, whichever way the page is written.
      const knob = await page.locator("#slider").boundingBox();
      await page.mouse.move(knob.x + knob.width / 2, knob.y + 40);
      await page.mouse.down();
      await page.mouse.move(knob.x + knob.width / 2 - 60, knob.y + 40, { steps: 4 });
      await page.mouse.up();
      const pulled = await page.locator("#slider").boundingBox();
      if (Math.abs(knob.x - pulled.x - 60) > 2) found.push(`${where} rtl: the slider went by ${knob.x - pulled.x}`);
      await context.close();
    }
    return { found };
  },

  /** What does not fit: a long name, phones, held sideways too, a desk's window at 200 and 400 %. */
  async small() {
    const found = [];
    const look = async (page, where) => {
      const told = await page.evaluate(() => {
        const outside = [...document.querySelectorAll("#work button, #work select, #work .swatch")]
          .map((each) => [each, each.getBoundingClientRect()])
          .filter(([each, { width, left, right }]) => width && !each.closest("#list") && (left < 0 || right > innerWidth))
          .map(([each]) => `${each.id || each.className} is outside`);
        const save = document.getElementById("save");
        if (save.scrollWidth > save.clientWidth) outside.push("#save is cut");
        const notice = document.getElementById("notice"), close = document.createElement("button");
        notice.className = "notice error";
        close.className = "quiet icon";
        notice.replaceChildren(document.createElement("span"), close);
        notice.firstChild.textContent = "a name of many, ".repeat(300);
        notice.hidden = false;
        if (close.getBoundingClientRect().bottom > innerHeight) outside.push("a long notice cannot be closed");
        notice.hidden = true;
        const { clientHeight } = document.querySelector(".panes");
        if (clientHeight < 90) outside.push(`the panel has ${clientHeight} px`);
        const fixed = getComputedStyle(document.body).overflowY === "hidden";
        if (fixed && document.documentElement.scrollHeight > innerHeight) outside.push("it is cut below");
        return outside;
      });
      found.push(...told.map((each) => `${where}: ${each}`));
    };
    const first = await fresh();
    const page = await open(first, base, faults);
    await drop(page, files.slice(0, 1));
    await shown(page);
    await edited(page, () => page.setInputFiles("#background-file", files[1].path));
    await look(page, "long name");
    // What is told covers no tool.
    await page.setInputFiles("#background-file", { name: "a.jpg", mimeType: "image/jpeg", buffer: Buffer.from("text") });
    await page.waitForSelector("#notice.error");
    await page.click("#tab-shadow", { timeout: 2000 });
    await page.click("#zoom-in", { timeout: 2000 });
    await page.click("#tab-background", { timeout: 2000 });
    // White is told of before it is in the file.
    await page.selectOption("#format", "jpg");
    const told = [await page.locator("#format-note").isVisible()];
    await page.locator(".swatch").first().click();
    told.push(await page.locator("#format-note").isVisible());
    if (told.join() !== "false,true") found.push(`of white is told: ${told}`);
    const storageState = await first.storageState();
    const sizes = [[320, 568], [360, 640], [375, 667], [568, 320], [640, 400], [667, 375], [844, 390], [320, 256]];
    for (const locale of ["en", "de"]) {
      for (const [width, height] of sizes) {
        const context = await fresh({ locale, storageState, viewport: { width, height } });
        const small = await open(context, base, faults);
        await shown(small);
        await look(small, `${locale} ${width} × ${height}`);
        await context.close();
      }
    }
    await first.close();
    return { found };
  },

  /** What is loaded, how it comes, and whether anything jumps meanwhile. */
  async loading() {
    const context = await fresh();
    await context.addInitScript(() => {
      window.shifts = 0;
      new PerformanceObserver((list) => {
        for (const each of list.getEntries()) if (!each.hadRecentInput) window.shifts += each.value;
      }).observe({ type: "layout-shift", buffered: true });
    });
    const loaded = (page) =>
      page.evaluate(() =>
        [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")].map(
          ({ name, transferSize, encodedBodySize, decodedBodySize }) => ({ path: new URL(name).pathname, transferSize, encodedBodySize, decodedBodySize }),
        ),
      );
    const page = await open(context, base, faults);
    await page.waitForTimeout(500);
    const first = await loaded(page);
    const images = await page.locator("img").evaluateAll((all) => all.filter((it) => !it.hasAttribute("alt") || !it.width || !it.height).length);
    const about = await page.evaluate(() => [document.title, document.documentElement.lang, document.querySelector("meta[name=description]").content]);
    await drop(page, files);
    await shown(page);
    await page.waitForTimeout(300);
    const shifts = await page.evaluate(() => window.shifts);
    const again = await open(context, base, faults);
    await shown(again);
    return { first, second: await loaded(again), images, about, shifts };
  },

  /** Another site in the same browser, where the visitor has pictures. */
  async foreign() {
    const context = await fresh();
    const page = await open(context, base, faults);
    await drop(page, files);
    await shown(page);
    const id = await page.evaluate(async () => (await (await fetch("/page/session")).json()).pictures[0].id);
    const other = await context.newPage();
    await other.goto(process.env.OTHER_SITE);
    const tries = await other.evaluate(async ([to, picture]) => {
      const seen = {};
      const attempt = async (what, run) => {
        try {
          seen[what] = await run();
        } catch (error) {
          seen[what] = error.name;
        }
      };
      await attempt("read", async () => (await fetch(`${to}/page/session`, { credentials: "include" })).status);
      await attempt("send", async () => {
        const form = new FormData();
        form.append("image_file", new File(["x"], "x.png"));
        return (await fetch(`${to}/page/pictures`, { method: "POST", body: form, credentials: "include", mode: "no-cors" })).type;
      });
      await attempt("header", async () =>
        (await fetch(`${to}/page/pictures/${picture}`, { method: "DELETE", headers: { "X-Mattekit-Page": "1" }, credentials: "include" })).status,
      );
      await attempt("image", () => new Promise((done) => {
        const image = new Image();
        image.onload = () => done("shown");
        image.onerror = () => done("refused");
        image.src = `${to}/page/pictures/${picture}/original`;
      }));
      await attempt("frame", () => new Promise((done) => {
        const frame = document.createElement("iframe");
        frame.src = to;
        frame.onload = () => {
          try {
            done(frame.contentDocument === null ? "foreign" : frame.contentDocument.body.childElementCount);
          } catch {
            done("foreign");
          }
        };
        document.body.append(frame);
      }));
      return seen;
    }, [base, id]);
    const frame = other.frames().find((each) => each !== other.mainFrame());
    tries.framed = (await frame?.content().catch(() => ""))?.includes("mattekit") ?? false;
    const left = await page.evaluate(async () => (await (await fetch("/page/session")).json()).pictures.length);
    return { tries, left };
  },

  /** `mattekit app`: opened by its link, ended with its window. */
  async app() {
    const context = await fresh();
    const page = await open(context, base, faults, { path: process.env.LINK });
    const address = page.url();
    await drop(page, files);
    await shown(page);
    await page.reload();
    await page.waitForSelector("html[data-ready]");
    await shown(page);
    await page.close();
    return { address };
  },

  /** Copy a result, paste pictures and an address. */
  async clipboard() {
    const context = await fresh({ permissions: ["clipboard-read", "clipboard-write"] });
    const page = await open(context, base, faults);
    const paste = (text) =>
      page.evaluate(async ([data, address]) => {
        const transfer = new DataTransfer();
        if (address) transfer.setData("text/plain", address);
        else {
          const bytes = Uint8Array.from(atob(data), (each) => each.charCodeAt(0));
          transfer.items.add(new File([bytes], "pasted.jpg", { type: "image/jpeg" }));
        }
        document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true }));
      }, text);
    await paste([readFileSync(paths[0]).toString("base64"), ""]);
    await shown(page);
    await page.click("#copy");
    await page.waitForSelector("#notice.good", { timeout: 120_000 });
    const told = await page.textContent("#notice span");
    const copied = await page.evaluate(async () => {
      const [item] = await navigator.clipboard.read();
      const bitmap = await createImageBitmap(await item.getType("image/png"));
      return [bitmap.width, bitmap.height];
    });
    await paste(["", "http://127.0.0.1:9/secret.png"]);
    await page.waitForFunction(() => document.querySelector("#list .thumb-failed"), null, { timeout: 60_000 });
    await page.locator("#list .thumb").last().click();
    return { told, copied, refused: await page.textContent("#veil-text") };
  },

  /** The subject is dragged, sized and put into a preset by a pointer. */
  async frame() {
    const page = await open(await fresh(), base, faults);
    await drop(page, files);
    await shown(page);
    await tab(page, "frame");
    const bodies = {};
    bodies.preset = (await edited(page, () => page.locator(".preset", { hasText: "Square on white" }).click())).options;
    const box = await page.locator("#subject").boundingBox();
    const middle = [box.x + box.width / 2, box.y + box.height / 2];
    const pull = (from, dx, dy) => async () => {
      await page.mouse.move(...from);
      await page.mouse.down();
      await page.mouse.move(from[0] + dx, from[1] + dy, { steps: 6 });
      await page.mouse.up();
    };
    bodies.sized = (await edited(page, pull([box.x + box.width, box.y + box.height], -box.width / 3, -box.height / 3))).options;
    const small = await page.locator("#subject").boundingBox();
    bodies.moved = (await edited(page, pull([small.x + small.width / 2, small.y + small.height / 2], 0, 400))).options;
    const saved = await download(page, folder);
    return { bodies, middle, saved };
  },

  /** With keys: asked for, refused, accepted; what it costs is said before. */
  async keys() {
    const page = await open(await fresh(), base, faults);
    await drop(page, files);
    await page.waitForSelector("#key-dialog[open]");
    await page.fill("#key", "wrong");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.getElementById("key-error").textContent);
    const wrong = await page.textContent("#key-error");
    await page.fill("#key", process.env.API_KEY);
    await page.keyboard.press("Enter");
    await shown(page);
    await page.waitForTimeout(500);
    const before = [await page.textContent("#key-text"), await page.textContent("#save"), await page.textContent("#price")];
    const saved = await download(page, folder);
    await page.waitForTimeout(1000);
    const after = [await page.textContent("#key-text"), await page.textContent("#save"), await page.textContent("#price")];
    const kept = await page.evaluate(() => JSON.stringify(localStorage));
    return { wrong, before, after, saved, kept };
  },

  /** On a phone: a picture of its camera, two fingers, an own background from its files. */
  async phone() {
    const context = await fresh({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 });
    const page = await open(context, base, faults);
    const choose = async (selector, path) => {
      const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.tap(selector)]);
      await chooser.setFiles(path);
      return { many: chooser.isMultiple(), asks: await chooser.element().getAttribute("capture") };
    };
    const camera = await choose("[data-do=camera]", paths[0]);
    await shown(page);
    const added = await choose(".strip [data-do=choose]", paths[1]);
    await page.waitForFunction(() => document.querySelectorAll("#list .thumb img").length === 2);
    const percent = async () => Number((await page.textContent("#zoom")).replace(/\D/g, ""));
    const zooms = [await percent()];
    await pinch(page, 60, 240);
    zooms.push(await percent());
    await tab(page, "correct");
    await pinch(page, 60, 180);
    zooms.push(await percent());
    const marks = await page.locator("#clear-marks").isEnabled();
    await tab(page, "background");
    await page.screenshot({ path: `${folder}/phone.png` });
    const asked = page.waitForRequest((request) => request.url().endsWith("/preview"));
    await choose("#background-choose", paths[2]);
    await asked;
    await shown(page);
    const mine = await page.textContent("#background-choose");
    const saved = await download(page, folder);
    return { camera, added, zooms, marks, mine, saved };
  },

  /** A folder is dropped, with folders in it. */
  async folder() {
    const page = await open(await fresh(), base, faults);
    await dropPaths(page, paths);
    await page.waitForFunction(() => document.querySelectorAll("#list .thumb").length > 1);
    await page.waitForFunction(() => !document.querySelector("#list progress, #list .spin"), null, { timeout: 60_000 });
    const labels = await page.locator("#list .thumb").evaluateAll((all) => all.map((each) => each.getAttribute("aria-label")));
    return { labels: labels.sort() };
  },

  /** One of several subjects is clicked; then each is taken home by itself. */
  async subjects() {
    const page = await open(await fresh(), base, faults);
    await drop(page, files);
    await shown(page);
    await tab(page, "correct");
    await page.selectOption("#subjects", "pick");
    const hint = await page.textContent("#hint");
    await page.keyboard.press("Escape");
    const given = await page.inputValue("#subjects");
    await page.selectOption("#subjects", "pick");
    const picked = await edited(page, () => draw(page, [[0.25, 0.5]]));
    const now = await page.inputValue("#subjects");
    const clicked = await download(page, folder);
    await edited(page, () => page.selectOption("#subjects", "each"));
    const [archive] = await Promise.all([page.waitForEvent("download"), page.click("#save")]);
    await archive.saveAs(`${folder}/${archive.suggestedFilename()}`);
    await page.selectOption("#format", "psd");
    const layered = await download(page, folder);
    return { hint, given, picked, now, clicked, archive: `${folder}/${archive.suggestedFilename()}`, layered };
  },

  /** The sides of a cropped frame are pulled, by a pointer and by keys. */
  async margins() {
    const page = await open(await fresh(), base, faults);
    await drop(page, files);
    await shown(page);
    await tab(page, "frame");
    const before = await page.locator("#margins").isVisible();
    await edited(page, () => page.locator("[data-option=crop]").check());
    const box = await page.locator(".margin.right").boundingBox();
    const subject = await page.locator("#subject").boundingBox();
    const from = [box.x + box.width / 2, box.y + box.height / 2];
    const pulled = await edited(page, async () => {
      await page.mouse.move(...from);
      await page.mouse.down();
      await page.mouse.move(from[0] + subject.width / 5, from[1], { steps: 5 });
      await page.mouse.up();
    });
    await page.screenshot({ path: `${folder}/margins.png` });
    await page.locator(".margin.top").focus();
    const pressed = await edited(page, () => page.keyboard.press("ArrowUp"));
    const named = await page.locator(".margin.top").evaluate((it) => [it.getAttribute("aria-label"), it.getAttribute("aria-valuetext")]);
    const saved = await download(page, folder);
    return { before, pulled: pulled.options, pressed: pressed.options, named, saved };
  },

  /** A result is rated, and the picture given away only by who says so. */
  async rating() {
    const page = await open(await fresh(), base, faults);
    await drop(page, files);
    await shown(page);
    const offered = [await page.locator("#rate").isVisible()];
    await download(page, folder);
    await page.click("#notice button"); // that it is saved; the next one is the answer
    offered.push(await page.locator("#rate").isVisible());
    await page.click("[data-rate=bad]");
    const asked = await page.textContent("#rate-dialog p");
    await page.click("#rate-cancel");
    await over("kept");
    await page.click("[data-rate=good]");
    await page.click("#rate-dialog [type=submit]");
    await page.waitForSelector("#notice.good");
    const told = await page.textContent("#notice span");
    return { offered, asked, told, again: await page.locator("#rate").isVisible() };
  },

  /** Logged in at an issuer, and back: the account pays. */
  async login() {
    const page = await open(await fresh(), base, faults, { also: process.env.ISSUER });
    await drop(page, files);
    await page.waitForSelector("#key-dialog[open]");
    await page.click("#login a");
    for (let forms = 0; forms < 4 && !page.url().startsWith(base); forms += 1) {
      if (await page.locator("input[name=login]").count()) {
        await page.fill("input[name=login]", "ada");
        await page.fill("input[name=password]", "any");
      }
      await Promise.all([page.waitForNavigation(), page.click("button[type=submit], input[type=submit]")]);
    }
    await page.waitForSelector("html[data-ready]");
    const before = await page.textContent("#key-text");
    await drop(page, files);
    await shown(page);
    await page.waitForTimeout(500);
    const looked = await page.textContent("#key-text");
    const saved = await download(page, folder);
    await page.waitForTimeout(1000);
    await page.click("#key-button");
    return { before, looked, after: await page.textContent("#key-text"), name: await page.textContent("#login-name"), address: page.url(), saved };
  },

  async shots() {
    for (const [width, height] of [[390, 844], [1280, 800], [2560, 1440]]) {
      for (const scheme of ["light", "dark"]) {
        const context = await fresh({ colorScheme: scheme, viewport: { width, height }, hasTouch: width < 500 });
        const page = await open(context, base, faults);
        const keep = async (what) => page.screenshot({ path: `${folder}/${what}-${width}-${scheme}.png` });
        await page.waitForTimeout(300);
        await keep("start");
        await drop(page, files);
        await page.waitForFunction((count) => document.querySelectorAll("#list .thumb img").length === count, files.length);
        await shown(page);
        await page.waitForTimeout(500);
        await keep("background");
        for (const pane of ["correct", "shadow", "frame"]) {
          await tab(page, pane);
          await page.waitForTimeout(300);
          await keep(pane);
        }
        await edited(page, () => page.locator(".preset").last().click());
        await page.waitForTimeout(300);
        await keep("cropped");
        await context.close();
      }
    }
    return {};
  },
};

try {
  const seen = await scenarios[name]();
  console.log(JSON.stringify({ ...seen, faults }));
} catch (error) {
  console.log(JSON.stringify({ failed: String(error.stack ?? error), faults }));
  process.exitCode = 1;
} finally {
  await browser.close();
  process.stdin.destroy();
}

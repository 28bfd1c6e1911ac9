// What every scenario shares: a browser, a window that watches itself, steps that people take.

import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { readFileSync } from "node:fs";

const require = createRequire(`${process.env.MATTEKIT_CLIENTS}/node/package.json`);
const { chromium } = require("playwright-core");
const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

// As root, without a screen, and without what browsers ask their makers for.
const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

export function launch() {
  return chromium.launch({ executablePath: process.env.MATTEKIT_CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
}

/** Wait for the test to say that it has done its part. */
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
export async function over(what) {
  console.log(`> ${what}`);
  await lines.next();
}

/** A window; whatever goes wrong in it, or leaves this server, is in `faults`. */
export async function open(context, base, faults, { path = "/", also = "" } = {}) {
  const page = await context.newPage();
  const origin = new URL(base).origin;
  // An issuer's own pages, where one logs in, are its own affair.
  const ours = () => !also || !page.url().startsWith(also);
  page.on("pageerror", (error) => ours() && faults.push(`error: ${error.stack ?? error}`));
  page.on("console", (message) => {
    // A browser also reports each answer that is an error; what the page makes of those is looked at.
    if (ours() && message.type() === "error" && !message.text().startsWith("Failed to load resource")) faults.push(message.text());
  });
  page.on("request", (request) => {
    const { protocol, origin: to } = new URL(request.url());
    if (ours() && protocol.startsWith("http") && ![origin, also].includes(to)) faults.push(`asked ${request.url()}`);
  });
  await page.goto(base + path);
  await page.waitForSelector("html[data-ready]");
  return page;
}

/** Drop files anywhere on the page, as a file manager does. */
export async function drop(page, files) {
  const data = files.map(({ name, path }) => ({ name, text: readFileSync(path).toString("base64") }));
  await page.evaluate((all) => {
    const transfer = new DataTransfer();
    for (const { name, text } of all) {
      const bytes = Uint8Array.from(atob(text), (each) => each.charCodeAt(0));
      transfer.items.add(new File([bytes], name));
    }
    for (const type of ["dragenter", "dragover", "drop"]) {
      document.body.dispatchEvent(new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }));
    }
  }, data);
}

/** Wait until what is asked for is shown. */
export async function shown(page) {
  await page.waitForFunction(
    () => document.getElementById("viewer").dataset.shown === "true",
    null,
    { timeout: 120_000 },
  );
}

export async function tab(page, name) {
  await page.click(`#tab-${name}`);
  await shown(page);
}

/** Do something that is answered by a preview; returns what was asked. */
export async function edited(page, action) {
  const asked = page.waitForRequest((request) => request.url().endsWith("/preview"), { timeout: 20_000 });
  await action();
  const body = (await asked).postDataJSON();
  await shown(page);
  return body;
}

export async function download(page, folder, button = "#save") {
  const asked = page.waitForRequest((request) => request.url().endsWith("/result"), { timeout: 20_000 });
  const [file, request] = await Promise.all([page.waitForEvent("download", { timeout: 600_000 }), asked, page.click(button)]);
  const path = `${folder}/${file.suggestedFilename()}`;
  await file.saveAs(path);
  return { path, name: file.suggestedFilename(), body: request.postDataJSON() };
}

/** Draw a line on the picture; points are shares of what is shown of it. */
export async function draw(page, points) {
  const places = await page.evaluate(
    (all) => all.map(([x, y]) => {
      const box = document.getElementById("viewer").getBoundingClientRect();
      return [box.left + box.width * x, box.top + box.height * y];
    }),
    points,
  );
  await page.mouse.move(...places[0]);
  await page.mouse.down();
  for (const place of places.slice(1)) await page.mouse.move(...place, { steps: 8 });
  await page.mouse.up();
}

/** What axe finds, in a line each. */
export async function violations(page, where) {
  await page.addScriptTag({ content: AXE }).catch(() => page.evaluate(AXE));
  const { violations: found } = await page.evaluate(() =>
    axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }),
  );
  return found.flatMap((each) => each.nodes.map((node) => `${where}: ${each.id} ${node.target.join(" ")} ${node.failureSummary}`));
}

/** Drop what lies on a disk, folders too, as the browser itself is told of it. */
export async function dropPaths(page, paths) {
  const session = await page.context().newCDPSession(page);
  const { width, height } = page.viewportSize();
  const data = { items: [], files: paths, dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"]) {
    await session.send("Input.dispatchDragEvent", { type, x: width / 2, y: height / 2, data });
  }
}

/** Two fingers on the picture, from one distance to another, in pixels. */
export async function pinch(page, from, to) {
  const session = await page.context().newCDPSession(page);
  const box = await page.locator("#viewer").boundingBox();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const fingers = (distance) => [-1, 1].map((side, id) => ({ x: x + (side * distance) / 2, y, id }));
  await session.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: fingers(from).slice(0, 1) });
  await session.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: fingers(from) });
  for (let step = 1; step <= 8; step += 1) {
    await session.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: fingers(from + ((to - from) * step) / 8) });
  }
  await session.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
}

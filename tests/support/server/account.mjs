// A person at /account in Debian's Chromium: node account.mjs BASE FOLDER. Prints what was seen, as JSON.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const [base, folder] = process.argv.slice(2);
const require = createRequire(`${process.env.MATTEKIT_CLIENTS}/node/package.json`);
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const browser = await chromium.launch({
  executablePath: process.env.MATTEKIT_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update"],
});
const page = await (await browser.newContext()).newPage();
page.setDefaultTimeout(120_000);
const faults = [];
page.on("pageerror", (error) => faults.push(String(error)));
page.on("console", (message) => {
  if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) faults.push(message.text());
});
page.on("request", (request) => {
  const from = request.frame()?.url() ?? "";
  if (from.startsWith(base) && !request.isNavigationRequest() && !request.url().startsWith(base)) faults.push(request.url());
});
const violations = async () => {
  // The page's own policy forbids inline scripts; what the browser is told from outside it does not.
  await page.evaluate(axe);
  const found = await page.evaluate(() => axe.run());
  return found.violations.map((each) => `${each.id}: ${each.nodes.map((node) => node.html)}`);
};

const seen = {};
await page.goto(`${base}/account`);
await page.getByRole("link", { name: "Log in" }).click();
await page.locator("input[name=login]").fill("carol");
await page.locator("input[name=password]").fill("any");
await page.locator("button[type=submit]").click();
await page.locator("button[type=submit]").click(); // consent
await page.waitForURL(`${base}/account`);
await page.locator("#account").waitFor();
seen.name = await page.textContent("#name");
seen.credits = await page.textContent("#credits");

await page.getByLabel("Name of a new key").fill("<b>laptop</b>");
await page.getByRole("button", { name: "Make a key" }).click();
await page.locator("#made").waitFor();
seen.key = await page.textContent("#key");
await page.locator("#keys tr").waitFor();
seen.row = await page.locator("#keys td").allTextContents();
seen.violations = await violations();
await page.screenshot({ path: `${folder}/account.png` });

page.once("dialog", (dialog) => dialog.accept("phone"));
await page.getByRole("button", { name: "Rename <b>laptop</b>" }).click();
await page.getByRole("cell", { name: "phone", exact: true }).waitFor();
page.once("dialog", (dialog) => dialog.accept());
await page.getByRole("button", { name: "Revoke phone" }).click();
await page.getByRole("cell", { name: "revoked" }).waitFor();

await page.getByRole("button", { name: "Log out" }).click();
await page.waitForURL((url) => !url.href.startsWith(base)); // the issuer asks whether there, too
seen.left = page.url();
await page.goto(`${base}/account`);
await page.getByRole("link", { name: "Log in" }).waitFor();
seen.faults = faults;
console.log(JSON.stringify(seen));
await browser.close();

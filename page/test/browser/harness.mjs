// A browser on one page of the mock or of a real server: what it logs, asks for elsewhere or does wrong fails the test.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { startMock } from "../mock/server.mjs";

export const built = fileURLToPath(new URL("../../../build/page/", import.meta.url));
export const assets = process.env.PAGE_TEST_ASSETS ?? `${built}assets`;
export const pictures = `${built}screens/`;
mkdirSync(pictures, { recursive: true });
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const program = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync);

// So long is waited for what has to come, in milliseconds: it takes far less, also of a machine that does much else.
const patience = 60_000;

let running = null;
export async function browser() {
  running ??= await chromium.launch({
    executablePath: program,
    timeout: patience,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ],
  });
  return running;
}
export async function closeBrowser() {
  await running?.close();
  running = null;
}

export const widths = { phone: [390, 844], tablet: [820, 1180], desktop: [1440, 900] };

// A page's messages go after a while (page/src/state/messages.ts), and so long may pass between two steps of a test.
function keepMessages() {
  const { setTimeout } = window;
  const shownFor = [8_000, 15_000];
  window.setTimeout = (then, wait, ...rest) => setTimeout(then, shownFor.includes(wait) ? 3_600_000 : wait, ...rest);
}

// A page of its own, as another person's browser has it, when it hears of events: what is told before is missed. `live` false:
// it hears of none, or not yet. `allowed`: texts of console errors that the test brings about.
export async function open(url, { size = "desktop", dark = false, allowed = [], hash = "", live = true } = {}) {
  const [width, height] = widths[size];
  const context = await (await browser()).newContext({
    viewport: { width, height },
    colorScheme: dark ? "dark" : "light",
    reducedMotion: "reduce",
    locale: "en-GB",
    timezoneId: "UTC",
    hasTouch: size === "phone",
    serviceWorkers: "block",
  });
  const page = await context.newPage();
  const wrong = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type()) && !allowed.some((text) => message.text().includes(text)))
      wrong.push(message.text());
  });
  page.on("pageerror", (error) => wrong.push(String(error)));
  page.on("request", (request) => {
    if (!request.url().startsWith(url) && !/^(blob|data):/.test(request.url()))
      wrong.push(`asked for ${request.url()}`);
  });
  page.setDefaultTimeout(patience);
  await page.addInitScript(keepMessages);
  await page.goto(url + hash);
  if (live) await page.getByText("Live", { exact: true }).waitFor({ state: "attached" });
  return {
    page,
    context,
    close: async () => {
      await context.close();
      assert.deepEqual(wrong, []);
    },
  };
}

// Axe's violations on what is shown, as lines.
export async function violations(page) {
  // By the debugger, which the page's policy does not bind.
  await page.evaluate(axeSource);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  return found.violations.flatMap((one) =>
    one.nodes.map((node) => `${one.id}: ${node.target.join(" ")}: ${node.any[0]?.message ?? one.help}`),
  );
}

// Each with its heading, and what it shows when all of it was read.
export const views = [
  ["now", "", "Now", "[alt='Last frame of garden']"],
  ["review", "#/review", "Review", ".guesses"],
  ["people", "#/people", "People", ".card"],
  ["person", "#/person/0000000001000003", "Dana Abel", "[alt='Picture 4 of Dana Abel']"],
  ["visits", "#/visits", "Visits", ".visit"],
  ["settings", "#/settings", "Settings", ".effect p:text('get a name')"],
  ["system", "#/system", "System", ":text('connection refused')"],
];

// `work(mock)` over a made-up server that ends with it.
export async function withMock(options, work) {
  const mock = await startMock({ assets, people: 40, visits: 60, ...options });
  try {
    await work(mock);
  } finally {
    await mock.stop();
  }
}

// Until it is so.
export async function soon(is) {
  const end = Date.now() + patience;
  while (!(await is())) {
    assert.ok(Date.now() < end, String(is));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

// Until the page has done and painted what it was told so far, and what it asked for meanwhile has come to the server: it
// asks once more. Only then does a test see that something was not done.
export async function settled(page) {
  await page.evaluate(async () => {
    for (let frames = 0; frames < 2; frames += 1)
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    await fetch("/api/session");
  });
}

// As `settled`, after the page's own timers of up to `pause` milliseconds have gone off.
export async function settledAfter(page, pause) {
  await page.evaluate((wait) => new Promise((resolve) => setTimeout(resolve, wait)), pause);
  await settled(page);
}

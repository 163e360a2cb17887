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

let running = null;
export async function browser() {
  running ??= await chromium.launch({
    executablePath: program,
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

// A page of its own, as another person's browser has it. `allowed`: texts of console errors that the test brings about.
export async function open(url, { size = "desktop", dark = false, allowed = [], hash = "" } = {}) {
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
  page.setDefaultTimeout(20_000);
  await page.goto(url + hash);
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

export const views = [
  ["now", ""],
  ["review", "#/review"],
  ["people", "#/people"],
  ["person", "#/person/0000000001000003"],
  ["visits", "#/visits"],
  ["settings", "#/settings"],
  ["system", "#/system"],
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
  for (let tries = 0; tries < 400 && !(await is()); tries += 1) await new Promise((resolve) => setTimeout(resolve, 50));
  assert.ok(await is(), String(is));
}

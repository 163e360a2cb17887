// pictures.mjs OUT: the pictures of README, of the page over drawn faces.
import { resolve } from "node:path";
import { startMock } from "../mock/server.mjs";
import { assets, closeBrowser, open } from "./harness.mjs";

const out = resolve(process.argv[2] ?? ".");
// The same time of day whenever they are taken.
const mock = await startMock({ assets, people: 60, visits: 300, now: new Date().setUTCHours(15, 0, 0, 0) });
for (const [name, hash, options] of [
  ["now", "", {}],
  ["review", "#/review", { dark: true }],
  ["visits", "#/visits", { size: "phone" }],
]) {
  const { page, close } = await open(mock.url, { hash, ...options });
  await page.getByText("Live").waitFor({ state: "attached" });
  await page.locator(".skeleton").first().waitFor({ state: "detached" });
  await page.waitForTimeout(1500);
  await page.screenshot({ path: `${out}/page-${name}.png`, scale: "css" });
  await close();
}
await closeBrowser();
await mock.stop();

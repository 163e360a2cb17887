// What the first view costs, and how it holds with 2,000 people and 10,000 visits.
import assert from "node:assert/strict";
import { readdirSync, statSync } from "node:fs";
import { after, test } from "node:test";
import { startMock } from "../mock/server.mjs";
import { assets, closeBrowser, open } from "./harness.mjs";

after(closeBrowser);

test("the first view is at most 60 KB", async () => {
  const mock = await startMock({ assets, people: 40, visits: 60 });
  const { page, close } = await open(mock.url);
  await page.getByRole("heading", { name: "Here now" }).waitFor();
  const files = await page.evaluate(() =>
    performance
      .getEntriesByType("resource")
      .filter((one) => one.name.includes("/assets/"))
      .map((one) => [one.name.split("/").at(-1), one.encodedBodySize]),
  );
  const html = statSync(`${assets}/index.html.br`).size;
  const total = files.reduce((sum, [, size]) => sum + size, html);
  const paint = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime);
  console.log(
    `page budget: ${total} bytes compressed in ${files.length + 1} files, first paint ${Math.round(paint)} ms`,
  );
  assert.ok(total <= 60_000, JSON.stringify(files));
  assert.ok(!files.some(([name]) => name.startsWith("uPlot")), "what draws plots is not of the first view");
  assert.ok(readdirSync(assets).some((name) => name.startsWith("uPlot")));
  await close();
  await mock.stop();
});

test("10,000 visits and 2,000 people: painted soon, scrolled smoothly", async () => {
  const mock = await startMock({ assets });
  const { page, close } = await open(mock.url);
  await page.getByText("Live", { exact: true }).waitFor();
  await page.evaluate(() => {
    window.longTasks = [];
    new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map((one) => one.duration))).observe({
      type: "longtask",
    });
  });
  for (const [hash, row] of [
    ["#/visits", ".visit"],
    ["#/people", ".card"],
  ]) {
    const began = Date.now();
    await page.evaluate((to) => {
      location.hash = to;
    }, hash);
    await page.locator(row).first().waitFor();
    const shown = Date.now() - began;
    await page.evaluate(() => {
      window.longTasks.length = 0;
    });
    await page.evaluate(async () => {
      // A machine that draws slowly has seen enough after a while.
      const end = performance.now() + 5000;
      for (let step = 0; step < 60 && performance.now() < end; step += 1) {
        scrollBy(0, 500 + step * 20);
        await new Promise(requestAnimationFrame);
      }
    });
    const tasks = await page.evaluate(() => window.longTasks);
    const rows = await page.locator(row).count();
    const worst = Math.round(Math.max(0, ...tasks));
    console.log(
      `page volume: ${hash} shown after ${shown} ms, ${rows} rows in the document, longest task while scrolling ${worst} ms`,
    );
    // Far above what a machine of its own takes: tests share theirs.
    assert.ok(shown < 4000, `${shown} ms`);
    assert.ok(rows < 150, `${rows} rows`);
    assert.ok(worst < 400, `${worst} ms`);
    assert.ok((await page.evaluate(() => scrollY)) > 2000);
  }
  await close();
  await mock.stop();
});

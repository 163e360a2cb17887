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
  await page.getByRole("heading", { name: "Here now", exact: true }).waitFor();
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

// Follows the tasks of the page's main thread. What it gives ends it: the longest in milliseconds, by the clock, and by the
// processor time of the thread.
async function startTrace(session) {
  const events = [];
  const take = ({ value }) => events.push(...value);
  session.on("Tracing.dataCollected", take);
  await session.send("Tracing.start", { categories: "toplevel", transferMode: "ReportEvents" });
  return async () => {
    const complete = new Promise((resolve) => session.once("Tracing.tracingComplete", resolve));
    await session.send("Tracing.end");
    await complete;
    session.off("Tracing.dataCollected", take);
    const threadOf = (event) => `${event.pid} ${event.tid}`;
    const named = events.filter((event) => event.name === "thread_name" && event.args.name === "CrRendererMain");
    const mains = new Set(named.map(threadOf));
    const tasks = events.filter((event) => event.name.endsWith("RunTask") && mains.has(threadOf(event)));
    assert.ok(tasks.length > 60, `${tasks.length} tasks`);
    const most = (field) => Math.round(Math.max(...tasks.map((task) => task[field] ?? 0)) / 1000);
    return { wall: most("dur"), cpu: most("tdur") };
  };
}

test("10,000 visits and 2,000 people: painted soon, scrolled smoothly", async () => {
  const mock = await startMock({ assets });
  const { page, context, close } = await open(mock.url);
  await page.getByText("Live", { exact: true }).waitFor();
  const browserOf = await context.newCDPSession(page);
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
    const traced = await startTrace(browserOf);
    await page.evaluate(async () => {
      // A machine that draws slowly has seen enough after a while.
      const end = performance.now() + 5000;
      for (let step = 0; step < 60 && performance.now() < end; step += 1) {
        scrollBy(0, 500 + step * 20);
        await new Promise(requestAnimationFrame);
      }
    });
    const { wall, cpu } = await traced();
    const rows = await page.locator(row).count();
    console.log(
      `page volume: ${hash} shown after ${shown} ms, ${rows} rows in the document, longest task while scrolling ${wall} ms, the most that one worked ${cpu} ms`,
    );
    // Far above what a machine of its own takes: tests share theirs. What a task worked says how long it takes alone.
    assert.ok(shown < 4000, `${shown} ms`);
    assert.ok(rows < 150, `${rows} rows`);
    assert.ok(wall < 400, `${wall} ms`);
    assert.ok(cpu < 100, `${cpu} ms`);
    assert.ok((await page.evaluate(() => scrollY)) > 2000);
  }
  await close();
  await mock.stop();
});

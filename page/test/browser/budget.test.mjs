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

// Follows the tasks of the page's main thread. What it gives ends it: how many there were, and the longest by the processor time
// of the thread, in milliseconds: by the clock a task also waits for the processor while others have it.
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
    return { tasks: tasks.length, longest: Math.round(Math.max(...tasks.map((task) => task.tdur ?? 0)) / 1000) };
  };
}

test("10,000 visits and 2,000 people: painted soon, scrolled smoothly", async () => {
  const mock = await startMock({ assets });
  const { page, context, close } = await open(mock.url);
  const browserOf = await context.newCDPSession(page);
  for (const [hash, row] of [
    ["#/visits", ".visit"],
    ["#/people", ".card"],
  ]) {
    const endOfShowing = await startTrace(browserOf);
    const began = Date.now();
    await page.evaluate((to) => {
      location.hash = to;
    }, hash);
    await page.locator(row).first().waitFor();
    const shown = Date.now() - began;
    const showing = await endOfShowing();
    const endOfScrolling = await startTrace(browserOf);
    const { steps, rows, top } = await page.evaluate(async (of) => {
      // A machine that draws slowly has seen enough after a while.
      const end = performance.now() + 5000;
      let step = 0;
      for (; step < 60 && (step < 5 || performance.now() < end); step += 1) {
        scrollBy(0, 500 + step * 20);
        await new Promise(requestAnimationFrame);
      }
      return { steps: step, rows: document.querySelectorAll(of).length, top: scrollY };
    }, row);
    const scrolling = await endOfScrolling();
    console.log(
      `page volume: ${hash} shown after ${shown} ms, ${rows} rows in the document, the most that a task worked ${showing.longest} ms, and ${scrolling.longest} ms in ${steps} steps of scrolling`,
    );
    assert.ok(rows < 150, `${rows} rows`);
    // Far above what a machine of its own takes.
    assert.ok(shown < 30_000, `${shown} ms`);
    // One that makes all 2,000 people at once takes 500 ms for it; a few in each frame, 20.
    assert.ok(showing.longest > 0 && showing.longest < 250, `${showing.longest} ms`);
    assert.ok(scrolling.longest > 0 && scrolling.longest < 100, `${scrolling.longest} ms`);
    assert.ok(scrolling.tasks >= steps, `${scrolling.tasks} tasks`);
    assert.ok(top > 2000, `${top} pixels down`);
  }
  await close();
  await mock.stop();
});

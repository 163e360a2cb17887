// Every view at three widths, light and dark: no violation, nothing cut off, and a picture to look at.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startMock } from "../mock/server.mjs";
import { assets, closeBrowser, open, pictures, views, violations } from "./harness.mjs";

let mock;
before(async () => {
  mock = await startMock({ assets, people: 60, visits: 300 });
});
after(async () => {
  await closeBrowser();
  await mock.stop();
});

for (const size of ["desktop", "phone", "tablet"]) {
  for (const dark of [false, true]) {
    test(`views, ${size}, ${dark ? "dark" : "light"}`, async () => {
      const { page, close } = await open(mock.url, { size, dark });
      for (const [name, hash, heading, there] of views) {
        await page.goto(mock.url + hash);
        await page.getByRole("heading", { name: heading, exact: true, level: 1 }).waitFor();
        await page.locator(`main ${there}`).first().waitFor();
        await page.locator(".skeleton").first().waitFor({ state: "detached" });
        await page.waitForFunction(() =>
          [...document.images].every((image) => image.complete || image.loading === "lazy"),
        );
        await page.screenshot({ path: `${pictures}${name}-${size}-${dark ? "dark" : "light"}.png` });
        const beyond = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        assert.ok(beyond <= 0, `${name}: ${beyond} pixels stand beyond the window`);
        // What a tablet shows is of the same parts.
        if (size !== "tablet") assert.deepEqual(await violations(page), [], name);
      }
      await close();
    });
  }
}

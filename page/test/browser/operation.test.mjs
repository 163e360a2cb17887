// Settings and System, over a made-up server: what a change would do is shown before it is saved, outputs are tested, what
// failed for good is seen and tried again.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { closeBrowser, open, pictures, violations, widths, withMock } from "./harness.mjs";

after(closeBrowser);

// Through the values at once, however slow the machine.
const slide = (slider, ...values) =>
  slider.evaluate((input, wanted) => {
    for (const value of wanted) {
      input.value = value;
      input.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }, values.map(String));
const fits = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth);
const posted = (mock, path) => mock.requests.filter((request) => request === path).length;

test("names: the effect on the last faces is shown before it is saved", async () => {
  await withMock({}, async (mock) => {
    const { page, close } = await open(mock.url, { hash: "#/settings" });
    const naming = page.getByRole("region", { name: "Names" });
    await naming.getByText(/^Of the last \d+ faces \d+ get a name\.$/).waitFor();
    assert.equal(await naming.getByRole("button", { name: "Save" }).isDisabled(), true);
    await slide(naming.getByRole("slider", { name: /Strangers/ }), -1);
    await naming.getByText(/get a name; \d+ would\.$/).waitFor();
    const faces = naming.getByRole("list", { name: "Faces whose name would change" });
    await faces.getByText("Ada Abel").first().waitFor();
    assert.ok((await faces.getByRole("listitem").count()) <= 24);
    assert.equal(posted(mock, "PUT /api/settings"), 0, "nothing is saved yet");
    for (const [size, [width, height]] of Object.entries(widths)) {
      await page.setViewportSize({ width, height });
      for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme });
        await page.screenshot({ path: `${pictures}settings-effect-${size}-${colorScheme}.png`, fullPage: true });
        assert.deepEqual(await violations(page), [], size);
      }
      assert.ok(await fits(page), size);
    }
    await naming.getByRole("button", { name: "Save" }).click();
    await page
      .getByText(/^Saved\./)
      .first()
      .waitFor();
    assert.equal(mock.operation.settings.strangers, 0.1);
    await slide(naming.getByRole("slider", { name: /Quality/ }), 0.5);
    await faces.getByText(/^not /).first().waitFor();
    await naming.getByRole("button", { name: "Save" }).click();
    await page.waitForFunction(() => document.querySelector("main form button[type=submit]")?.disabled);
    assert.deepEqual([mock.operation.settings.strangers, mock.operation.settings.min_quality], [0.1, 0.5]);
    await close();
  });
});

test("a control that moves asks for its last place alone", async () => {
  await withMock({}, async (mock) => {
    const { page, close } = await open(mock.url, { hash: "#/settings" });
    const slider = page.getByRole("slider", { name: /Strangers/ });
    await page.getByText(/^Of the last/).waitFor();
    const before = posted(mock, "POST /api/settings/preview");
    await slide(slider, -4, -3.5, -3, -2.5, -2, -1.5, -1);
    await page.getByText(/would\.$/).waitFor();
    assert.equal(posted(mock, "POST /api/settings/preview"), before + 1);
    await slide(slider, -3);
    await page.getByText(/get a name\.$/).waitFor();
    await close();
  });
});

test("what is told of one change is never shown beside another", async () => {
  await withMock({}, async (mock) => {
    const { page, close } = await open(mock.url, { hash: "#/settings" });
    const naming = page.getByRole("region", { name: "Names" });
    await naming.getByText(/get a name\.$/).waitFor();
    const held = mock.hold(/^POST .api.settings.preview$/);
    await page.evaluate(() => {
      window.told = [];
      const look = () => window.told.push(document.querySelector(".effect")?.textContent ?? "");
      new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
    });
    await slide(naming.getByRole("slider", { name: /Strangers/ }), -1);
    await held.asked;
    const told = await page.evaluate(() => window.told);
    assert.ok(told.length > 0);
    assert.deepEqual(
      told.filter((text) => /get a name/.test(text)),
      [],
    );
    held.answer();
    await naming.getByText(/would\.$/).waitFor();
    await close();
  });
});

test("retention: what would go at once is told, and what the operator named cannot be changed", async () => {
  await withMock({}, async (mock) => {
    const { page, close } = await open(mock.url, { hash: "#/settings" });
    const kept = page.getByRole("region", { name: "What is kept" });
    await kept.getByLabel("Faces of known people").selectOption({ label: "24 h" });
    await kept.getByText("At once and for good go: 123 pictures of faces, about 4.5 MB.").waitFor();
    assert.equal(await kept.getByLabel("List of changes").isDisabled(), true);
    await kept.getByText("--keep-changes").waitFor();
    await page.screenshot({ path: `${pictures}settings-loss.png`, fullPage: true });
    assert.deepEqual(await violations(page), []);
    await kept.getByLabel("Faces of known people").selectOption({ label: "for ever" });
    await kept.getByText("Nothing goes by this.").waitFor();
    await kept.getByLabel("Frames").selectOption({ label: "24 h" });
    await kept.getByRole("button", { name: "Save" }).click();
    await page
      .getByText(/^Saved\./)
      .first()
      .waitFor();
    assert.deepEqual(
      [mock.operation.settings.retention.known, mock.operation.settings.retention.frames],
      [null, 86_400],
    );
    assert.equal(mock.operation.settings.retention.unknown, 172_800, "what was not touched stays");
    await close();
  });
});

test("somebody else's change is shown at once", async () => {
  await withMock({}, async (mock) => {
    const { page, close } = await open(mock.url, { hash: "#/settings" });
    await page.getByText("1 in 1,000").waitFor();
    await fetch(`${mock.url}api/settings`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ strangers: 0.01 }),
    });
    await page.getByText("1 in 100", { exact: true }).waitFor();
    await close();
  });
});

test("an output is tested, and what its receiver said is told", async () => {
  await withMock({}, async (mock) => {
    const { page, close } = await open(mock.url, { hash: "#/settings" });
    const outputs = page.getByRole("region", { name: "Outputs" });
    const send = outputs.getByRole("button", { name: /^Send a test to webhook/ });
    await send.click();
    await outputs.getByText("The receiver took it (status 204, 12 ms).").waitFor();
    mock.operation.receiver = { status: 500, delivered: false, error: "HTTP status 500" };
    await send.click();
    await outputs.getByText("The receiver did not take it (status 500, 12 ms).").waitFor();
    mock.operation.receiver = { status: null, delivered: false, error: "connection refused" };
    await send.click();
    await outputs.getByText("No answer: connection refused").waitFor();
    assert.deepEqual(await violations(page), []);
    await outputs.getByRole("link", { name: "1 event given up" }).click();
    await page.getByRole("heading", { name: "System", exact: true }).waitFor();
    await close();
  });
});

test("system: rates, queues, and what failed for good with another try", async () => {
  await withMock({}, async (mock) => {
    mock.operation.letters[0].reason = "<b>no</b> face";
    const { page, close } = await open(mock.url, { hash: "#/system" });
    await page.getByText("2.0 a second").waitFor();
    await page.getByText("118 ms, 99 of 100 within 420 ms").waitFor();
    await page.getByText("300 ms, 99 of 100 within 1.3 s").waitFor();
    await page.getByText("3 waiting, 1 in work, the oldest for 2 s").waitFor();
    const dead = page.getByRole("region", { name: "Dead letters" });
    await dead.getByText("<b>no</b> face").waitFor();
    await dead.getByText("tried 5 times, frame frame-1").waitFor();
    for (const size of [
      { width: 1440, height: 900 },
      { width: 390, height: 844 },
    ]) {
      await page.setViewportSize(size);
      await page.screenshot({ path: `${pictures}system-dead-${size.width}.png`, fullPage: true });
      assert.ok(await fits(page), String(size.width));
      assert.deepEqual(await violations(page), []);
    }
    await dead.getByRole("button", { name: "Try them again" }).click();
    await dead.getByText("None: every face was worked on.").waitFor();
    const given = page.getByRole("region", { name: "Events that were given up" });
    await given.getByText("connection refused").waitFor();
    await given.getByRole("button", { name: /^Send again to/ }).click();
    await given.getByText("None: every event was delivered, or will be.").waitFor();
    await close();
  });
});

test("who may only read sees settings and changes none", async () => {
  await withMock({ role: "read" }, async (mock) => {
    const { page, close } = await open(mock.url, { hash: "#/settings" });
    await page.getByText(/^Of the last/).waitFor();
    await page.getByText("webhook https://doorbell.example").waitFor();
    assert.equal(await page.getByRole("slider", { name: /Strangers/ }).isDisabled(), true);
    assert.equal(await page.getByLabel("Faces of known people").isDisabled(), true);
    assert.equal(await page.getByRole("button", { name: /Save|Send a test/ }).count(), 0);
    await page.goto(`${mock.url}#/system`);
    await page.getByText("the network failed: out of memory").waitFor();
    await page.getByText("connection refused").waitFor();
    assert.equal(await page.getByRole("button", { name: /Try them again|Send again/ }).count(), 0);
    await close();
  });
});

test("events that are given up while the page stands open are told of", async () => {
  await withMock({}, async (mock) => {
    const [given] = mock.operation.dead.splice(0);
    const { page, close } = await open(mock.url, { hash: "#/system" });
    await page.getByText("None: every event was delivered").waitFor();
    mock.operation.dead.push(given);
    await page.getByText("connection refused").waitFor();
    await close();
  });
});

// Now: cameras whose frames come faster than their pictures, pictures that fail, and one picture tried after the other.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { closeBrowser, open, settled, soon, withMock } from "./harness.mjs";

after(closeBrowser);

const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

function newFrame(mock, camera) {
  const face = mock.data.faces.find((one) => one.camera === camera);
  mock.data.faces.unshift({
    ...face,
    id: `00000000034${String(mock.sent.length).padStart(5, "0")}`,
    time: new Date().toISOString(),
  });
  mock.emit("face.seen");
}

test("a camera with frames faster than its pictures come is shown, one picture at a time", async () => {
  await withMock({ people: 5, visits: 20 }, async (mock) => {
    const holds = [1, 2].map(() => mock.hold(/garden.frame/));
    const { page, close } = await open(mock.url);
    const asked = () => mock.requests.filter((one) => one.includes("garden/frame")).length;
    await holds[0].asked;
    const read = page.waitForResponse("**/api/cameras/garden");
    newFrame(mock, "garden");
    await (await read).finished();
    await settled(page);
    assert.equal(asked(), 1, "not two at once");
    holds[0].answer();
    await page.getByRole("img", { name: "Last frame of garden" }).waitFor();
    await holds[1].asked; // the newer one, of which was told meanwhile
    await close();
  });
});

test("a picture that failed is asked for again, though no newer frame came", async () => {
  await withMock({ people: 5, visits: 20 }, async (mock) => {
    let left = 2;
    mock.refuse = (asked) => {
      if (/garden.frame/.test(asked)) left -= 1;
      return left >= 0 && /garden.frame/.test(asked) ? [503, { error: "busy" }] : null;
    };
    const { page, close } = await open(mock.url, { allowed: ["503"] });
    await page.getByRole("img", { name: "Last frame of garden" }).waitFor();
    await close();
  });
});

test("who is in the last picture that was tried is shown, whichever answer comes first", async () => {
  await withMock({ people: 5, visits: 20 }, async (mock) => {
    const { page, close } = await open(mock.url, { allowed: ["422"] });
    const input = page.getByLabel("Picture to try");
    await input.waitFor({ state: "attached" });
    const slow = mock.hold(/^POST .api.search/);
    const picture = (name) => ({ name, mimeType: "image/png", buffer: Buffer.concat([png, Buffer.from(name)]) });
    await input.setInputFiles(picture("one.png"));
    await slow.asked;
    const shown = page.locator(".answer img");
    await input.setInputFiles(picture("two.png"));
    await page.getByRole("heading", { name: "1 face", exact: true }).waitFor();
    const second = await shown.getAttribute("src");
    slow.answer();
    await slow.gone;
    await settled(page);
    assert.equal(await shown.getAttribute("src"), second);
    // Nor does an older one's failure stand beside it.
    const failing = mock.hold(/^POST .api.search/);
    mock.refuse = (asked) => (asked.startsWith("POST /api/search") ? [422, { error: "no picture" }] : null);
    await input.setInputFiles(picture("three.png"));
    await failing.asked;
    mock.refuse = () => null;
    await input.setInputFiles(picture("four.png"));
    await soon(async () => (await shown.getAttribute("src")) !== second);
    await page.getByText("Drop or paste a picture here").waitFor();
    failing.answer();
    await failing.gone;
    await settled(page);
    assert.equal(await page.getByText("no picture").count(), 0);
    await close();
  });
});

test("a picture is dropped anywhere; no file opens in place of the page", async () => {
  await withMock({ people: 5, visits: 20 }, async (mock) => {
    const { page, close } = await open(mock.url);
    await page.getByText("Drop or paste a picture here").waitFor();
    const dropped = (place) =>
      page.evaluate((selector) => {
        const went = (type) => {
          const event = new Event(type, { bubbles: true, cancelable: true });
          const file = new File(["x"], "x.png", { type: "image/png" });
          event.dataTransfer = { types: ["Files"], files: [file] };
          document.querySelector(selector).dispatchEvent(event);
          return event.defaultPrevented;
        };
        return [went("dragover"), went("drop")];
      }, place);
    const searched = () => mock.requests.filter((one) => one === "POST /api/search").length;
    assert.deepEqual(await dropped("h1"), [true, true]);
    await page.getByRole("heading", { name: "1 face", exact: true }).waitFor();
    assert.equal(searched(), 1);
    assert.deepEqual(await dropped(".drop"), [true, true]);
    await soon(() => searched() === 2);
    await page.goto(`${mock.url}#/people`);
    await page.getByRole("heading", { name: "People", exact: true }).waitFor();
    assert.deepEqual(await dropped("h1"), [true, true]);
    await settled(page);
    assert.equal(searched(), 2);
    // Back: as soon as it is there, painted or not.
    await page.evaluate(() => {
      const event = new Event("drop", { bubbles: true, cancelable: true });
      event.dataTransfer = { types: ["Files"], files: [new File(["x"], "x.png", { type: "image/png" })] };
      return new Promise((resolve) => {
        new MutationObserver((_, observer) => {
          if (!document.querySelector("#try")) return;
          observer.disconnect();
          document.querySelector("h1").dispatchEvent(event);
          resolve();
        }).observe(document.body, { subtree: true, childList: true });
        location.hash = "#/now";
      });
    });
    await soon(() => searched() === 3);
    await close();
  });
});

test("where the browser lets no page copy, the command is marked to be copied", async () => {
  await withMock({ people: 0, visits: 0, unknowns: 0, doubtful: 0 }, async (mock) => {
    const { page, close } = await open(mock.url);
    await page.evaluate(() => Object.defineProperty(navigator, "clipboard", { value: undefined }));
    await page.getByRole("button", { name: "Copy" }).click();
    await page.getByRole("button", { name: "Marked" }).waitFor();
    assert.match(await page.evaluate(() => String(getSelection())), /^curl .*camera=door/);
    await close();
  });
});

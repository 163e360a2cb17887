// Dialogs: what must not close them, and what is said in them.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { closeBrowser, open, settled, soon, withMock } from "./harness.mjs";

after(closeBrowser);

test("no number of Escapes leaves the page without its sign-in", async () => {
  await withMock({ token: "right" }, async (mock) => {
    const { page, close } = await open(mock.url, { hash: "#/people", allowed: ["401"], live: false });
    const token = page.getByLabel("Token");
    await token.waitFor();
    for (let times = 0; times < 5; times += 1) await page.keyboard.press("Escape");
    await token.fill("right");
    await page.keyboard.press("Enter");
    await page.getByText("40 people").waitFor();
    await close();
  });
});

test("a name that is marked with the mouse, past the dialog's edge, is not lost", async () => {
  await withMock({}, async (mock) => {
    const { page, close } = await open(mock.url, { hash: "#/person/0000000001000003" });
    await page.getByRole("button", { name: "Rename" }).click();
    const field = page.getByRole("textbox", { name: "Name" });
    await field.fill("Dana Something Quite Else");
    const box = await field.boundingBox();
    await page.mouse.move(box.x + box.width - 20, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(10, box.y + box.height / 2, { steps: 5 });
    await page.mouse.up();
    await settled(page);
    assert.equal(await field.inputValue(), "Dana Something Quite Else");
    // A click beside it closes it.
    await page.mouse.click(10, 10);
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await close();
  });
});

test("rename: once, however often one asks while the server is slow, and why not where it cannot be", async () => {
  await withMock({}, async (mock) => {
    const { page, close } = await open(mock.url, { hash: "#/person/0000000001000003", allowed: ["409"] });
    const renames = () => mock.requests.filter((one) => one.startsWith("PATCH")).length;
    await page.getByRole("button", { name: "Rename" }).click();
    const dialog = page.getByRole("dialog", { name: "Rename" });
    await page.getByRole("textbox", { name: "Name" }).fill("Ada Abel");
    mock.refuse = (asked) => (asked.startsWith("PATCH") ? [409, { error: "somebody is called Ada Abel" }] : null);
    await page.keyboard.press("Enter");
    await dialog.getByText("somebody is called Ada Abel").waitFor();
    mock.refuse = () => null;
    const before = renames();
    const held = mock.hold(/^PATCH/);
    await page.getByRole("textbox", { name: "Name" }).fill("Dana Berg");
    await page.keyboard.press("Enter");
    await held.asked;
    await page.keyboard.press("Enter");
    await settled(page);
    held.answer();
    await page.getByRole("heading", { name: "Dana Berg", exact: true }).waitFor();
    assert.equal(renames(), before + 1);
    await close();
  });
});

test("merge: with somebody known, who is another", async () => {
  await withMock({}, async (mock) => {
    const { page, close } = await open(mock.url, { hash: "#/person/0000000001000003" });
    await page.getByRole("button", { name: "Merge" }).click();
    const dialog = page.getByRole("dialog");
    const field = dialog.getByRole("combobox");
    await dialog.getByRole("option", { name: "Ada Abel" }).waitFor(); // people are there to be found
    await field.fill("Nobody of that name");
    await soon(async () => (await dialog.getByRole("option").count()) === 0);
    await page.keyboard.press("Enter");
    await field.fill("Dana Abel");
    await soon(async () => (await dialog.getByRole("option").filter({ hasText: "Dana Abel" }).count()) === 0);
    await field.fill("Emeka Abel");
    await dialog.getByRole("option", { name: "Emeka Abel", selected: true }).waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Emeka Abel", exact: true }).waitFor();
    await close();
  });
});

test("signing out that failed is told", async () => {
  await withMock({ token: "right" }, async (mock) => {
    const { page, close } = await open(mock.url, { hash: "#/settings", allowed: ["401", "503"], live: false });
    await page.getByLabel("Token").fill("right");
    await page.keyboard.press("Enter");
    mock.refuse = (asked) => (asked.startsWith("DELETE") ? [503, { error: "the server is stopping" }] : null);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByText("the server is stopping").first().waitFor();
    await close();
  });
});

test("webcam: no picture is taken before there is one, and a camera that goes is told of", async () => {
  await withMock({ people: 3 }, async (mock) => {
    const { page, close } = await open(mock.url);
    await page.evaluate(() => {
      const canvas = document.createElement("canvas");
      canvas.getContext("2d").fillRect(0, 0, 10, 10);
      window.stream = canvas.captureStream();
      navigator.mediaDevices.getUserMedia = () =>
        new Promise((resolve) => {
          window.allow = () => resolve(window.stream);
        });
    });
    await page.getByRole("button", { name: "Use the webcam" }).click();
    const take = page.getByRole("button", { name: "Take the picture" });
    await take.waitFor();
    assert.equal(await take.isDisabled(), true);
    await page.evaluate(() => window.allow());
    await soon(() => take.isEnabled());
    await page.evaluate(() => window.stream.getTracks()[0].dispatchEvent(new Event("ended")));
    await page.getByText("The camera has gone.").waitFor();
    assert.equal(await take.isDisabled(), true);
    await close();
  });
});

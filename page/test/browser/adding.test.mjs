// Adding people by folders: whose the pictures are, and what is left out.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { closeBrowser, open, soon, withMock } from "./harness.mjs";

const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
const root = mkdtempSync(join(tmpdir(), "facepipe-page-"));
after(() => rmSync(root, { recursive: true, force: true }));
after(closeBrowser);

// A folder that holds a picture in each of these.
function folderOf(name, ...people) {
  for (const person of people) {
    mkdirSync(join(root, name, person), { recursive: true });
    writeFileSync(join(root, name, person, "1.png"), png);
  }
  return join(root, name);
}
async function addFolder(page, folder) {
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByLabel("Folder", { exact: true }).setInputFiles(folder);
  await page.getByRole("button", { name: /^Add \d+ picture/ }).click();
}
const names = (mock) => mock.data.people.map((person) => person.name);

test("names that differ by a mark alone are two people; by case, or by how a mark is written, one", async () => {
  await withMock({ people: 4 }, async (mock) => {
    const known = ["Zo\u00eb", "\u0938\u0941\u0924", "Jos\u00e9", "Ann Lee"];
    known.forEach((name, index) => {
      mock.data.people[index].name = name;
    });
    const { page, close } = await open(mock.url, { hash: "#/people" });
    await page.getByText("4 people").waitFor();
    await addFolder(page, folderOf("marks", "Zoe", "\u0938\u0940\u0924\u093e", "Jose\u0301", "ann lee"));
    await page.getByText("4 pictures added.").first().waitFor();
    assert.deepEqual(names(mock).slice(4).sort(), ["Zoe", "\u0938\u0940\u0924\u093e"]);
    const enrolled = mock.requests.filter((one) => /^POST .api.people.\w+.pictures$/.test(one)).sort();
    assert.deepEqual(
      enrolled,
      [2, 3].map((index) => `POST /api/people/${mock.data.people[index].id}/pictures`),
    );
    await close();
  });
});

test("somebody new may be called as nobody is, but for a mark", async () => {
  await withMock({ people: 2, unknowns: 2, doubtful: 0 }, async (mock) => {
    mock.data.people[0].name = "Zo\u00eb";
    const { page, close } = await open(mock.url, { hash: "#/people" });
    await page.getByText("2 people").waitFor();
    await page.goto(`${mock.url}#/review`);
    await page.locator(".review-card[aria-current] .button-guess").first().waitFor();
    await page.keyboard.press("n");
    await page.getByRole("combobox", { name: "Name" }).fill("Zoe");
    await page.keyboard.press("Enter");
    await soon(() => names(mock).includes("Zoe"));
    await close();
  });
});

test("whom somebody else has added meanwhile gets the pictures, and one folder's name is one person", async () => {
  await withMock({ people: 4 }, async (mock) => {
    const { page, close } = await open(mock.url, { hash: "#/people", allowed: ["409"] });
    await page.getByText("4 people").waitFor();
    mock.data.people.push({ ...mock.data.people[0], id: "0000000001abcdef", name: "Bo" });
    await addFolder(page, folderOf("others", "Bo", "Cy", "Cy ", "x/Cy"));
    await page.getByText("4 pictures added.").first().waitFor();
    assert.deepEqual(names(mock).slice(4), ["Bo", "Cy"]);
    // Pictures that lie in no folder, and a folder of the name that is given for them.
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.locator("dialog .drop").evaluate((place) => {
      const entry = (path) => ({
        isFile: true,
        fullPath: `/${path}`,
        file: (done) => done(new File(["x"], path.split("/").at(-1), { type: "image/png" })),
      });
      const event = new Event("drop", { bubbles: true, cancelable: true });
      event.dataTransfer = { items: ["1.png", "Di/2.png"].map((path) => ({ webkitGetAsEntry: () => entry(path) })) };
      place.dispatchEvent(event);
    });
    await page.getByLabel("Name", { exact: true }).last().fill("Di");
    await page.getByRole("button", { name: "Add 2 pictures" }).click();
    await page.getByText("2 pictures added.").first().waitFor();
    assert.deepEqual(names(mock).slice(4), ["Bo", "Cy", "Di"]);
    await close();
  });
});

test("what of a dropped folder is left out is told", async () => {
  await withMock({ people: 4 }, async (mock) => {
    const { page, close } = await open(mock.url, { hash: "#/people" });
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.locator("dialog .drop").evaluate((place) => {
      const file = (name, gives) => ({ isFile: true, fullPath: `/Ann/${name}`, file: gives });
      const picture = (name) => file(name, (done) => done(new File(["x"], name, { type: "image/png" })));
      const entries = [
        file("lost.png", (_, failed) => failed(new DOMException("gone", "NotFoundError"))),
        ...Array.from({ length: 6_000 }, (_, index) => picture(`${index}.png`)),
      ];
      let read = 0;
      const readEntries = (done) => {
        read += 1;
        done(entries.slice((read - 1) * 100, read * 100));
      };
      const folder = { isFile: false, fullPath: "/Ann", createReader: () => ({ readEntries }) };
      const event = new Event("drop", { bubbles: true, cancelable: true });
      event.dataTransfer = { items: [{ webkitGetAsEntry: () => folder }] };
      place.dispatchEvent(event);
    });
    await page.getByRole("button", { name: "Add 5,000 pictures" }).waitFor();
    await page.getByText("Only the first 5,000 files are taken").waitFor();
    await page.getByText("1 file could not be read.").waitFor();
    await close();
  });
});

test("what could not be added is told where somebody has gone on meanwhile", async () => {
  await withMock({ people: 4 }, async (mock) => {
    const { page, close } = await open(mock.url, { allowed: ["422"] });
    await page.goto(`${mock.url}#/people`);
    await page.getByText("4 people").waitFor();
    mock.refuse = (asked) => (asked === "POST /api/people" ? [422, { error: "no face found" }] : null);
    const held = mock.hold(/^POST .api.people$/);
    await addFolder(page, folderOf("gone", "Eve"));
    await held.asked;
    await page.goBack();
    await page.getByRole("heading", { name: "Now", exact: true }).waitFor();
    held.answer();
    await page.getByText("1 picture was not added: no face found").first().waitFor();
    await close();
  });
});

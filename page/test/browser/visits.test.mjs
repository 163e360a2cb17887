// Visits: a long list that others change while it is read.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { id } from "../mock/data.mjs";
import { closeBrowser, open, soon, withMock } from "./harness.mjs";

after(closeBrowser);

const listOf = (page) => page.getByRole("list", { name: "Visits, the newest first" });
const sizeOf = async (page) => Number(await listOf(page).getByRole("listitem").first().getAttribute("aria-setsize"));
const atEnd = (page) => page.evaluate(() => scrollTo(0, document.body.scrollHeight));
const lastOf = (page, wanted) => listOf(page).locator(`[aria-posinset="${wanted}"][aria-setsize="${wanted}"]`);
// To the end, which goes further down with what is read, until so many are there and the last of them is shown.
async function read(page, wanted) {
  await soon(async () => {
    await atEnd(page);
    return (await lastOf(page, wanted).count()) === 1;
  });
}
// A change of a visit as the server tells it.
function correct(mock, visit, fields) {
  Object.assign(visit, fields);
  mock.emit("visit.corrected", { type: "visit.corrected", data: { visit: visit.id } });
}

test("a visit far down is told as it is, also where it is none of these any more; what is erased goes", async () => {
  await withMock({ people: 5, visits: 500 }, async (mock) => {
    for (const visit of mock.data.visits) visit.person = visit.name = null;
    const { page, close } = await open(mock.url, { hash: "#/visits?who=unknown", allowed: ["404"] });
    await listOf(page).waitFor();
    await read(page, 500);
    const last = mock.data.visits.at(-2);
    last.camera = "cellar";
    correct(mock, last, {});
    await listOf(page).getByText("cellar").waitFor();
    correct(mock, last, { person: mock.data.people[0].id, name: "Ada Abel", corrected_by: "page" });
    await listOf(page).getByText("Ada Abel").waitFor();
    // Erased: of the first page, and far down.
    for (const at of [0, -1]) {
      const [gone] = mock.data.visits.splice(at, 1);
      mock.emit("visit.erased", { type: "visit.erased", data: { visit: gone.id } });
    }
    await soon(async () => (await sizeOf(page)) === 498);
    await close();
  });
});

test("correct: what one says of a visit far down stands there", async () => {
  await withMock({ people: 5, visits: 500 }, async (mock) => {
    for (const visit of mock.data.visits) visit.person = visit.name = null;
    const { page, close } = await open(mock.url, { hash: "#/visits" });
    await listOf(page).waitFor();
    await read(page, 500);
    const row = lastOf(page, 500);
    await row.getByRole("button", { name: "Correct Unknown" }).click();
    await page.getByRole("dialog").getByRole("combobox").fill("Ada Abel");
    await page.getByRole("option", { name: "Ada Abel", selected: true }).waitFor();
    await page.keyboard.press("Enter");
    await row.getByText("Ada Abel").waitFor();
    await close();
  });
});

test("after a long time away no visit is missing between the new ones and the old", async () => {
  await withMock({ people: 5, visits: 30 }, async (mock) => {
    const { page, close } = await open(mock.url, { hash: "#/visits" });
    await listOf(page).waitFor();
    const come = (from) => {
      for (let index = from; index < from + 250; index += 1) {
        const last_seen = new Date(Date.now() + index).toISOString();
        mock.data.visits.unshift({ ...mock.data.visits.at(-1), id: id("visit", 50_000 + index), last_seen });
      }
    };
    come(0);
    // One that was there goes on: it is among the newest, and no sign that all is told.
    Object.assign(mock.data.visits.at(-30), { last_seen: new Date(Date.now() + 900).toISOString() });
    mock.data.visits.unshift(...mock.data.visits.splice(-30, 1));
    mock.emit("visit.started", { data: { visit: { id: mock.data.visits[1].id } } });
    await soon(async () => (await sizeOf(page)) === 280);
    come(1_000);
    mock.emit("reset");
    await soon(async () => (await sizeOf(page)) === 200);
    await read(page, 530);
    await close();
  });
});

test("where one was erased, older ones come at the end", async () => {
  await withMock({ people: 5, visits: 300 }, async (mock) => {
    const { page, close } = await open(mock.url, { hash: "#/visits", allowed: ["404"] });
    await listOf(page).waitFor();
    mock.data.visits[200].camera = "cellar";
    const [gone] = mock.data.visits.splice(3, 1);
    mock.emit("visit.erased", { data: { visit: gone.id } });
    await soon(() => mock.requests.includes(`GET /api/visits/${gone.id}`));
    await soon(async () => (await sizeOf(page)) === 200);
    assert.equal(await listOf(page).getByText("cellar").count(), 0, "it is not among the newest");
    await close();
  });
});

test("older visits that could not be read are asked for again", async () => {
  await withMock({ people: 5, visits: 300 }, async (mock) => {
    mock.refuse = (asked) => (/visits.*cursor/.test(asked) ? [503, { error: "the disk is busy" }] : null);
    const { page, close } = await open(mock.url, { hash: "#/visits", allowed: ["503"] });
    await listOf(page).waitFor();
    await atEnd(page);
    await page.getByText("the disk is busy").waitFor();
    mock.refuse = () => null;
    await page.getByRole("button", { name: "Try again" }).click();
    await soon(async () => (await sizeOf(page)) === 300);
    assert.equal(await page.getByText("the disk is busy").count(), 0);
    await close();
  });
});

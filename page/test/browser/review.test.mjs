// The review where keys are quick, the server is slow, much waits, and others decide as well.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { id, makeFace } from "../mock/data.mjs";
import { closeBrowser, open, settled, settledAfter, soon, withMock } from "./harness.mjs";

after(closeBrowser);

const current = (page) => page.locator(".review-card[aria-current]");
const card = (page, thing) => page.locator(`#review-${thing}`);
const guesses = (page) => current(page).getByRole("list", { name: "Who it may be" });

test("who it may be stays there when something happens elsewhere", async () => {
  await withMock({ unknowns: 2, doubtful: 0 }, async (mock) => {
    const { page, close } = await open(mock.url, { hash: "#/review" });
    await guesses(page).waitFor();
    const read = page.waitForResponse("**/api/unknowns?*");
    mock.data.unknowns[0].visits = 77;
    mock.emit("face.seen");
    await read;
    await current(page).getByText("77 visits").waitFor();
    assert.equal(await guesses(page).count(), 1);
    await page.keyboard.press("1");
    await page.getByText("This is Ada Abel.").first().waitFor();
    await close();
  });
});

test("who it may be is told by name before everybody was read", async () => {
  await withMock({ unknowns: 2, doubtful: 0 }, async (mock) => {
    const people = mock.hold(/^GET .api.people\?/);
    const { page, close } = await open(mock.url, { hash: "#/review" });
    await people.asked;
    await guesses(page).waitFor();
    await page.keyboard.press("1");
    await page.getByText("This is Ada Abel.").first().waitFor();
    people.answer();
    await close();
  });
});

test("a key that is held down decides one thing", async () => {
  await withMock({ unknowns: 4, doubtful: 0 }, async (mock) => {
    const { page, close } = await open(mock.url, { hash: "#/review" });
    await guesses(page).waitFor();
    await page.keyboard.down("i");
    await page.getByText("Ignored for good.").first().waitFor();
    for (let times = 0; times < 5; times += 1) await page.keyboard.down("i"); // repetitions: it was not let go
    await settled(page);
    await page.keyboard.up("i");
    assert.equal(mock.data.unknowns.filter((one) => one.ignored).length, 1);
    await page.keyboard.press("i");
    await soon(() => mock.data.unknowns.filter((one) => one.ignored).length === 2);
    await close();
  });
});

test("letters that follow A at once are of the name, and decide nothing", async () => {
  await withMock({ unknowns: 3, doubtful: 0 }, async (mock) => {
    const { page, close } = await open(mock.url, { hash: "#/review" });
    await guesses(page).waitFor();
    await page.evaluate(async () => {
      for (const key of "aid") {
        document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
        await Promise.resolve().then(() => {}); // what keys do is done; nothing is painted
      }
    });
    await page.getByRole("combobox").waitFor();
    await settled(page);
    assert.deepEqual(
      mock.requests.filter((one) => /^POST .*(ignore|not-a-face)$/.test(one)),
      [],
    );
    await close();
  });
});

test("who went on to another while the server was slow stays there", async () => {
  await withMock({ unknowns: 5, doubtful: 0 }, async (mock) => {
    const { page, close } = await open(mock.url, { hash: "#/review" });
    await guesses(page).waitFor();
    const ignoring = mock.hold(/ignore$/);
    await page.keyboard.press("i");
    await ignoring.asked;
    for (let times = 0; times < 3; times += 1) await page.keyboard.press("ArrowDown");
    const there = id("unknown", 3);
    await page.locator(`#review-${there}[aria-current]`).waitFor();
    ignoring.answer();
    await page.getByText("Ignored for good.").first().waitFor();
    await settled(page);
    assert.equal(await current(page).getAttribute("id"), `review-${there}`);
    await close();
  });
});

test("what is taken back at once waits again", async () => {
  await withMock({ unknowns: 3, doubtful: 0 }, async (mock) => {
    const { page, close } = await open(mock.url, { hash: "#/review" });
    await guesses(page).waitFor();
    const first = id("unknown", 0);
    await page.keyboard.press("i");
    await card(page, first).getByText("Ignored for good.").waitFor();
    await page.keyboard.press("u");
    await page.getByText("Taken back").first().waitFor();
    await card(page, first)
      .getByRole("button", { name: /Ignore/ })
      .waitFor();
    await page.getByText("3 faces and groups to look at").waitFor();
    await close();
  });
});

test("what stands beyond the page that is read, or has a newer face, was not decided elsewhere", async () => {
  await withMock({ people: 3, visits: 0, unknowns: 60, doubtful: 1 }, async (mock) => {
    const doubtful = mock.data.faces.find((face) => face.person);
    doubtful.visit = id("visit", 1);
    const { page, close } = await open(mock.url, { hash: "#/review" });
    await page.getByText("61 faces and groups to look at").waitFor();
    const last = id("unknown", 59);
    await card(page, last).waitFor();
    // One more of each.
    mock.data.unknowns.unshift({
      ...mock.data.unknowns[0],
      id: id("unknown", 99),
      last_seen: new Date().toISOString(),
    });
    const newer = { ...doubtful, id: id("face", 9999), time: new Date().toISOString() };
    mock.data.faces.unshift(newer);
    mock.emit("face.seen");
    await card(page, id("unknown", 99)).waitFor();
    assert.equal(await page.getByText("Decided elsewhere").count(), 0);
    await card(page, last)
      .getByRole("button", { name: /Ignore/ })
      .waitFor();
    await card(page, doubtful.id)
      .getByRole("button", { name: /Ignore/ })
      .waitFor();
    assert.equal(await card(page, newer.id).count(), 0, "of one visit one face is enough");
    // What somebody decided is told as before.
    mock.data.unknowns.splice(5, 1);
    mock.emit("face.assigned");
    await page.getByText("Decided elsewhere").waitFor();
    await close();
  });
});

test("an answer of before a decision does not bring it back", async () => {
  await withMock({ unknowns: 3, doubtful: 0 }, async (mock) => {
    const { page, close } = await open(mock.url, { hash: "#/review" });
    await guesses(page).waitFor();
    const first = id("unknown", 0);
    const reading = mock.hold(/^GET .api.unknowns.limit/);
    mock.emit("face.seen");
    await reading.asked; // the server answers by what is there, and the answer takes its time
    await page.keyboard.press("i");
    await card(page, first).getByText("Ignored for good.").waitFor();
    await settledAfter(page, 2_500); // longer than the pause before a reading
    reading.answer();
    await reading.gone;
    await settled(page);
    await card(page, first).getByText("Ignored for good.").waitFor();
    await close();
  });
});

test("no face: every face of a large group, and what was done is taken back where one could not", async () => {
  await withMock({ people: 3, visits: 0, unknowns: 1, doubtful: 0 }, async (mock) => {
    const unknown = id("unknown", 0);
    for (let index = 0; index < 130; index += 1) {
      const face = makeFace(1000 + index, { camera: "garden", time: new Date().toISOString(), unknown });
      mock.data.faces.push(face);
      mock.data.who.set(face.id, 9000);
    }
    const all = mock.data.faces.filter((face) => face.unknown === unknown).length;
    const marked = () => mock.data.faces.filter((face) => face.mark === "not-a-face").length;
    const { page, close } = await open(mock.url, { hash: "#/review", allowed: ["503"] });
    await guesses(page).waitFor();
    let left = 40;
    mock.refuse = (asked) => {
      if (/not-a-face$/.test(asked)) left -= 1;
      return left === 0 ? [503, { error: "the disk is busy" }] : null;
    };
    await page.keyboard.press("d");
    await page
      .getByText(/disk is busy/)
      .first()
      .waitFor();
    assert.equal(marked(), 39);
    mock.refuse = () => null;
    await page.keyboard.press("u");
    await soon(() => marked() === 0);
    await page.keyboard.press("d");
    await soon(() => marked() === all);
    await card(page, unknown).getByText("This is no face.").waitFor();
    await close();
  });
});

test("a review that could not be read is read by another try", async () => {
  await withMock({ people: 3, visits: 0, unknowns: 0, doubtful: 0 }, async (mock) => {
    mock.refuse = (asked) => (asked.startsWith("GET /api/unknowns") ? [503, { error: "the disk is busy" }] : null);
    const { page, close } = await open(mock.url, { hash: "#/review", allowed: ["503"] });
    await page.getByText("the disk is busy").waitFor();
    mock.refuse = () => null;
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("heading", { name: "Nothing to look at", exact: true }).waitFor();
    await close();
  });
});

test("who it was is said of a visit once", async () => {
  await withMock({ people: 5, visits: 0, unknowns: 0, doubtful: 1 }, async (mock) => {
    const doubtful = mock.data.faces.find((face) => face.person);
    doubtful.visit = id("visit", 1);
    for (let index = 0; index < 3; index += 1)
      mock.data.faces.push({ ...doubtful, id: id("face", 9000 + index), time: new Date(0).toISOString() });
    const { page, close } = await open(mock.url, { hash: "#/review" });
    await page.getByText("1 face or group to look at").waitFor();
    await page.keyboard.press("2");
    await page.getByText("This is Björn Abel.").first().waitFor();
    const read = page.waitForResponse("**/api/faces?known=true*");
    mock.emit("face.seen");
    await (await read).finished();
    await settled(page);
    assert.equal(await page.getByText("Nothing left").count(), 1);
    // Taken back, the same face waits again.
    await page.keyboard.press("u");
    await card(page, doubtful.id)
      .getByRole("button", { name: /Ignore/ })
      .waitFor();
    assert.equal(await page.locator(".review-card").count(), 1);
    await close();
  });
});

test("what the keys mean stays the same thing when something new comes to the top", async () => {
  await withMock({ unknowns: 3, doubtful: 0 }, async (mock) => {
    const { page, close } = await open(mock.url, { hash: "#/review" });
    await guesses(page).waitFor();
    const first = await current(page).getAttribute("id");
    mock.data.unknowns.unshift({
      ...mock.data.unknowns[0],
      id: id("unknown", 99),
      last_seen: new Date().toISOString(),
    });
    mock.emit("unknown.changed");
    await card(page, id("unknown", 99)).waitFor();
    assert.equal(await current(page).getAttribute("id"), first);
    await page.keyboard.press("i");
    await page.locator(`#${first}`).getByText("Ignored for good.").waitFor();
    await close();
  });
});

test("whom Enter takes stays the same when somebody is added meanwhile", async () => {
  await withMock({ people: 6, unknowns: 2, doubtful: 0 }, async (mock) => {
    const { page, close } = await open(mock.url, { hash: "#/review" });
    await guesses(page).waitFor();
    await page.keyboard.press("a");
    await page.getByRole("combobox").fill("abel");
    await page.getByRole("option", { name: "Ada Abel", selected: true }).waitFor();
    for (let times = 0; times < 2; times += 1) await page.keyboard.press("ArrowDown");
    const chosen = page.locator("[role=option][aria-selected=true] .option-name");
    assert.equal(await chosen.textContent(), "Chidi Abel");
    mock.data.people.push({ ...mock.data.people[0], id: "0000000001abcdef", name: "Aaron Abel" });
    const read = () => mock.requests.filter((one) => one === "GET /api/people").length;
    const before = read();
    mock.emit("person.added");
    await soon(() => read() >= before + 2);
    await settled(page);
    assert.equal(await chosen.textContent(), "Chidi Abel");
    await page.keyboard.press("Enter");
    await page.getByText("This is Chidi Abel.").first().waitFor();
    await close();
  });
});

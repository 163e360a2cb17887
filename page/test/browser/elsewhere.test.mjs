// What others do meanwhile, and a page that hears of nothing.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { closeBrowser, open, settled, settledAfter, soon, withMock } from "./harness.mjs";

after(closeBrowser);

test("a person whom somebody else removed is not shown as if they were there", async () => {
  await withMock({}, async (mock) => {
    const one = await open(mock.url, { hash: "#/person/0000000001000003", allowed: ["404"] });
    const two = await open(mock.url, { hash: "#/person/0000000001000003" });
    await one.page.getByRole("heading", { name: "Dana Abel", exact: true }).waitFor();
    await two.page.getByRole("button", { name: "Remove" }).click();
    await two.page.getByRole("heading", { name: "People", exact: true }).waitFor();
    await one.page.getByRole("heading", { name: "Dana Abel", exact: true }).waitFor({ state: "detached" });
    assert.equal(await one.page.getByRole("button", { name: "Rename" }).count(), 0);
    // And back.
    await two.page.getByRole("button", { name: "Undo" }).click();
    await one.page.getByRole("heading", { name: "Dana Abel", exact: true }).waitFor();
    await one.close();
    await two.close();
  });
});

test("U goes on to what was done before where somebody else took the last change back", async () => {
  await withMock({ unknowns: 3, doubtful: 0 }, async (mock) => {
    const one = await open(mock.url, { hash: "#/review", allowed: ["422"] });
    const ignored = () => mock.data.unknowns.filter((unknown) => unknown.ignored).length;
    for (const left of [2, 1]) {
      await one.page.locator(".review-card[aria-current] .button-guess").first().waitFor();
      await one.page.keyboard.press("i");
      await one.page.getByText(`${left} ${left === 1 ? "face or group" : "faces and groups"} to look at`).waitFor();
    }
    assert.equal(ignored(), 2);
    const two = await open(mock.url, { hash: "#/system" });
    await two.page
      .getByRole("button", { name: /^Take back/ })
      .first()
      .click();
    await soon(() => ignored() === 1);
    await one.page.keyboard.press("u");
    await one.page.getByText("it was taken back already").first().waitFor();
    await one.page.keyboard.press("u");
    await soon(() => ignored() === 0);
    await one.close();
    await two.close();
  });
});

test("without events the page reads again what it has changed itself", async () => {
  await withMock({}, async (mock) => {
    mock.refuse = (asked) => (asked.startsWith("GET /api/events") ? [404, { error: "nothing is kept" }] : null);
    const { page, close } = await open(mock.url, {
      hash: "#/person/0000000001000003",
      allowed: ["404"],
      live: false,
    });
    await page.getByText("Not live").waitFor();
    await page.getByRole("button", { name: "Rename" }).click();
    await page.getByRole("textbox", { name: "Name" }).fill("Dana Berg");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Dana Berg", exact: true }).waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByRole("heading", { name: "Dana Abel", exact: true }).waitFor();
    await close();
  });
});

test("what is asked for again while the server is slow is done once", async () => {
  await withMock({}, async (mock) => {
    const { page, close } = await open(mock.url, { hash: "#/person/0000000001000000" });
    const times = (pattern) => mock.requests.filter((one) => pattern.test(one)).length;
    const refer = page.getByRole("button", { name: "Refer" });
    await refer.first().waitFor();
    const before = await refer.count();
    for (const pattern of [/^POST .*enrol$/, /^DELETE .api.people/]) {
      const button = pattern.source.includes("enrol") ? refer.first() : page.getByRole("button", { name: "Remove" });
      const held = mock.hold(pattern);
      await button.click();
      await held.asked;
      await button.click();
      await settledAfter(page, 1_000); // by now it has heard of the change, and waits to read again what it shows
      held.answer();
      await held.gone;
      if (pattern.source.includes("enrol")) await soon(async () => (await refer.count()) === before - 1);
      else await page.getByRole("heading", { name: "People", exact: true }).waitFor();
      assert.equal(times(pattern), 1, pattern.source);
    }
    await close();
  });
});

test("what happened before the first connection came about is read", async () => {
  await withMock({}, async (mock) => {
    mock.refuse = (asked) => (asked.startsWith("GET /api/events") ? [503, { error: "busy" }] : null);
    const { page, close } = await open(mock.url, {
      hash: "#/person/0000000001000003",
      allowed: ["503"],
      live: false,
    });
    await page.getByRole("heading", { name: "Dana Abel", exact: true }).waitFor();
    await page.getByText("The connection is lost").waitFor();
    mock.data.people[3].name = "Dana Berg";
    mock.refuse = () => null;
    await page.getByText("Live", { exact: true }).waitFor();
    await page.getByRole("heading", { name: "Dana Berg", exact: true }).waitFor();
    await close();
  });
});

test("the heading of a person keeps the focus, and names the page, when the person is there", async () => {
  await withMock({}, async (mock) => {
    const { page, close } = await open(mock.url, { hash: "#/people" });
    const card = page.getByRole("link", { name: /Dana Abel/ });
    await card.waitFor();
    const held = mock.hold(/^GET .api.people.0000000001000003$/);
    await card.focus();
    await page.keyboard.press("Enter");
    await held.asked;
    await page.locator("h1:focus").waitFor();
    held.answer();
    await page.getByRole("heading", { name: "Dana Abel", exact: true }).waitFor();
    assert.equal(await page.locator("h1:focus").count(), 1);
    await soon(async () => (await page.title()) === "Dana Abel · facepipe");
    await close();
  });
});

test("somebody who is seen is told of without reading everybody again", async () => {
  await withMock({ people: 1200, visits: 0 }, async (mock) => {
    const { page, close } = await open(mock.url, { hash: "#/people?name=Ada+Abel" });
    const card = page.getByRole("link", { name: /Ada Abel/ }).first();
    await card.waitFor();
    await page.getByText("3 people").waitFor(); // of three pages
    const read = () => mock.requests.filter((one) => one === "GET /api/people").length;
    await soon(() => read() === 6); // of which as many say how doubtful their pictures are
    const last_seen = new Date().toISOString();
    mock.data.people[0].last_seen = last_seen;
    for (let times = 0; times < 3; times += 1)
      mock.emit("visit.named", { data: { visit: { id: "00", person: mock.data.people[0].id, last_seen } } });
    await card.getByText("just now").waitFor();
    await settledAfter(page, 2_500);
    assert.equal(read(), 6);
    await close();
  });
});

test("a person's faces do not move under the pointer", async () => {
  await withMock({}, async (mock) => {
    const { page, close } = await open(mock.url, { hash: "#/person/0000000001000000" });
    const faces = page.getByRole("list", { name: "Faces, the newest first" });
    const not = faces.getByRole("button", { name: "Not them" });
    // They stand above the faces, which they move when they come.
    await page.getByRole("list", { name: "Pictures, least like the others first" }).getByRole("img").last().waitFor();
    await not.nth(1).hover();
    const src = () => faces.locator("img").nth(1).getAttribute("src");
    const before = await src();
    const known = mock.data.faces.find((face) => face.person === mock.data.people[0].id);
    mock.data.faces.unshift({
      ...known,
      id: "0000000003ffffff",
      image: "/api/faces/0000000003ffffff/image",
      time: new Date().toISOString(),
    });
    mock.data.who.set("0000000003ffffff", 0);
    const read = page.waitForResponse("**/api/faces?person=*");
    mock.emit("face.seen");
    await (await read).finished();
    await settled(page);
    assert.equal(await src(), before);
    await not.nth(1).click();
    await page.getByText("This is not Ada Abel.").first().waitFor();
    assert.match(before, new RegExp(mock.data.faces.find((face) => face.mark === "rejected").id));
    // Nothing slides under a second click.
    await page.mouse.down();
    await page.mouse.up();
    await settled(page);
    assert.equal(mock.data.faces.filter((face) => face.mark === "rejected").length, 1);
    // When nobody is at them the newest stands first.
    await page.mouse.move(5, 5);
    await soon(async () => (await faces.locator("img").first().getAttribute("src")).includes("3ffffff"));
    await close();
  });
});

// What is done on the page, over made-up records: review by keys alone, undo, two browsers, restarts, sign-in, hostile text.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { closeBrowser, open, settled, soon, withMock } from "./harness.mjs";

after(closeBrowser);

const current = (page) => page.locator(".review-card[aria-current]");
// Enter takes it.
const chosen = (page, name) => page.getByRole("option", { name, selected: true });

test("the whole review by keys alone, and all of it taken back", async () => {
  await withMock({ unknowns: 4, doubtful: 2 }, async (mock) => {
    const { page, close } = await open(mock.url, { hash: "#/review" });
    await current(page).getByRole("list", { name: "Who it may be" }).waitFor();
    const first = await current(page).getAttribute("id");
    // Two keys: an unknown is somebody known.
    await page.keyboard.press("a");
    await page.getByRole("dialog", { name: "Assign to" }).waitFor();
    await chosen(page, "Ada Abel").waitFor();
    await page.keyboard.press("Enter");
    await page.getByText("This is Ada Abel.").first().waitFor();
    assert.equal(mock.data.unknowns.length, 3);
    assert.notEqual(await current(page).getAttribute("id"), first);
    // N: somebody new, by name.
    await page.keyboard.press("n");
    await page.getByRole("combobox", { name: "Name" }).fill("Zelda");
    await page.keyboard.press("Enter");
    await page.getByText("This is Zelda.").first().waitFor();
    assert.ok(mock.data.people.some((person) => person.name === "Zelda"));
    await page.keyboard.press("i");
    await page.getByText("Ignored for good.").first().waitFor();
    await page.keyboard.press("d");
    await page.getByText("This is no face.").first().waitFor();
    // What is left are doubtful names.
    await page.keyboard.press("x");
    await page
      .getByText(/^This is not /)
      .first()
      .waitFor();
    assert.equal(mock.data.faces.filter((face) => face.mark === "rejected").length, 1);
    await page.keyboard.press("f");
    await page.getByRole("dialog").getByText("The frame is not kept").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keys" }).getByText("it is somebody known").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    for (const done of [
      /This is not /,
      "This is no face.",
      "Ignored for good.",
      "This is Zelda.",
      "This is Ada Abel.",
    ]) {
      await page.keyboard.press("u");
      await page.locator(".toast", { hasText: "Taken back: " }).filter({ hasText: done }).waitFor();
    }
    assert.equal(mock.data.unknowns.filter((one) => !one.ignored).length, 4);
    assert.ok(mock.data.faces.every((face) => face.mark === "none"));
    assert.ok(!mock.data.people.some((person) => person.name === "Zelda"));
    await close();
  });
});

test("merge, rename, remove and erase; each but the last is taken back", async () => {
  await withMock({}, async (mock) => {
    const { page, close } = await open(mock.url, { hash: "#/person/0000000001000003" });
    await page.getByRole("heading", { name: "Dana Abel", exact: true }).waitFor();
    await page.getByRole("button", { name: "Rename" }).click();
    await page.getByRole("textbox", { name: "Name" }).fill("Dana Berg");
    await page.getByRole("dialog").getByRole("button", { name: "Rename" }).click();
    await page.getByRole("heading", { name: "Dana Berg", exact: true }).waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByRole("heading", { name: "Dana Abel", exact: true }).waitFor();
    await page.getByRole("button", { name: "Merge" }).click();
    await page.getByRole("combobox").fill("Emeka Abel");
    await chosen(page, "Emeka Abel").waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Emeka Abel", exact: true }).waitFor();
    assert.equal(mock.data.people.length, 39);
    await page.getByRole("button", { name: "Undo" }).click();
    await soon(() => mock.data.people.length === 40);
    await page.getByRole("button", { name: "Erase" }).click();
    await page.getByRole("dialog", { name: "Erase Emeka Abel?" }).getByRole("button", { name: "Keep" }).click();
    assert.equal(mock.data.people.length, 40);
    await page.getByRole("button", { name: "Erase" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Erase" }).click();
    await page.getByRole("heading", { name: "People", exact: true }).waitFor();
    assert.equal(mock.data.people.length, 39);
    await close();
  });
});

test("a camera's last frame has its faces' boxes, where they are in the picture", async () => {
  await withMock({}, async (mock) => {
    const { page, close } = await open(mock.url);
    const tile = page.getByRole("article", { name: "garden" });
    await tile.getByRole("img", { name: "Last frame of garden" }).waitFor();
    assert.equal(await tile.locator(".box").count(), 2);
    const { picture, box } = await tile.evaluate((element) => ({
      picture: element.querySelector(".boxes").getBoundingClientRect().toJSON(),
      box: element.querySelector(".box").getBoundingClientRect().toJSON(),
    }));
    const { frameBoxes, frameSize } = await import("../mock/faces.mjs");
    const near = (got, wanted) => assert.ok(Math.abs(got - wanted) < 2, `${got}, not ${wanted}`);
    near(picture.width / picture.height, frameSize.width / frameSize.height);
    near(box.left - picture.left, (picture.width * frameBoxes[0].x1) / frameSize.width);
    near(box.bottom - picture.top, (picture.height * frameBoxes[0].y2) / frameSize.height);
    // The same frame, and another name: the picture is not asked for again.
    const asked = () => mock.requests.filter((one) => one.includes("garden/frame")).length;
    const before = asked();
    const face = mock.data.faces.find((one) => one.camera === "garden");
    Object.assign(face, { person: mock.data.people[1].id, name: "Zelda", mark: "assigned" });
    mock.emit("face.assigned");
    await tile.locator(".box-text", { hasText: "Zelda" }).waitFor();
    assert.equal(asked(), before);
    // No face: no box.
    face.mark = "not-a-face";
    mock.emit("face.changed");
    await tile.locator(".box-text", { hasText: "Zelda" }).waitFor({ state: "detached" });
    // A newer frame takes its place, with its own boxes.
    mock.data.faces.unshift({
      ...face,
      id: "0000000003ffffff",
      mark: "none",
      name: "Yusuf",
      time: new Date().toISOString(),
    });
    mock.data.who.set("0000000003ffffff", 7);
    mock.emit("face.seen");
    await tile.locator(".box-text", { hasText: "Yusuf" }).waitFor();
    assert.equal(asked(), before + 1);
    // Gone for good: another browser erased it.
    mock.data.faces.shift();
    mock.emit("face.erased");
    await tile.locator(".box-text", { hasText: "Yusuf" }).waitFor({ state: "detached" });
    await close();
  });
});

test("doubtful pictures are told of on the card, and stand first at the person", async () => {
  await withMock({}, async (mock) => {
    const { page, close } = await open(mock.url, { hash: "#/people?order=doubtful" });
    const cards = page.getByRole("list", { name: "People" }).getByRole("listitem");
    await cards.first().getByText("1 doubtful").waitFor();
    // Rows come a few in each frame.
    await soon(async () => (await page.getByText("1 doubtful").count()) === Math.ceil(40 / 3));
    await page.goto(`${mock.url}#/person/0000000001000003`);
    const pictures = page.getByRole("list", { name: "Pictures, least like the others first" }).getByRole("listitem");
    await pictures.first().getByText("More like Emeka Abel").waitFor();
    assert.equal(await pictures.count(), 4);
    await close();
  });
});

test("two browsers see each other's changes; a list does not move under the pointer", async () => {
  await withMock({ unknowns: 3, doubtful: 0 }, async (mock) => {
    const one = await open(mock.url, { hash: "#/review" });
    const two = await open(mock.url, { hash: "#/review" });
    await two.page.getByText("3 faces and groups to look at").waitFor();
    await current(one.page)
      .getByRole("button", { name: /Ignore/ })
      .waitFor();
    await one.page.keyboard.press("i");
    await two.page.getByText("2 faces and groups to look at").waitFor();
    await one.page.goto(`${mock.url}#/visits`);
    const rows = one.page.getByRole("list", { name: "Visits" }).getByRole("listitem");
    await rows.first().waitFor();
    await rows.nth(1).hover();
    const before = await rows.first().textContent();
    mock.visit();
    mock.visit();
    await one.page.getByRole("button", { name: "Show 2 new visits" }).waitFor();
    assert.equal(await rows.first().textContent(), before);
    await one.page.getByRole("button", { name: "Show 2 new visits" }).click();
    await soon(async () => (await rows.first().textContent()) !== before);
    await two.close();
    await one.close();
  });
});

test("a server that was away is found again, and no event of the meantime is missed", async () => {
  await withMock({ people: 10, visits: 5 }, async (mock) => {
    const { page, close } = await open(mock.url, { allowed: ["Failed to load resource", "net::ERR"] });
    const here = page.getByRole("heading", { name: "Here now", exact: true }).locator("..");
    await here.getByRole("listitem").first().waitFor();
    const comeBack = mock.leave();
    await page.getByText("The connection is lost").waitFor();
    mock.visit({ camera: "cellar" });
    comeBack();
    await here.getByText("cellar").waitFor();
    await page.getByText("Live", { exact: true }).waitFor();
    await close();
  });
});

test("sign-in, a wrong token, a session that ends, and going on", async () => {
  await withMock({ token: "right" }, async (mock) => {
    const { page, close } = await open(mock.url, { allowed: ["401"], hash: "#/people", live: false });
    const token = page.getByLabel("Token");
    await token.fill("wrong");
    await page.keyboard.press("Enter");
    await page.getByText("This token is not valid here.").waitFor();
    await token.fill("right");
    await page.keyboard.press("Enter");
    await page.getByText("40 people").waitFor();
    mock.expire();
    await page.goto(`${mock.url}#/visits`);
    await token.fill("right");
    await page.keyboard.press("Enter");
    await page.getByRole("list", { name: "Visits" }).getByRole("listitem").first().waitFor();
    await page.getByText("Live", { exact: true }).waitFor();
    await close();
  });
});

test("visits: an answer by filters that were left is not shown", async () => {
  await withMock({ people: 10, visits: 40 }, async (mock) => {
    const { page, close } = await open(mock.url, { hash: "#/visits" });
    const list = page.getByRole("list", { name: "Visits, the newest first" });
    const strangers = list.getByText("Unknown", { exact: true });
    await strangers.first().waitFor();
    const held = mock.hold(/^GET .api.visits.*known=false/);
    await page.goto(`${mock.url}#/visits?who=unknown`);
    await held.asked;
    await page.goto(`${mock.url}#/visits?who=known`);
    await strangers.first().waitFor({ state: "detached" });
    const late = page.waitForResponse("**/api/visits?*known=false*");
    held.answer();
    await (await late).finished();
    await settled(page);
    assert.ok((await list.getByRole("listitem").count()) > 0);
    assert.equal(await strangers.count(), 0);
    await close();
  });
});

test("from an empty folder to a named face", async () => {
  await withMock({ people: 0, visits: 0, unknowns: 0, doubtful: 0 }, async (mock) => {
    const { page, close } = await open(mock.url);
    await page.getByRole("heading", { name: "From here to the first name", exact: true }).waitFor();
    await page.getByRole("button", { name: "Add people" }).click();
    const png = Buffer.from(
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
      "base64",
    );
    await page
      .getByLabel("Pictures", { exact: true })
      .setInputFiles({ name: "ann.png", mimeType: "image/png", buffer: png });
    await page.getByLabel("Name", { exact: true }).fill("Ann");
    await page.getByRole("button", { name: "Add 1 picture" }).click();
    await page.getByText("1 picture added.").first().waitFor();
    assert.deepEqual(
      mock.data.people.map((person) => person.name),
      ["Ann"],
    );
    await page.getByLabel("Picture to try").setInputFiles({ name: "x.png", mimeType: "image/png", buffer: png });
    await page.getByRole("heading", { name: "1 face", exact: true }).waitFor();
    await close();
  });
});

test("names, cameras and reasons that look like markup are text", async () => {
  const hostile = [
    `<img src=x onerror="document.title='owned'">`,
    `"><script>document.title='owned'</script>`,
    "\u202egnp.exe",
    "{{7*7}} ${7*7} &lt;b&gt;",
    "<b>bold</b>",
  ];
  await withMock({ people: 6, visits: 8, doubtful: 3 }, async (mock) => {
    mock.data.people.forEach((person, index) => {
      person.name = hostile[index % hostile.length] + index;
    });
    for (const visit of mock.data.visits)
      Object.assign(visit, { camera: hostile[1], name: hostile[0], corrected_by: hostile[4] });
    for (const face of mock.data.faces)
      Object.assign(face, { reasons: hostile, camera: hostile[4], name: face.person ? hostile[0] : null });
    mock.data.cameras = [...hostile];
    const { page, close } = await open(mock.url, { allowed: ["Failed to load resource"] });
    // Each with the last that it shows.
    for (const [hash, there] of [
      ["", hostile[1]],
      ["#/review", hostile[4]],
      ["#/people", `${hostile[4]}4`],
      ["#/person/0000000001000001", "Seen of late"],
      ["#/visits", hostile[1]],
      ["#/system", "Nobody has changed anything yet."],
      [`#/${encodeURIComponent(hostile[0])}`, "There is no such view"],
    ]) {
      await page.goto(mock.url + hash);
      await page.locator("main").getByText(there).last().waitFor();
      await page.locator(".skeleton").first().waitFor({ state: "detached" });
      await settled(page);
      assert.equal(await page.locator("main script, main b, main img[src=x]").count(), 0, hash);
      assert.doesNotMatch(await page.title(), /^owned/);
    }
    await page.goto(`${mock.url}#/people`);
    await page.getByText(`${hostile[4]}4`).waitFor();
    await close();
  });
});

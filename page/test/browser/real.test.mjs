// The page on a real server: from an empty folder to a named face, and an unknown that becomes a known person in the review.
// PAGE_TEST_PROGRAM, FACEPIPE_PACK and PAGE_TEST_PHOTOS (train/NAME and val/NAME) say what it runs on.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { policy } from "../mock/server.mjs";
import { closeBrowser, open, pictures } from "./harness.mjs";

const { PAGE_TEST_PROGRAM: program, PAGE_TEST_PHOTOS: photos } = process.env;
const photographs = (set, name) => {
  const folder = join(photos, set, name);
  return readdirSync(folder)
    .sort()
    .map((file) => join(folder, file));
};

// Below those that a system gives to whoever asks for any: the server finds it free when it comes back.
async function portToComeBackTo() {
  for (;;) {
    const port = randomInt(20_000, 30_000);
    const probe = createServer();
    const isFree = await new Promise((resolve) => {
      probe.once("error", () => resolve(false));
      probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
}

async function startServer(data, port) {
  const child = spawn(
    program,
    [
      "serve",
      "--data",
      data,
      "--port",
      String(port),
      "--sqs-port",
      "0",
      "--keep-frames",
      "1h",
      "--visit-timeout",
      "600",
    ],
    { stdio: ["ignore", "inherit", "pipe"] },
  );
  let log = "";
  const url = await new Promise((resolve, reject) => {
    child.stderr.on("data", (text) => {
      log += text;
      const found = /"event":"serving","frames":"([^"]+)"/.exec(log);
      if (found) resolve(found[1]);
    });
    child.on("exit", (code) => reject(new Error(`the server ended with ${code}: ${log}`)));
  });
  return {
    url,
    stop: () =>
      new Promise((resolve) => {
        child.removeAllListeners("exit");
        child.on("exit", resolve);
        child.kill("SIGTERM");
      }),
  };
}

let frames = 0;
async function sendFrame(url, file) {
  frames += 1;
  const answer = await fetch(`${url}?request_id=frame-${frames}&filename=frame.jpg&camera=door`, {
    method: "POST",
    body: readFileSync(file),
  });
  assert.equal(answer.status, 200, await answer.text());
}

after(closeBrowser);

test("a real server: first start, a name on a face, review, undo, restart", async () => {
  const data = mkdtempSync(join(tmpdir(), "facepipe-page-"));
  const port = await portToComeBackTo();
  let server = await startServer(data, port);
  try {
    const html = await fetch(server.url);
    assert.equal(html.headers.get("content-security-policy"), policy);
    const described = await (await fetch(`${server.url}api/openapi.json`)).json();
    const ours = JSON.parse(readFileSync(new URL("../../openapi.json", import.meta.url), "utf8"));
    assert.deepEqual(described, ours, "page/openapi.json is not what the server serves: write it again");

    const { page, close } = await open(server.url, { allowed: ["Failed to load resource", "net::ERR"] });
    await page.getByRole("heading", { name: "From here to the first name", exact: true }).waitFor();
    await page.getByRole("button", { name: "Add people" }).click();
    await page.getByLabel("Pictures", { exact: true }).setInputFiles(photographs("train", "madonna").slice(0, 4));
    await page.getByLabel("Name", { exact: true }).fill("Madonna");
    await page.getByRole("button", { name: "Add 4 pictures" }).click();
    // One of them cannot be told: the dialog stays to say so.
    const dialog = page.getByRole("dialog");
    await dialog.getByText("4 of 4: 3 added, 1 not").waitFor();
    await dialog.getByRole("button", { name: "Close" }).last().click();

    // Looked at, not kept.
    await page.getByLabel("Picture to try").setInputFiles(photographs("val", "madonna")[0]);
    await page.locator(".found").getByText("Madonna").waitFor();

    // A camera.
    for (const file of photographs("val", "madonna").slice(0, 2)) await sendFrame(server.url, file);
    await page.getByRole("heading", { name: "Cameras", exact: true }).waitFor();
    await page.locator(".here").getByText("Madonna").waitFor();
    const tile = page.getByRole("article", { name: "door" });
    await tile.locator(".box-known", { hasText: "Madonna" }).waitFor();
    const inside = await tile.evaluate((element) => {
      const [picture, box] = [".boxes img", ".box-known"].map((one) =>
        element.querySelector(one).getBoundingClientRect(),
      );
      return box.left >= picture.left && box.right <= picture.right && box.top >= picture.top && box.width > 10;
    });
    assert.ok(inside, "the box is in the picture");
    await page.screenshot({ path: `${pictures}real-now.png` });

    // A stranger, named by keys alone; recognised from then on.
    for (const file of photographs("train", "elton_john").slice(0, 3)) await sendFrame(server.url, file);
    await page.goto(`${server.url}#/review`);
    await page.locator(".review-card[aria-current]", { hasText: /^Unknown/ }).waitFor();
    await page.keyboard.press("n");
    await page.getByRole("combobox", { name: "Name" }).fill("Elton");
    await page.keyboard.press("Enter");
    await page.getByText("This is Elton.").first().waitFor();
    await page.goto(`${server.url}#/people`);
    await page.getByRole("link", { name: /Elton/ }).waitFor();

    // Undo, from the list of changes.
    await page.keyboard.press("u");
    await page.getByText("Taken back: This is Elton.").first().waitFor();
    await page.getByRole("link", { name: /Elton/ }).waitFor({ state: "detached" });

    // Away and back on the same address.
    await server.stop();
    await page.getByText("The connection is lost").waitFor();
    server = await startServer(data, port);
    await page.getByText("Live", { exact: true }).waitFor();
    await page.getByRole("link", { name: /Madonna/ }).click();
    await page.getByRole("heading", { name: "Madonna", exact: true }).waitFor();
    await page
      .getByRole("list", { name: "Pictures, least like the others first" })
      .getByRole("listitem")
      .first()
      .waitFor();
    await close();
  } finally {
    await server.stop();
    rmSync(data, { recursive: true, force: true });
  }
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { address, messageOf } from "../../src/api/client.ts";
import { linkTo, parseRoute } from "../../src/state/route.ts";
import { actionFor } from "../../src/ui/keys.ts";
import { bytes, count, percent } from "../../src/ui/parts.tsx";
import { ago, span } from "../../src/ui/time.tsx";
import { counter } from "../../src/views/counters.ts";
import { curlLine } from "../../src/views/guide.tsx";
import { inOrder } from "../../src/views/people.tsx";
import { byPerson } from "../../src/views/picture_files.ts";
import { withoutUnit } from "../../src/views/settings.tsx";
import { noSeries, withSample } from "../../src/views/system.tsx";
import { filterOf } from "../../src/views/visits.tsx";
import { random } from "../random.ts";

test("an address is the same after it was written and read, whatever is in it", () => {
  const next = random(5);
  const letters = "aZ09 /?#&=%+é中\u202e<>\"'";
  const word = (): string =>
    Array.from(
      { length: 1 + Math.floor(next() * 8) },
      () => [...letters][Math.floor(next() * [...letters].length)],
    ).join("");
  for (let round = 0; round < 500; round += 1) {
    const [id, value] = [word(), word()];
    const route = parseRoute(linkTo("person", id, { name: value }));
    assert.deepEqual([route.view, route.id, route.query.get("name")], ["person", id, value]);
  }
  assert.equal(parseRoute("").view, "now");
  assert.equal(parseRoute("#/person/%E0%A4%A").id, "");
  assert.equal(address("/api/x", { a: 1, b: null, c: "", d: undefined, e: "ü&" }), "/api/x?a=1&e=%C3%BC%26");
});

test("an error has the server's words, else some of our own", () => {
  assert.equal(messageOf(422, '{"error":"no face in it"}'), "no face in it");
  assert.equal(messageOf(503, "<html>"), "The server is busy. Try again in a moment.");
  assert.equal(messageOf(418, '{"error":1}'), "The server answered 418.");
});

test("times and figures as people say them", () => {
  const at = new Date(2026, 4, 5, 12, 0).getTime();
  const before = (minutes: number): string => new Date(at - minutes * 60_000).toISOString();
  assert.equal(ago(before(0.5), at), "just now");
  assert.equal(ago(before(5), at), "5 min ago");
  assert.match(ago(before(60 * 24), at), /^yesterday /);
  assert.equal(ago("nonsense", at), "");
  assert.deepEqual([40, 720, 7500, 604_800].map(span), ["40 s", "12 min", "2 h 5 min", "7 days"]);
  assert.deepEqual([percent(0.876), percent(null), bytes(999), bytes(10_737_418_240)], ["88 %", "", "999 B", "11 GB"]);
  assert.deepEqual([count(1, "face"), count(2, "person", "people")], ["1 face", "2 people"]);
  assert.deepEqual(
    [withoutUnit("0s"), withoutUnit("172800s"), withoutUnit("faces")],
    ["not at all", "48 h", "faces"].map((text, index) => (index === 1 ? span(172_800) : text)),
  );
});

test("files are of the folder that they lie in", () => {
  const file = (path: string) => ({ path, file: null as unknown as File });
  const groups = byPerson([file("photos/Bo/1.jpg"), file("photos/Ann/2.jpg"), file("photos/Ann/3.jpg"), file("4.jpg")]);
  assert.deepEqual(
    groups.map((group) => [group.name, group.files.length]),
    [
      ["", 1],
      ["Ann", 2],
      ["Bo", 1],
    ],
  );
});

test("keys with a modifier are the browser's", () => {
  const actions = [
    { actions: [{ key: "a", says: "", run: () => {} }] },
    { actions: [{ key: "u", says: "", run: () => {} }] },
  ];
  const press = (key: string, more = {}) =>
    actionFor({ key, ctrlKey: false, metaKey: false, altKey: false, ...more }, actions)?.key;
  assert.deepEqual(
    [press("A"), press("u"), press("z"), press("a", { ctrlKey: true })],
    ["a", "u", undefined, undefined],
  );
});

test("counters are summed over labels, rates are between samples, a restart is no rate", () => {
  const text = '# HELP x\nx_total{a="1"} 2\nx_total{a="2"} 3.5\nx_total_more 9\ny 1e3\n';
  assert.deepEqual([counter(text, "x_total"), counter(text, "y"), counter(text, "z")], [5.5, 1000, 0]);
  let series = withSample(noSeries, null, { frames: 10, answers: 0 }, 1, 100);
  series = withSample(series, { frames: 10, answers: 0 }, { frames: 20, answers: 4 }, 2, 102);
  assert.deepEqual(
    [series.frames, series.answers, series.queue],
    [
      [null, 5],
      [null, 2],
      [1, 2],
    ],
  );
  series = withSample(series, { frames: 20, answers: 4 }, { frames: 0, answers: 0 }, 0, 1000);
  assert.deepEqual([series.times, series.frames], [[1000], [null]]);
});

test("the command to send a frame names the server and, where one is needed, a token", () => {
  assert.equal(
    curlLine("http://h:8080", false),
    "curl -F file=@frame.jpg -F request_id=1 -F camera=door http://h:8080/",
  );
  assert.match(curlLine("https://h", true), /authorization: Bearer/);
});

test("filters of visits are whole days, and what is no day is none", () => {
  const filter = filterOf(new URLSearchParams("camera=door&who=unknown&from=2026-05-01&to=2026-05-01&person="));
  assert.equal(Date.parse(filter.to ?? "") - Date.parse(filter.from ?? ""), 86_400_000);
  assert.deepEqual([filter.camera, filter.known, filter.person], ["door", false, undefined]);
  assert.equal(filterOf(new URLSearchParams("from=x")).from, undefined);
});

test("people in the order that is asked for", () => {
  const one = (name: string, pictures: number, last_seen: string | null) => ({
    id: name,
    name,
    pictures,
    rejected: 0,
    last_seen,
    cover: null,
    image: null,
  });
  const all = [one("C", 1, null), one("A", 5, "2026-01-01"), one("B", 2, "2026-02-01")];
  const names = (order: "name" | "seen" | "pictures"): string =>
    inOrder([...all], order)
      .map((person) => person.name)
      .join("");
  assert.deepEqual([names("name"), names("seen"), names("pictures")], ["ABC", "BAC", "CBA"]);
});

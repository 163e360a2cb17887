import assert from "node:assert/strict";
import { test } from "node:test";
import { address, messageOf } from "../../src/api/client.ts";
import type { Picture } from "../../src/api/types.ts";
import { linkTo, parseRoute } from "../../src/state/route.ts";
import { actionFor } from "../../src/ui/keys.ts";
import { bytes, count, percent } from "../../src/ui/parts.tsx";
import { ago, dayOf, span } from "../../src/ui/time.tsx";
import { counter } from "../../src/views/counters.ts";
import { curlLine } from "../../src/views/guide.tsx";
import { inOrder } from "../../src/views/people.tsx";
import { doubtOf } from "../../src/views/person_pictures.tsx";
import { byPerson } from "../../src/views/picture_files.ts";
import { ageText, choicesOf, lossText } from "../../src/views/settings_kept.tsx";
import { effectText, oneIn, qualityText } from "../../src/views/settings_naming.tsx";
import { testText } from "../../src/views/settings_outputs.tsx";
import { noSeries, timesText, withSample } from "../../src/views/system.tsx";
import { byOutput } from "../../src/views/system_dead.tsx";
import { startOf } from "../../src/views/visit_row.tsx";
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
  const local = (...parts: [number, number, number, number, number]): string => new Date(...parts).toISOString();
  const today = Date.parse(local(2026, 5, 10, 9, 0));
  const night = { first_seen: local(2026, 5, 9, 23, 50), last_seen: local(2026, 5, 10, 0, 10) };
  assert.match(startOf(night, today), /^Yesterday .*50/);
  assert.doesNotMatch(startOf({ ...night, first_seen: local(2026, 5, 10, 0, 1) }, today), /day/);
  assert.equal(dayOf(night.last_seen, today), "Today");
  assert.match(dayOf(local(2025, 5, 10, 9, 0), today), /2025/);
  assert.doesNotMatch(dayOf(local(2026, 4, 10, 9, 0), today), /2026/);
  assert.deepEqual([40, 720, 7500, 604_800].map(span), ["40 s", "12 min", "2 h 5 min", "7 days"]);
  assert.deepEqual([percent(0.876), percent(null), bytes(999), bytes(10_737_418_240)], ["88 %", "", "999 B", "11 GB"]);
  assert.deepEqual([count(1, "face"), count(2, "person", "people")], ["1 face", "2 people"]);
});

test("settings as people say them", () => {
  assert.deepEqual([ageText(0), ageText(null), ageText(604_800)], ["not at all", "for ever", "7 days"]);
  assert.deepEqual([oneIn(0.001), qualityText(0), qualityText(0.55)], ["1 in 1,000", "any", "55 %"]);
  assert.deepEqual(choicesOf([0, 60, null], 30), [0, 30, 60, null], "what it is can be chosen, too");
  assert.deepEqual(choicesOf([60, 3600], null), [60, 3600, null]);
  assert.deepEqual(choicesOf([60, null], 60), [60, null]);
});

test("what a change would do is told in figures", () => {
  const loss = { faces: 0, records: 0, unknowns: 0, frames: 0, visits: 0, events: 0, changes: 0, bytes: 0 };
  assert.equal(lossText(loss), "");
  assert.equal(
    lossText({ ...loss, faces: 1200, visits: 1, bytes: 1_500_000 }),
    "1,200 pictures of faces, 1 visit, about 1.5 MB",
  );
  const effect = { faces: 500, named_before: 312, named_after: 330, complete: true, changed: [] };
  assert.equal(effectText(effect, true), "Of the last 500 faces 312 get a name; 330 would.");
  assert.equal(effectText(effect, false), "Of the last 500 faces 312 get a name.");
  assert.match(effectText({ ...effect, faces: 0 }, true), /no kept faces/);
});

test("what a receiver said, and how long answers take", () => {
  const said = { id: "", delivered: true, status: 204, error: null, seconds: 0.0124 };
  assert.equal(testText(said), "The receiver took it (status 204, 12 ms).");
  assert.equal(
    testText({ ...said, delivered: false, status: 500, error: "HTTP status 500" }),
    "The receiver did not take it (status 500, 12 ms).",
  );
  assert.equal(testText({ ...said, delivered: false, status: null, error: "refused" }), "No answer: refused");
  const rate = { window_seconds: 60, count: 1, per_second: 1, p50_seconds: 0.12, p99_seconds: 1.26 };
  assert.equal(timesText(rate), "120 ms, 99 of 100 within 1.3 s");
  assert.equal(timesText({ ...rate, p50_seconds: null }), "none came");
});

test("given up deliveries are told by their output", () => {
  const dead = ["a", "b", "a"].map((output, event) => ({
    event,
    key: "",
    type: "visit.named",
    time: "",
    output,
    attempts: 1,
    error: "",
  }));
  assert.deepEqual(
    byOutput(dead).map(([output, list]) => [output, list.map((one) => one.event)]),
    [
      ["a", [0, 2]],
      ["b", [1]],
    ],
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
  // More frames since the restart than before it, and fewer answers.
  series = withSample(series, { frames: 3, answers: 90 }, { frames: 5, answers: 1 }, 0, 1002);
  assert.deepEqual([series.frames.at(-1), series.answers.at(-1)], [null, null]);
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
    doubtful: null,
  });
  const all = [one("C", 1, null), one("A", 5, "2026-01-01"), one("B", 2, "2026-02-01")];
  const names = (order: "name" | "seen" | "pictures"): string =>
    inOrder([...all], order)
      .map((person) => person.name)
      .join("");
  assert.deepEqual([names("name"), names("seen"), names("pictures")], ["ABC", "BAC", "CBA"]);
  const doubtful = new Map([
    ["B", 1],
    ["C", 4],
  ]);
  const byDoubt = inOrder([...all], "doubtful", doubtful).map((person) => person.name);
  assert.deepEqual(byDoubt, ["C", "B", "A"]);
});

test("what is wrong with a picture, in words", () => {
  const picture = (doubt: Picture["doubt"], other: string | null = null): string =>
    doubtOf({ doubt, other, other_name: other ? "Bob" : "" } as Picture, "ann");
  assert.equal(picture(null), "");
  assert.equal(picture("double"), "There twice");
  assert.equal(picture("double", "ann"), "There twice");
  assert.equal(picture("double", "bob"), "Bob's as well");
  assert.equal(picture("resembles", "bob"), "More like Bob");
  assert.equal(picture("disagrees"), "Unlike the others");
});

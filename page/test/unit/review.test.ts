import assert from "node:assert/strict";
import { test } from "node:test";
import type { Face, Person } from "../../src/api/types.ts";
import { findPeople } from "../../src/state/directory.ts";
import { isDoubtful, itemOfFace, nextAfter, onePerVisit, type ReviewItem } from "../../src/state/review_items.ts";
import { optionsFor } from "../../src/ui/choose_person.tsx";

const person = (id: string, name: string): Person => ({
  id,
  name,
  pictures: 1,
  rejected: 0,
  last_seen: null,
  doubtful: null,
  cover: null,
  image: null,
});
const known = new Map([person("1", "Ann"), person("2", "Zoë Ek"), person("3", "Hannah")].map((one) => [one.id, one]));

function face(id: string, probability: number | null, second: number | null, more: Partial<Face> = {}): Face {
  const decision = {
    person: "1",
    name: "Ann",
    distance: 1,
    threshold: 1,
    probability,
    second_person: second === null ? null : "2",
    second_name: second === null ? "" : "Zoë Ek",
    second_distance: 1,
    second_probability: second,
  };
  return {
    id,
    request_id: id,
    index: 0,
    count: 1,
    camera: "door",
    time: "",
    box: null,
    confidence: 1,
    quality: 1,
    usable: true,
    reasons: [],
    person: "1",
    name: "Ann",
    decision,
    visit: null,
    unknown: null,
    mark: "none",
    marked_person: null,
    image: null,
    ...more,
  };
}

test("a name is in doubt when it is unsure or another is near, until somebody has spoken", () => {
  assert.equal(isDoubtful(face("a", 0.99, 0.01)), false);
  assert.equal(isDoubtful(face("a", 0.7, null)), true);
  assert.equal(isDoubtful(face("a", 0.95, 0.2)), true);
  assert.equal(isDoubtful(face("a", null, null)), false);
  assert.equal(isDoubtful(face("a", 0.7, null, { mark: "assigned" })), false);
  assert.equal(isDoubtful(face("a", 0.7, null, { person: null })), false);
  assert.deepEqual(
    itemOfFace(face("a", 0.7, 0.2)).guesses.map((guess) => guess.name),
    ["Ann", "Zoë Ek"],
  );
});

test("one face of a visit is enough", () => {
  const faces = [
    face("a", 1, null, { visit: "v" }),
    face("b", 1, null),
    face("c", 1, null, { visit: "v" }),
    face("d", 1, null),
  ];
  assert.deepEqual(
    onePerVisit(faces).map((one) => one.id),
    ["a", "b", "d"],
  );
});

test("after a decision the next below that waits is looked at, else the first", () => {
  const items = ["a", "b", "c", "d"].map(
    (id): ReviewItem => ({
      id,
      thing: "faces",
      unknown: null,
      face: null,
      guesses: [],
      last_seen: "",
      done: id === "c" ? "done" : "",
    }),
  );
  assert.equal(nextAfter(items, "b"), "d");
  assert.equal(nextAfter(items, "d"), "a");
  assert.equal(nextAfter([], "a"), "");
});

test("the choice of a person begins with the guesses, finds by words, and offers somebody new", () => {
  const guesses = [
    { person: "2", name: "Zoë Ek", probability: 0.62 },
    { person: "gone", name: "Gone", probability: 0.1 },
  ];
  assert.deepEqual(
    optionsFor(known, guesses, "").map((one) => one.name),
    ["Zoë Ek", "Ann", "Hannah"],
  );
  assert.deepEqual(
    optionsFor(known, guesses, "ann").map((one) => one.name),
    ["Ann", "Hannah"],
  );
  assert.deepEqual(
    optionsFor(known, [], "zoe").map((one) => one.name),
    ["Zoë Ek", "zoe"],
  );
  assert.deepEqual(
    optionsFor(known, [], " Bo ", { fresh: true }).map((one) => one.target),
    [{ name: "Bo" }],
  );
  assert.deepEqual(
    optionsFor(known, [], "ANN", { fresh: true }).map((one) => one.note),
    ["already known"],
  );
  assert.deepEqual(optionsFor(known, guesses, "", { fresh: true }), []);
});

test("people are found by the words of their names, whatever the letters' case and marks", () => {
  assert.deepEqual(
    findPeople(known.values(), "EK zo", 9).map((one) => one.id),
    ["2"],
  );
  assert.deepEqual(findPeople(known.values(), "", 2).length, 2);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { EventParser } from "../../src/api/event_parser.ts";
import { waitAfter } from "../../src/api/events.ts";
import { deliver, listen, parseData } from "../../src/state/live.ts";
import { random } from "../random.ts";

const text =
  ': hello\r\nretry: 1500\n\nid: 7\nevent: visit.named\ndata: {"a":1}\ndata:second\n\rdata: x\r\r\nevent: lost\n\nid: 8\ndata\n\n';
const expected = [
  { id: "7", type: "visit.named", data: '{"a":1}\nsecond' },
  { id: "7", type: "message", data: "x" },
  { id: "8", type: "message", data: "" },
];

test("events are the same however their text is cut", () => {
  const next = random(3);
  for (let round = 0; round < 200; round += 1) {
    const parser = new EventParser();
    const events = [];
    for (let at = 0; at < text.length; ) {
      const length = 1 + Math.floor(next() * 9);
      events.push(...parser.push(text.slice(at, at + length)));
      at += length;
    }
    assert.deepEqual(events, expected);
    assert.equal(parser.retry, 1500);
  }
});

test("an event that is not complete waits, and an id with a zero in it is none", () => {
  const parser = new EventParser("5");
  assert.deepEqual(parser.push("data: half"), []);
  assert.deepEqual(parser.push("\nid: 1\0\n\n"), [{ id: "5", type: "message", data: "half" }]);
});

test("the wait grows to ten seconds, and is no shorter than the server asked", () => {
  assert.equal(waitAfter(0, null, 0), 500);
  assert.equal(waitAfter(3, null, 0), 4000);
  assert.equal(waitAfter(50, null, 0), 10_000);
  assert.equal(waitAfter(0, 3000, 0), 3000);
  assert.ok(waitAfter(50, null, 1) <= 12_500);
});

test("listeners hear of their types and of what begins with them", () => {
  const heard: string[] = [];
  const end = listen(["visit.", "visit.named", "reset"], (data) => heard.push(String(data.n)));
  deliver({ id: "1", type: "visit.named", data: '{"n":1}' });
  deliver({ id: "2", type: "person.added", data: '{"n":2}' });
  deliver({ id: "3", type: "reset", data: "not json" });
  end();
  deliver({ id: "4", type: "reset", data: '{"n":4}' });
  assert.deepEqual(heard, ["1", "undefined"]);
  assert.deepEqual(parseData("[1]"), {});
});

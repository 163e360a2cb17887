import assert from "node:assert/strict";
import { test } from "node:test";
import { HeldList } from "../../src/state/held_list.ts";
import { columnsOf, windowOf } from "../../src/ui/virtual.tsx";
import { random } from "../random.ts";

const ids = (list: HeldList<{ id: string }>): string => list.items.value.map((item) => item.id).join("");

test("what is new waits while somebody is at the list", () => {
  const list = new HeldList<{ id: string; n?: number }>();
  list.reset([{ id: "b" }, { id: "a" }]);
  list.put({ id: "c" });
  assert.equal(ids(list), "cba");
  list.hold();
  list.put({ id: "d" });
  list.put({ id: "e" });
  list.put({ id: "a", n: 2 });
  list.put({ id: "d", n: 3 });
  assert.equal(ids(list), "cba");
  assert.equal(list.news.value, 2);
  assert.equal(list.items.value[2]?.n, 2);
  list.release();
  assert.equal(ids(list), "edcba");
  list.put({ id: "f" });
  list.rest();
  assert.equal(ids(list), "fedcba");
  assert.equal(list.items.value[2]?.n, 3);
});

test("nothing that is there ever changes its place while the list is held", () => {
  const next = random(11);
  const list = new HeldList<{ id: string }>();
  list.reset(Array.from({ length: 20 }, (_, index) => ({ id: String(index) })));
  list.hold();
  const before = list.items.value.map((item) => item.id);
  for (let step = 0; step < 500; step += 1) {
    const id = String(Math.floor(next() * 60));
    if (next() < 0.8) list.put({ id });
    else list.append([{ id }]);
    assert.deepEqual(
      list.items.value.slice(0, 20).map((item) => item.id),
      before,
    );
    assert.equal(new Set(list.items.value.map((item) => item.id)).size, list.items.value.length);
  }
});

test("a window holds the rows that are seen, and no row beyond the list", () => {
  assert.deepEqual(windowOf(0, 600, 60, 1000, 2), { first: 0, last: 12 });
  assert.deepEqual(windowOf(6000, 600, 60, 1000, 2), { first: 98, last: 112 });
  assert.deepEqual(windowOf(-900, 600, 60, 3), { first: 0, last: 0 });
  assert.deepEqual(windowOf(1e9, 600, 60, 3), { first: 3, last: 3 });
  assert.equal(columnsOf(390, 250), 1);
  assert.equal(columnsOf(1100, 250), 4);
  assert.equal(columnsOf(0, 250), 1);
});

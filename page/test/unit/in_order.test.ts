import assert from "node:assert/strict";
import { test } from "node:test";
import { inOrder } from "../../src/state/in_order.ts";

test("answers are shown as they come, but none that is older than what is shown", () => {
  const ask = inOrder();
  const [first, second, third] = [ask(), ask(), ask()];
  assert.equal(first(), true);
  assert.equal(third(), true);
  assert.equal(second(), false);
  assert.equal(ask()(), true);
});

test("one that fails, or never comes, holds nothing up", () => {
  const ask = inOrder();
  ask();
  assert.equal(ask()(), true);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { asChange, whenSettled } from "../../src/state/settled.ts";

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

test("what is read waits for the page's own changes, and for whoever goes on from them", async () => {
  const order: string[] = [];
  whenSettled(() => order.push("at once"));
  let answer: (value: string) => void = () => undefined;
  const change = asChange(() => new Promise<string>((resolve) => (answer = resolve))).then((got) => order.push(got));
  whenSettled(() => order.push("read"));
  await turn();
  assert.deepEqual(order, ["at once"]);
  answer("changed");
  await change;
  assert.deepEqual(order, ["at once", "changed"]);
  await turn();
  assert.deepEqual(order, ["at once", "changed", "read"]);
});

test("a change that failed holds nothing up", async () => {
  const order: string[] = [];
  const change = asChange(() => Promise.reject(new Error("refused"))).catch(() => order.push("refused"));
  whenSettled(() => order.push("read"));
  await change;
  await turn();
  assert.deepEqual(order, ["refused", "read"]);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { onSignInNeeded, request, signedIn } from "../../src/api/client.ts";

test("a refusal that was under way while somebody signed in asks nobody again", async () => {
  const answers: ((response: Response) => void)[] = [];
  globalThis.fetch = () =>
    new Promise<Response>((resolve) => {
      answers.push(resolve);
    });
  let asked = 0;
  onSignInNeeded(() => {
    asked += 1;
  });
  const refused = (): Response => new Response("", { status: 401 });
  const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

  const first = request<{ a: number }>("/api/x");
  const late = request<{ a: number }>("/api/x");
  answers[0]?.(refused());
  await settled();
  assert.equal(asked, 1);
  signedIn();
  await settled();
  assert.equal(answers.length, 3, "the first goes on");
  answers[1]?.(refused()); // sent before, answered after
  await settled();
  assert.equal(asked, 1);
  assert.equal(answers.length, 4);
  answers[2]?.(new Response('{"a":1}'));
  answers[3]?.(new Response('{"a":2}'));
  assert.deepEqual([await first, await late], [{ a: 1 }, { a: 2 }]);

  const ended = request<{ a: number }>("/api/x"); // the new session ends, too
  answers[4]?.(refused());
  await settled();
  assert.equal(asked, 2);
  signedIn();
  await settled();
  answers[5]?.(new Response('{"a":3}'));
  assert.deepEqual(await ended, { a: 3 });
});

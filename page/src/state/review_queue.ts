// What waits to be looked at: groups of unknown faces, and names that are in doubt.
import { signal } from "@preact/signals";
import * as calls from "../api/calls.ts";
import type { Id } from "../api/types.ts";
import { HeldList } from "./held_list.ts";
import { inOrder } from "./in_order.ts";
import { listen } from "./live.ts";
import type { ReviewItem } from "./review_items.ts";
import { compare } from "./review_reading.ts";
import { route } from "./route.ts";

export const queue = new HeldList<ReviewItem>();
// Of the badge; counts what is known to wait, at most a page of each kind.
export const reviewCount = signal(0);
const pageSize = 60;
const lookedAt = 200; // of the newest names
const readsAgain = 2_000;

// Keeps the badge true while another view is shown; the review reads by itself.
export function followQueue(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  // A server that keeps nothing has nothing to look at.
  const read = (): void => {
    timer = undefined;
    if (route.value.view !== "review") readQueue(true).catch(() => {});
  };
  read();
  listen(["unknown.", "face.", "visit.named", "visit.ended", "change.", "reset"], () => {
    if (timer === undefined) timer = setTimeout(read, readsAgain);
  });
}

// Readings and decisions in their order. An answer knows nothing of what was decided after it was asked for.
let turn = 0;
const ask = inOrder();
const decidedAt = new Map<Id, number>();
const faceOfVisit = new Map<Id, Id>(); // of visits of which it was said here who it was

// Reads what waits. `anew`: in place of what is shown; else what is new goes where new things go.
export async function readQueue(anew: boolean): Promise<void> {
  turn += 1;
  const asked = turn;
  const isNews = ask();
  const [unknowns, faces] = await Promise.all([
    calls.unknowns({ limit: pageSize }),
    calls.faces({ known: true, mark: "none", limit: lookedAt }),
  ]);
  if (!isNews()) return;
  const shown = queue.all();
  const isDecided = ({ id }: ReviewItem): boolean => (decidedAt.get(id) ?? 0) > asked;
  const { waiting, gone } = compare(anew ? shown.filter(isDecided) : shown, { unknowns, faces }, faceOfVisit);
  reviewCount.value = waiting.filter((item) => !isDecided(item)).length;
  if (anew) {
    const decided = new Map(shown.filter(isDecided).map((item) => [item.id, item]));
    queue.reset(waiting.map((item) => decided.get(item.id) ?? item));
    return;
  }
  // What was taken back waits again; what was decided here stays as it is told until the view is left.
  for (const item of waiting.reverse()) if (!isDecided(item)) queue.put(item);
  for (const id of gone) queue.update(id, (one) => ({ ...one, done: "Decided elsewhere" }));
}

// Who an unknown may be: the people that its best face is most like, whatever the rule says.
export async function guess(item: ReviewItem): Promise<void> {
  if (!item.unknown?.image || item.guesses.length > 0) return;
  const sight = await calls.search(await calls.fetchPicture(item.unknown.image), 3);
  const nearest = sight.faces[0]?.nearest ?? [];
  const guesses = nearest.map((near) => ({ person: near.person, name: near.name, probability: null }));
  queue.update(item.id, (one) => ({ ...one, guesses }));
}

// `named`: it was said who it is, which holds for the whole of a face's visit.
export function decide(id: string, done: string, named = false): void {
  turn += 1;
  decidedAt.set(id, turn);
  const visit = queue.all().find((item) => item.id === id)?.face?.visit;
  if (named && visit) faceOfVisit.set(visit, id);
  queue.update(id, (item) => ({ ...item, done }));
  reviewCount.value = Math.max(0, reviewCount.value - 1);
}

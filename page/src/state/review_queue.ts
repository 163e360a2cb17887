// What waits to be looked at: groups of unknown faces, and names that are in doubt.
import { signal } from "@preact/signals";
import * as calls from "../api/calls.ts";
import type { Face, Guess, Unknown } from "../api/types.ts";
import { HeldList } from "./held_list.ts";

export interface ReviewItem {
  id: string;
  thing: "unknowns" | "faces";
  unknown: Unknown | null;
  face: Face | null;
  guesses: Guess[]; // who it may be, the likeliest first
  last_seen: string;
  done: string; // what was decided; empty: nothing yet
}

export const queue = new HeldList<ReviewItem>();
// Of the badge; counts what is known to wait, at most a page of each kind.
export const reviewCount = signal(0);
const pageSize = 60;

export function itemOfUnknown(unknown: Unknown): ReviewItem {
  const { id, guesses, last_seen } = unknown;
  return { id, thing: "unknowns", unknown, face: null, guesses, last_seen, done: "" };
}

// A doubtful name is the first guess, its runner-up the second.
export function itemOfFace(face: Face): ReviewItem {
  const guesses: Guess[] = [];
  if (face.person) guesses.push({ person: face.person, name: face.name, probability: face.probability });
  if (face.second) guesses.push(face.second);
  return { id: face.id, thing: "faces", unknown: null, face, guesses, last_seen: face.time, done: "" };
}

export function count(items: readonly ReviewItem[]): number {
  return items.filter((item) => !item.done).length;
}

// Reads what waits. `anew`: in place of what is shown; else what is new goes where new things go.
export async function readQueue(anew: boolean): Promise<void> {
  const [unknowns, doubtful] = await Promise.all([
    calls.unknowns({ limit: pageSize }),
    calls.faces({ doubtful: true, limit: pageSize }),
  ]);
  const items = [...unknowns.items.filter((one) => !one.ignored).map(itemOfUnknown), ...doubtful.items.map(itemOfFace)];
  reviewCount.value = items.length;
  if (anew) {
    queue.reset(items);
    return;
  }
  const known = new Map(queue.items.value.map((item) => [item.id, item]));
  const waits = new Set(items.map((item) => item.id));
  for (const item of [...items].reverse()) {
    const old = known.get(item.id);
    // What was taken back waits again; what was decided here stays as it is told until the view is left.
    if (!old || old.done === "" || !isFresh(old)) queue.put(item);
  }
  for (const [id, item] of known) {
    if (!waits.has(id) && item.done === "") queue.update(id, (one) => ({ ...one, done: "Decided elsewhere" }));
  }
}

const decidedAt = new WeakMap<ReviewItem, number>();
const settles = 2_000;

// Whether it was decided so lately that an answer of before may still say that it waits.
function isFresh(item: ReviewItem): boolean {
  return Date.now() - (decidedAt.get(item) ?? 0) < settles;
}

export function decide(id: string, done: string): void {
  queue.update(id, (item) => {
    const decided = { ...item, done };
    decidedAt.set(decided, Date.now());
    return decided;
  });
  reviewCount.value = Math.max(0, reviewCount.value - 1);
}

// The one to look at after `id`: the next below that waits, else the first that does.
export function nextAfter(items: readonly ReviewItem[], id: string): string {
  const at = items.findIndex((item) => item.id === id);
  const waits = (item: ReviewItem): boolean => item.done === "" && item.id !== id;
  return (items.slice(at + 1).find(waits) ?? items.find(waits))?.id ?? "";
}

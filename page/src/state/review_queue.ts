// What waits to be looked at: groups of unknown faces, and names that are in doubt.
import { signal } from "@preact/signals";
import * as calls from "../api/calls.ts";
import type { Face, Guess, Unknown } from "../api/types.ts";
import { HeldList } from "./held_list.ts";
import { listen } from "./live.ts";
import { route } from "./route.ts";

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
const lookedAt = 200; // of the newest names

export function itemOfUnknown(unknown: Unknown): ReviewItem {
  return {
    id: unknown.id,
    thing: "unknowns",
    unknown,
    face: null,
    guesses: [],
    last_seen: unknown.last_seen,
    done: "",
  };
}

// A doubtful name is the first guess, its runner-up the second.
export function itemOfFace(face: Face): ReviewItem {
  const guesses: Guess[] = [];
  const { decision } = face;
  if (face.person) guesses.push({ person: face.person, name: face.name ?? "", probability: decision.probability });
  if (decision.second_person) {
    guesses.push({
      person: decision.second_person,
      name: decision.second_name,
      probability: decision.second_probability,
    });
  }
  return { id: face.id, thing: "faces", unknown: null, face, guesses, last_seen: face.time, done: "" };
}

// A name that nobody has confirmed and that may well be another's.
const sure = 0.9;
const runnerUp = 0.1;

export function isDoubtful(face: Face): boolean {
  if (face.mark !== "none" || !face.person) return false;
  const { probability, second_probability: second } = face.decision;
  return (probability !== null && probability < sure) || (second !== null && second > runnerUp);
}

// Of one visit one face is enough, the first (the newest); of those without a visit each is.
export function onePerVisit(faces: readonly Face[]): Face[] {
  const seen = new Set<string>();
  return faces.filter((face) => {
    if (!face.visit) return true;
    if (seen.has(face.visit)) return false;
    seen.add(face.visit);
    return true;
  });
}

export function count(items: readonly ReviewItem[]): number {
  return items.filter((item) => !item.done).length;
}

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

// Reads what waits. `anew`: in place of what is shown; else what is new goes where new things go.
export async function readQueue(anew: boolean): Promise<void> {
  const [unknowns, doubtful] = await Promise.all([
    calls.unknowns({ limit: pageSize }),
    calls.faces({ known: true, mark: "none", limit: lookedAt }),
  ]);
  const items = [
    ...unknowns.items.filter((one) => !one.ignored).map(itemOfUnknown),
    ...onePerVisit(doubtful.items.filter(isDoubtful)).map(itemOfFace),
  ];
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

// Who an unknown may be: the people that its best face is most like, whatever the rule says.
export async function guess(item: ReviewItem): Promise<void> {
  if (!item.unknown?.image || item.guesses.length > 0) return;
  const sight = await calls.search(await calls.fetchPicture(item.unknown.image), 3);
  const nearest = sight.faces[0]?.nearest ?? [];
  const guesses = nearest.map((near) => ({ person: near.person, name: near.name, probability: null }));
  queue.update(item.id, (one) => ({ ...one, guesses }));
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

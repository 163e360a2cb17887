// What the server says waits, beside what the review shows.
import type { Face, Id, Page, Unknown } from "../api/types.ts";
import { isDoubtful, itemOfFace, itemOfUnknown, onePerVisit, type ReviewItem } from "./review_items.ts";

// The first page of each, the last seen first.
export interface Reading {
  unknowns: Page<Unknown>;
  faces: Page<Face>; // those with a name that nobody has spoken of
}

export interface Compared {
  waiting: ReviewItem[]; // what was read, with the guesses that are there already
  gone: Id[]; // what is shown as waiting and does not wait any more
}

// Of what was last seen no later nothing was told: the page ends there. Empty: all was told.
function endOf<T>(page: Page<T>, seen: (one: T) => string): string {
  const last = page.items.at(-1);
  return page.next !== null && last ? seen(last) : "";
}

// What is shown and stands behind the end of what was read waits on, and a visit keeps the face that stands for it; `decided`
// are the faces (by visit) that it was said of who the visit was.
export function compare(
  shown: readonly ReviewItem[],
  { unknowns, faces }: Reading,
  decided: ReadonlyMap<Id, Id> = new Map(),
): Compared {
  const ends = { unknowns: endOf(unknowns, (one) => one.last_seen), faces: endOf(faces, (one) => one.time) };
  const doubtful = faces.items.filter(isDoubtful);
  const told = new Set([...unknowns.items.filter((one) => !one.ignored), ...doubtful].map((one) => one.id));
  const waits = (item: ReviewItem): boolean => told.has(item.id) || item.last_seen <= ends[item.thing];
  const open = shown.filter((item) => item.done === "");
  const ofVisits = open.flatMap((item) =>
    item.face?.visit && waits(item) ? [[item.face.visit, item.id] as const] : [],
  );

  const guesses = new Map(shown.map((item) => [item.id, item.guesses]));
  const groups = unknowns.items.filter((one) => !one.ignored).map(itemOfUnknown);
  return {
    waiting: [
      ...groups.map((item) => ({ ...item, guesses: guesses.get(item.id) ?? [] })),
      ...onePerVisit(doubtful, new Map([...ofVisits, ...decided])).map(itemOfFace),
    ],
    gone: open.filter((item) => !waits(item)).map((item) => item.id),
  };
}

// What may stand in the review: a group of unknown faces, or a name that is in doubt.
import type { Face, Guess, Unknown } from "../api/types.ts";

export interface ReviewItem {
  id: string;
  thing: "unknowns" | "faces";
  unknown: Unknown | null;
  face: Face | null;
  guesses: Guess[]; // who it may be, the likeliest first
  last_seen: string;
  done: string; // what was decided; empty: nothing yet
}

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

// Of one visit one face is enough: the one in `shown` (face by visit), else the first (the newest); of those without a visit
// each is.
export function onePerVisit(faces: readonly Face[], shown: ReadonlyMap<string, string> = new Map()): Face[] {
  const chosen = new Map(shown);
  return faces.filter((face) => {
    if (!face.visit) return true;
    if (!chosen.has(face.visit)) chosen.set(face.visit, face.id);
    return chosen.get(face.visit) === face.id;
  });
}

export function count(items: readonly ReviewItem[]): number {
  return items.filter((item) => !item.done).length;
}

// The one to look at after `id`: the next below that waits, else the first that does.
export function nextAfter(items: readonly ReviewItem[], id: string): string {
  const at = items.findIndex((item) => item.id === id);
  const waits = (item: ReviewItem): boolean => item.done === "" && item.id !== id;
  return (items.slice(at + 1).find(waits) ?? items.find(waits))?.id ?? "";
}

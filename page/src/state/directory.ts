// Everybody who is known, by id: for names, for the choice of a person, for the view of people.
import { computed, signal } from "@preact/signals";
import * as calls from "../api/calls.ts";
import type { Id, Person } from "../api/types.ts";
import { listen } from "./live.ts";

export const people = signal<ReadonlyMap<Id, Person>>(new Map());
export const peopleLoaded = signal(false);
export const peopleError = signal("");
export const peopleCount = computed(() => people.value.size);
let reading: Promise<void> | null = null;
let again = false;

const pageSize = 500;

async function readAll(): Promise<void> {
  const found = new Map<Id, Person>();
  let after: string | null = null;
  do {
    const page = await calls.people({ limit: pageSize, cursor: after });
    for (const one of page.items) found.set(one.id, one);
    after = page.next;
    // The first page is shown at once; after that all of it together, so that nobody is missing for a moment.
    if (people.value.size === 0) {
      people.value = new Map(found);
      peopleLoaded.value = true;
    }
  } while (after);
  people.value = found;
  peopleLoaded.value = true;
}

// Reads everybody; calls while it reads become one more reading.
export function readPeople(): Promise<void> {
  again = true;
  reading ??= (async () => {
    while (again) {
      again = false;
      try {
        await readAll();
        peopleError.value = "";
      } catch (error) {
        peopleError.value = error instanceof Error ? error.message : String(error);
      }
    }
    reading = null;
  })();
  return reading;
}

// An event is told when it is decided; the gallery that people are read of follows a moment later.
const followsWithin = 1_500;

export function followPeople(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const ends = [
    listen(["person.", "picture.", "change.undone", "reset"], () => {
      void readPeople();
      clearTimeout(timer);
      timer = setTimeout(() => void readPeople(), followsWithin);
    }),
    listen(["visit."], seen),
  ];
  return () => {
    for (const end of ends) end();
  };
}

// A visit says when somebody was seen: of a large gallery everybody else is not read again for that.
function seen(event: Record<string, unknown>): void {
  const { visit } = (event.data ?? {}) as { visit?: { person?: Id | null; last_seen?: string } };
  const person = people.value.get(visit?.person ?? "");
  if (!person || !visit?.last_seen || visit.last_seen <= (person.last_seen ?? "")) return;
  people.value = new Map(people.value).set(person.id, { ...person, last_seen: visit.last_seen });
}

export function nameOf(id: Id | null, fallback = ""): string {
  return (id !== null && people.value.get(id)?.name) || fallback;
}

// Those whose name holds all words of `text`, the ones that begin with it first; at most `limit`.
export function findPeople(all: Iterable<Person>, text: string, limit: number): Person[] {
  const words = fold(text).split(/\s+/).filter(Boolean);
  const found: { person: Person; begins: boolean }[] = [];
  for (const person of all) {
    const name = words.length > 0 ? folded(person) : "";
    if (words.every((word) => name.includes(word))) {
      found.push({ person, begins: words.length > 0 && name.startsWith(words[0] ?? "") });
    }
  }
  found.sort((a, b) => Number(b.begins) - Number(a.begins) || byName(a.person, b.person));
  return found.slice(0, limit).map((one) => one.person);
}

// Names are compared often, and are slow to fold and to compare: 2,000 of them in one go take no long task.
const collator = new Intl.Collator();
export const byName = (a: Person, b: Person): number => collator.compare(a.name, b.name);
const foldedNames = new WeakMap<Person, string>();
function folded(person: Person): string {
  const known = foldedNames.get(person);
  if (known !== undefined) return known;
  const name = fold(person.name);
  foldedNames.set(person, name);
  return name;
}

// Who is called so. Case apart, and whether a letter and its mark are one character or two; not marks apart: Zoe and Zoë, as
// सीता and सुत, are two people. Of several the one whose name is written so.
export function personCalled(all: Iterable<Person>, name: string): Person | undefined {
  const wanted = nameKey(name);
  const so = [...all].filter((person) => nameKey(person.name) === wanted);
  return so.find((person) => person.name === name) ?? so[0];
}

// The same for what is the same name.
export function nameKey(name: string): string {
  return name.trim().normalize("NFC").toLowerCase();
}

// For finding: letters without their case and marks, so that "Zoe" finds "Zoë".
export function fold(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

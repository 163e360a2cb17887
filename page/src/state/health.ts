// Of how many of each person's pictures something is wrong. Dear for the server, so asked for where it is shown, and again
// for those that it had no time for.
import { signal } from "@preact/signals";
import * as calls from "../api/calls.ts";
import type { Id } from "../api/types.ts";

export const doubtful = signal<ReadonlyMap<Id, number>>(new Map());

const pageSize = 500;
const turns = 5; // a server that has no time for them after so many has too many

export async function readHealth(): Promise<void> {
  const found = new Map<Id, number>();
  let after: string | null = null;
  let turn = 0;
  do {
    const page = await calls.peopleHealth({ limit: pageSize, cursor: after });
    let unknown = false;
    for (const one of page.items) {
      if (one.doubtful === null) unknown = true;
      else found.set(one.id, one.doubtful);
    }
    turn = unknown ? turn + 1 : 0;
    if (unknown && turn < turns) continue;
    turn = 0;
    after = page.next;
  } while (after || turn > 0);
  doubtful.value = found;
}

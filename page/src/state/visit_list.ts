// The visits by some filters, in pages, kept true while people come and others correct them.
import { signal } from "@preact/signals";
import * as calls from "../api/calls.ts";
import { ApiError, describe } from "../api/client.ts";
import type { Id, Visit } from "../api/types.ts";
import { HeldList } from "./held_list.ts";
import { listen } from "./live.ts";

const pageSize = 200;
const mostNews = 1_000; // more than that, and all of it is read anew
const mostLost = 50; // visits that are asked for one by one
const readsAgain = 500;

// One choice of filters. What is read for it is read one after the other, and is not shown once it was left.
interface Turn {
  filter: calls.VisitFilter;
  work: Promise<void>;
  next: string | null;
  upTo: string; // the newest that is there was last seen then
  loaded: boolean;
  wantsMore: boolean;
  changed: Set<Id>; // told of by events, not read yet
  left: boolean;
}

// The visit that an event is about: events hold the whole of it, or its id.
export function visitOf(event: Record<string, unknown>): Id | null {
  const told = (event.data as { visit?: unknown } | undefined)?.visit;
  const id = typeof told === "object" && told !== null ? (told as { id?: unknown }).id : told;
  return typeof id === "string" ? id : null;
}

export class VisitList {
  readonly list = new HeldList<Visit>();
  readonly loaded = signal(false);
  readonly error = signal("");
  readonly endError = signal(""); // why older ones could not be read
  private turn: Turn | null = null;

  // Shows the visits by these filters until what it gives is called; those by others stay until the first of them are there.
  follow(filter: calls.VisitFilter): () => void {
    const turn: Turn = {
      filter,
      work: Promise.resolve(),
      next: null,
      upTo: "",
      loaded: false,
      wantsMore: false,
      changed: new Set(),
      left: false,
    };
    this.turn = turn;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let anew = false;
    const soon = (): void => {
      timer ??= setTimeout(() => {
        timer = undefined;
        const all = anew;
        anew = false;
        this.read(turn, () => (all ? this.readAnew(turn) : this.readNews(turn)));
      }, readsAgain);
    };
    this.endError.value = "";
    this.read(turn, () => this.readAnew(turn));
    const ends = [
      listen(["visit.", "person."], (event) => {
        const visit = visitOf(event);
        if (visit) turn.changed.add(visit);
        soon();
      }),
      // What is erased goes from here as well, wherever it stands.
      listen(["person.erased", "unknown.erased", "reset"], () => {
        anew = true;
        soon();
      }),
    ];
    return () => {
      turn.left = true;
      clearTimeout(timer);
      for (const end of ends) end();
    };
  }

  // The page behind what is there, where there is one.
  more(): void {
    const { turn } = this;
    if (!turn || turn.next === null || turn.wantsMore || this.endError.value) return;
    turn.wantsMore = true;
    this.read(turn, () => this.readMore(turn));
  }

  // As `more`, after it failed; all of it where nothing could be read.
  again(): void {
    const { turn } = this;
    this.endError.value = "";
    if (turn && !turn.loaded) this.read(turn, () => this.readAnew(turn));
    this.more();
  }

  private read(turn: Turn, job: () => Promise<void>): void {
    turn.work = turn.work.then(() => (turn.left ? undefined : job()));
  }

  private async readAnew(turn: Turn): Promise<void> {
    turn.changed.clear();
    try {
      const page = await calls.visits({ ...turn.filter, limit: pageSize });
      if (turn.left) return;
      this.list.reset(page.items);
      turn.next = page.next;
      turn.upTo = page.items[0]?.last_seen ?? "";
      turn.loaded = this.loaded.value = true;
      this.error.value = this.endError.value = "";
    } catch (problem) {
      if (turn.left) return;
      if (!turn.loaded) this.list.reset([]); // what is there is by other filters
      this.error.value = describe(problem);
    }
  }

  private async readMore(turn: Turn): Promise<void> {
    try {
      const page = await calls.visits({ ...turn.filter, limit: pageSize, cursor: turn.next });
      if (turn.left) return;
      this.list.append(page.items);
      turn.next = page.next;
    } catch (problem) {
      if (!turn.left) this.endError.value = describe(problem);
    } finally {
      turn.wantsMore = false;
    }
  }

  // What came since, without a gap to what is there; and what is there as it is by now.
  private async readNews(turn: Turn): Promise<void> {
    const { list } = this;
    const changed = new Set(turn.changed);
    turn.changed.clear();
    try {
      const told: Visit[] = [];
      let cursor: string | null = null;
      do {
        const page = await calls.visits({ ...turn.filter, limit: pageSize, cursor });
        if (turn.left) return;
        told.push(...page.items);
        cursor = page.next;
      } while (cursor !== null && (told.at(-1)?.last_seen ?? "") > turn.upTo && told.length < mostNews);
      const last = told.at(-1)?.last_seen ?? "";
      const until = cursor === null ? "" : last;
      const known = new Set(told.map((visit) => visit.id));
      // Those should have been told, or were told of: by now they are others', or nobody's.
      const lost = list.all().filter((one) => !known.has(one.id) && (one.last_seen > until || changed.has(one.id)));
      if ((cursor !== null && last > turn.upTo) || lost.length > mostLost) return await this.readAnew(turn);
      turn.upTo = told[0]?.last_seen ?? turn.upTo;
      // Where one went, the page reaches further down than what is there.
      const oldest = list.items.value.at(-1)?.last_seen ?? "";
      const isOlder = (one: Visit): boolean => one.last_seen < oldest;
      for (const visit of told.filter((one) => !isOlder(one)).reverse()) list.put(visit);
      list.append(told.filter(isOlder));
      for (const { id } of lost) await this.readOne(turn, id);
      if (!turn.left) this.error.value = "";
    } catch (problem) {
      for (const id of changed) turn.changed.add(id);
      if (!turn.left) this.error.value = describe(problem);
    }
  }

  // One that is there is told as it is, also where it is none of these any more: nothing goes from under the pointer but what
  // is erased.
  private async readOne(turn: Turn, id: Id): Promise<void> {
    try {
      const visit = await calls.visit(id);
      if (!turn.left) this.list.update(id, () => visit);
    } catch (problem) {
      if (!(problem instanceof ApiError && problem.status === 404)) throw problem;
      if (!turn.left) this.list.remove(id);
    }
  }
}

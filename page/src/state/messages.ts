// What the page tells: toasts with their undo, and words for screen readers alone.
import { signal } from "@preact/signals";
import * as calls from "../api/calls.ts";
import { ApiError, describe } from "../api/client.ts";
import { readPeople } from "./directory.ts";
import { deliver, stream } from "./live.ts";
import { asChange } from "./settled.ts";

export interface Toast {
  key: number;
  text: string;
  kind: "done" | "failed";
  changes: number[]; // what undo takes back; empty: nothing
}

const stays = 8_000;
const staysFailed = 15_000;
const atMost = 3;

export const toasts = signal<Toast[]>([]);
// The polite live region's text.
export const announcement = signal("");
let lastKey = 0;
let undone: (() => void) | null = null;

// Called after something was taken back.
export function onUndone(refresh: () => void): void {
  undone = refresh;
}

export function announce(text: string): void {
  // The same words twice are read once unless they differ.
  announcement.value = announcement.value === text ? `${text}\u00a0` : text;
}

export function dismiss(key: number): void {
  toasts.value = toasts.value.filter((toast) => toast.key !== key);
}

function show(toast: Omit<Toast, "key">): void {
  lastKey += 1;
  const key = lastKey;
  toasts.value = [...toasts.value.slice(1 - atMost), { ...toast, key }];
  announce(toast.changes.length === 0 ? toast.text : `${toast.text} U takes it back.`);
  setTimeout(() => dismiss(key), toast.kind === "failed" ? staysFailed : stays);
}

export function tell(text: string): void {
  show({ text, kind: "done", changes: [] });
}

export function tellError(error: unknown): void {
  show({ text: describe(error), kind: "failed", changes: [] });
}

interface Done {
  text: string;
  changes: number[]; // in the order in which they were made
}
const history: Done[] = [];

// One change, several that are one act, or none that could be taken back.
type Change = number | number[] | null;

export function remember(text: string, change: Change): void {
  const changes = change === null ? [] : [change].flat();
  hear();
  if (changes.length > 0) history.push({ text, changes });
  show({ text, kind: "done", changes });
}

// Takes back what a toast shows, else the newest act of this page.
export async function undoLast(toast: Toast | null = null): Promise<void> {
  const at = toast ? history.findIndex((one) => one.changes === toast.changes) : history.length - 1;
  const [act] = at >= 0 ? history.splice(at, 1) : [];
  if (!act) {
    tell("There is nothing to take back.");
    return;
  }
  toasts.value = toasts.value.filter((one) => one.changes !== act.changes);
  let refused: unknown = null;
  try {
    while (act.changes.length > 0) {
      try {
        await calls.undo(act.changes.at(-1) ?? 0);
      } catch (error) {
        if (!isFinal(error)) throw error;
        refused = error;
      }
      act.changes.pop();
    }
    if (refused) tellError(refused);
    else tell(`Taken back: ${act.text}`);
  } catch (error) {
    history.push(act);
    tellError(error);
  }
  hear();
  undone?.();
  void readPeople();
}

// No event tells this page of its own changes where the server keeps none, or while the connection is lost.
function hear(): void {
  if (stream.value !== "live") deliver({ id: "", type: "change.here", data: "{}" });
}

// Somebody else took it back, or changed it since: to ask again is of no use, and what was done before can still be taken back.
function isFinal(error: unknown): boolean {
  return error instanceof ApiError && [404, 409, 422].includes(error.status);
}

// Does it and tells; false where it failed, which is told too. `of` names what is changed: what is asked for again while the
// server is slow is done once.
export function act(text: string, work: () => Promise<{ change: Change }>, of: string = text): Promise<boolean> {
  const one = async (changes: number[]): Promise<void> => {
    changes.push(...[(await work()).change ?? []].flat());
  };
  return actOfMany(text, one, of);
}

// One act of several changes, which `work` puts into what it is given: those that were made before one failed can be taken back.
export async function actOfMany(
  text: string,
  work: (changes: number[]) => Promise<void>,
  of: string = text,
): Promise<boolean> {
  if (underWay.has(of)) return false;
  underWay.add(of);
  const changes: number[] = [];
  try {
    await asChange(() => work(changes));
    remember(text, changes);
    return true;
  } catch (error) {
    if (changes.length > 0) remember(`In part: ${text}`, changes);
    tellError(error);
    return false;
  } finally {
    underWay.delete(of);
  }
}
const underWay = new Set<string>();

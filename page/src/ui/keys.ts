// Keys of one letter: what the view on show offers, told by "?".
import { signal } from "@preact/signals";
import { useLayoutEffect } from "preact/hooks";

export interface KeyAction {
  key: string; // as KeyboardEvent.key has it; letters in lower case
  says: string; // in the help
  run: () => void;
  repeats?: boolean; // again and again while it is held down; what decides does it once
}

// The newest first: a dialog's or an item's go before the view's.
const stack = signal<{ title: string; actions: KeyAction[] }[]>([]);
export const helpWanted = signal(false);

const stored = "facepipe.keys";
function readStored(): boolean {
  try {
    return localStorage.getItem(stored) !== "off";
  } catch {
    return true; // a browser that keeps nothing
  }
}
// Keys without a modifier can be in the way of speech input, so they can be turned off.
export const keysOn = signal(readStored());

export function setKeysOn(on: boolean): void {
  keysOn.value = on;
  try {
    localStorage.setItem(stored, on ? "on" : "off");
  } catch {
    // it holds until the page is loaded again
  }
}

export function currentKeys(): { title: string; actions: KeyAction[] }[] {
  return stack.value;
}

export function useKeys(title: string, actions: KeyAction[], active = true): void {
  // The actions are made anew at every rendering, and go with what is on show: a key that is pressed before the next frame
  // is painted already means the new thing.
  useLayoutEffect(() => {
    if (!active) return;
    const entry = { title, actions };
    stack.value = [entry, ...stack.value];
    return () => {
      stack.value = stack.value.filter((one) => one !== entry);
    };
  });
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

export function actionFor(
  event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey">,
  entries: { actions: KeyAction[] }[],
): KeyAction | null {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  for (const { actions } of entries) {
    const found = actions.find((action) => action.key === key);
    if (found) return found;
  }
  return null;
}

export function followKeys(): void {
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || isTyping(event.target) || document.querySelector("dialog[open]")) return;
    if (!keysOn.value && event.key.length === 1 && event.key !== "?") return;
    const action = actionFor(event, stack.value);
    if (!action) return;
    event.preventDefault();
    if (!event.repeat || action.repeats) action.run();
  });
}

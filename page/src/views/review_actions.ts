// What can be said of something in the review, with its keys.
import * as calls from "../api/calls.ts";
import { nameOf, readPeople } from "../state/directory.ts";
import { act, actOfMany } from "../state/messages.ts";
import type { ReviewItem } from "../state/review_items.ts";
import { decide } from "../state/review_queue.ts";
import { whoIsIt } from "../ui/ask.tsx";
import type { KeyAction } from "../ui/keys.ts";

export interface ReviewAction extends KeyAction {
  name: string; // of its button
}

// `known`: what the person is called where it is at hand, for everybody may not be read yet.
function nameOfTarget(target: calls.Target, known: string): string {
  return "name" in target ? target.name : nameOf(target.person, known);
}

// `next` is called when it is decided.
export function actionsOf(item: ReviewItem, next: () => void): ReviewAction[] {
  const { thing, id } = item;
  const [first] = item.guesses;

  // `doIt` is an act of this item: while one is under way no other is done.
  async function settle(text: string, doIt: (text: string) => Promise<boolean>, named = false): Promise<void> {
    if (await doIt(text)) {
      decide(id, text, named);
      next();
    }
  }
  async function name(target: calls.Target | null, known = "somebody"): Promise<void> {
    if (!target) return;
    const text = `This is ${nameOfTarget(target, known)}.`;
    await settle(text, () => act(text, () => calls.assign(thing, id, target), id), true);
    if ("name" in target) await readPeople();
  }

  const actions: ReviewAction[] = [
    {
      key: "a",
      name: "Assign",
      says: "it is somebody known",
      run: () => void whoIsIt("Assign to", item.guesses).then(name),
    },
    {
      key: "n",
      name: "New",
      says: "it is somebody new",
      run: () => void whoIsIt("A new person", [], { fresh: true }).then(name),
    },
  ];
  // Of an unknown face nobody has said who it is.
  if (first && thing === "faces") {
    actions.push({
      key: "x",
      name: `Not ${first.name}`,
      says: "it is not this person",
      run: () => void settle(`This is not ${first.name}.`, (text) => act(text, () => calls.rejectFace(id), id)),
    });
  }
  actions.push(
    {
      key: "i",
      name: "Ignore",
      says: "ignore for good, with all that are alike",
      run: () => void settle("Ignored for good.", (text) => act(text, () => calls.ignore(thing, id), id)),
    },
    {
      key: "d",
      name: "No face",
      says: "it is no face",
      run: () =>
        void settle("This is no face.", (text) =>
          thing === "faces"
            ? act(text, () => calls.noFace(id), id)
            : actOfMany(text, (changes) => calls.noFaces(id, changes), id),
        ),
    },
  );
  item.guesses.slice(0, 3).forEach((guess, index) => {
    actions.push({
      key: String(index + 1),
      name: guess.name,
      says: `it is ${guess.name}`,
      run: () => void name({ person: guess.person }, guess.name),
    });
  });
  return actions;
}

// Questions that wait for an answer: whether to go on, who somebody is.
import { signal } from "@preact/signals";
import type { Target } from "../api/calls.ts";
import type { Guess } from "../api/types.ts";
import { type Choosable, ChoosePerson } from "./choose_person.tsx";
import { Dialog } from "./dialog.tsx";

interface Confirmation {
  title: string;
  text: string;
  action: string;
  answer: (yes: boolean) => void;
}
interface Choice {
  title: string;
  guesses: Guess[];
  whom: Choosable;
  answer: (target: Target | null) => void;
}
const confirmation = signal<Confirmation | null>(null);
const choice = signal<Choice | null>(null);

// Of what cannot be undone.
export function confirmed(title: string, text: string, action: string): Promise<boolean> {
  return new Promise((answer) => {
    confirmation.value = { title, text, action, answer };
  });
}

// Null: nobody was chosen. The guesses come first.
export function whoIsIt(title: string, guesses: Guess[] = [], whom: Choosable = {}): Promise<Target | null> {
  return new Promise((answer) => {
    choice.value = { title, guesses, whom, answer };
  });
}

export function Asked() {
  const toConfirm = confirmation.value;
  const toChoose = choice.value;
  if (toConfirm) {
    const say = (yes: boolean): void => {
      confirmation.value = null;
      toConfirm.answer(yes);
    };
    return (
      <Dialog title={toConfirm.title} onClose={() => say(false)}>
        <p>{toConfirm.text}</p>
        <footer class="dialog-foot">
          <button type="button" class="button" onClick={() => say(false)}>
            Keep
          </button>
          <button type="button" class="button button-danger" onClick={() => say(true)}>
            {toConfirm.action}
          </button>
        </footer>
      </Dialog>
    );
  }
  if (!toChoose) return null;
  const say = (target: Target | null): void => {
    choice.value = null;
    toChoose.answer(target);
  };
  return <ChoosePerson title={toChoose.title} guesses={toChoose.guesses} whom={toChoose.whom} onAnswer={say} />;
}

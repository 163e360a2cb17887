// Who is it: a field that finds people as one types. Source of its keys: WAI-ARIA practices, editable combobox.
import { useSignal } from "@preact/signals";
import { useId, useMemo } from "preact/hooks";
import type { Target } from "../api/calls.ts";
import type { Guess, Id, Person } from "../api/types.ts";
import { findPeople, people, peopleLoaded, personCalled } from "../state/directory.ts";
import { Crop } from "./crop.tsx";
import { Dialog } from "./dialog.tsx";
import { percent } from "./parts.tsx";

export interface Option {
  target: Target;
  name: string;
  note: string;
  picture: string | null;
}

const atMost = 8;

function optionOf(person: Person, note = ""): Option {
  return {
    target: { person: person.id },
    name: person.name,
    note,
    picture: person.image,
  };
}

// Who may be chosen, where not anybody: somebody new alone, or somebody known alone who is not this one.
export interface Choosable {
  fresh?: boolean;
  knownBut?: Id;
}

// What is offered for `text`: without one the guesses, then people by name; with a text that is nobody's name yet also
// somebody new.
export function optionsFor(
  all: ReadonlyMap<string, Person>,
  guesses: Guess[],
  text: string,
  { fresh = false, knownBut }: Choosable = {},
): Option[] {
  const typed = text.trim();
  const options: Option[] = [];
  const known = new Map([...all].filter(([id]) => id !== knownBut));
  if (!fresh) {
    if (!typed) {
      for (const guess of guesses) {
        const person = known.get(guess.person);
        if (person) options.push(optionOf(person, percent(guess.probability)));
      }
    }
    const offered = new Set(options.map((option) => option.name));
    for (const person of findPeople(known.values(), typed, atMost)) {
      if (!offered.has(person.name)) options.push(optionOf(person));
    }
    options.length = Math.min(options.length, atMost);
  }
  if (knownBut !== undefined) return options;
  const taken = personCalled(known.values(), typed);
  if (typed && !taken) options.push({ target: { name: typed }, name: typed, note: "new person", picture: null });
  else if (fresh && taken) options.push(optionOf(taken, "already known"));
  return options;
}

interface Props {
  title: string;
  guesses: Guess[];
  whom: Choosable;
  onAnswer: (target: Target | null) => void;
}

export function ChoosePerson({ title, guesses, whom, onAnswer }: Props) {
  const fresh = whom.fresh ?? false;
  const text = useSignal("");
  const active = useSignal(0);
  const id = useId();
  // As they were when the text was typed: nobody comes between while somebody chooses.
  const options = useMemo(() => optionsFor(people.peek(), guesses, text.value, whom), [text.value, peopleLoaded.value]);
  const at = Math.min(active.value, options.length - 1);

  function onKeyDown(event: KeyboardEvent): void {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step && options.length) {
      event.preventDefault();
      active.value = (at + step + options.length) % options.length;
    } else if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      const chosen = options[at];
      if (chosen) onAnswer(chosen.target);
    }
  }

  return (
    <Dialog title={title} onClose={() => onAnswer(null)}>
      <label class="field">
        <span>{fresh ? "Name" : "Who is it?"}</span>
        <input
          type="text"
          role="combobox"
          autoComplete="off"
          spellcheck={false}
          maxLength={200}
          aria-expanded={options.length > 0}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={at >= 0 ? `${id}-${at}` : undefined}
          value={text.value}
          placeholder={fresh ? "Their name" : "Type a name"}
          onInput={(event) => {
            text.value = event.currentTarget.value;
            active.value = 0;
          }}
          onKeyDown={onKeyDown}
        />
      </label>
      <div class="options" role="listbox" id={`${id}-list`} aria-label="People">
        {options.map((option, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the keys
          // biome-ignore lint/a11y/useFocusableInteractive: the field keeps the focus
          <div
            key={option.name}
            id={`${id}-${index}`}
            role="option"
            class="option"
            aria-selected={index === at}
            onClick={() => onAnswer(option.target)}
          >
            <Crop src={option.picture} size="s" />
            <span class="option-name">{option.name}</span>
            <span class="quiet">{option.note}</span>
          </div>
        ))}
      </div>
      {options.length === 0 && (
        <p class="quiet">
          {fresh
            ? "Type the name of somebody new."
            : whom.knownBut
              ? "Nobody else who is known has such a name."
              : "Nobody is known yet. Type a name."}
        </p>
      )}
      <p class="quiet hint">
        <kbd>↑</kbd> <kbd>↓</kbd> choose, <kbd>Enter</kbd> takes it, <kbd>Esc</kbd> leaves
      </p>
    </Dialog>
  );
}

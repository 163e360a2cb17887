// Adds people by many files: of one person, or a folder that holds a folder a person.
import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import * as calls from "../api/calls.ts";
import { describe } from "../api/client.ts";
import { nameKey, people, personCalled, readPeople } from "../state/directory.ts";
import { remember, tellError } from "../state/messages.ts";
import { Dialog } from "../ui/dialog.tsx";
import { Icon } from "../ui/icons.tsx";
import { count } from "../ui/parts.tsx";
import {
  byPerson,
  chosenFiles,
  droppedFiles,
  isPicture,
  mostDropped,
  type NamedFile,
  type PersonFiles,
} from "./picture_files.ts";

interface Refused {
  path: string;
  why: string;
}

// Whose pictures are added; null: of whoever is named in the dialog.
export function AddPeople({ to = null, onClose }: { to?: { id: string; name: string } | null; onClose: () => void }) {
  const name = useSignal("");
  const chosen = useSignal<NamedFile[]>([]);
  const missed = useSignal({ unread: 0, more: false }); // of what was dropped
  const added = useSignal(0);
  const tried = useSignal(0);
  const refused = useSignal<Refused[]>([]);
  const state = useSignal<"choosing" | "adding" | "done">("choosing");
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const left = useRef(false);
  useLayoutEffect(
    () => () => {
      left.current = true;
    },
    [],
  );

  const pictures = chosen.value.filter((one) => isPicture(one.file));
  const groups: PersonFiles[] = to ? [{ name: to.name, files: pictures }] : byPerson(pictures);
  const nameless = groups.find((group) => !group.name);
  const ready = pictures.length > 0 && (!nameless || name.value.trim() !== "");

  function choose(files: NamedFile[], rest = { unread: 0, more: false }): void {
    chosen.value = files;
    missed.value = rest;
  }

  // Whom pictures of that name are of: somebody known, by now, or somebody new.
  function called(name: string): calls.Target {
    const known = personCalled(people.value.values(), name);
    return known ? { person: known.id } : { name };
  }

  async function addOne(target: calls.Target, one: NamedFile, changes: number[]): Promise<calls.Target> {
    try {
      const done = await calls.enrol(target, one.file, one.path);
      added.value += 1;
      if (done.change !== null) changes.push(done.change);
      return done.person ? { person: done.person } : target;
    } catch (error) {
      refused.value = [...refused.value, { path: one.path, why: describe(error) }];
      return target;
    } finally {
      tried.value += 1;
    }
  }

  async function add(): Promise<void> {
    state.value = "adding";
    const changes: number[] = [];
    await readPeople(); // others add people, too, and of many not all may be here yet
    const before = new Map<string, calls.Target>(); // whom the groups before were of: the field may name one of them
    for (const group of groups) {
      const who = group.name || name.value.trim();
      let target: calls.Target = to ? { person: to.id } : (before.get(nameKey(who)) ?? called(who));
      for (const one of group.files) target = await addOne(target, one, changes);
      before.set(nameKey(who), target);
    }
    state.value = "done";
    if (added.value > 0) remember(`${count(added.value, "picture")} added.`, changes);
    // The dialog that would show them has gone with its view.
    const [first] = refused.value;
    if (left.current && first) {
      const number = refused.value.length;
      tellError(new Error(`${count(number, "picture was", "pictures were")} not added: ${first.why}`));
    }
    await readPeople();
    if (refused.value.length === 0) onClose();
  }

  return (
    <Dialog title={to ? `Pictures of ${to.name}` : "Add people"} onClose={onClose} lasting={state.value === "adding"}>
      {state.value === "choosing" && (
        <>
          {/* biome-ignore lint/a11y/noStaticElementInteractions: the buttons are for keys */}
          <div
            class="drop"
            onDragOver={(event) => event.preventDefault()}
            onDrop={(event) => {
              event.preventDefault();
              void droppedFiles(event.dataTransfer).then(({ files: found, ...rest }) => choose(found, rest));
            }}
          >
            <p>
              <Icon name="picture" /> Drop pictures here, or a folder that holds a folder a person.
            </p>
            <div class="actions">
              <button type="button" class="button" onClick={() => files.current?.click()}>
                Choose files
              </button>
              <button type="button" class="button" onClick={() => folder.current?.click()}>
                Choose a folder
              </button>
            </div>
            <input
              ref={files}
              class="hidden"
              type="file"
              multiple
              accept="image/jpeg,image/png,image/webp"
              aria-label="Pictures"
              tabIndex={-1}
              onChange={(event) => {
                choose(chosenFiles(event.currentTarget.files));
              }}
            />
            <input
              ref={folder}
              class="hidden"
              type="file"
              {...{ webkitdirectory: true }}
              aria-label="Folder"
              tabIndex={-1}
              onChange={(event) => {
                choose(chosenFiles(event.currentTarget.files));
              }}
            />
          </div>
          <Chosen groups={groups} leftOut={chosen.value.length - pictures.length} {...missed.value} />
          {!to && (nameless || groups.length === 0) && (
            <label class="field">
              <span>Name</span>
              <input
                type="text"
                maxLength={200}
                autoComplete="off"
                value={name.value}
                placeholder="Whose pictures are they?"
                onInput={(event) => {
                  name.value = event.currentTarget.value;
                }}
              />
            </label>
          )}
        </>
      )}
      {state.value !== "choosing" && (
        <Progress done={tried.value} of={pictures.length} added={added.value} refused={refused.value} />
      )}
      <footer class="dialog-foot">
        {state.value === "done" ? (
          <button type="button" class="button button-main" onClick={onClose}>
            Close
          </button>
        ) : (
          <button
            type="button"
            class="button button-main"
            disabled={!ready || state.value === "adding"}
            onClick={() => void add()}
          >
            Add {pictures.length > 0 ? count(pictures.length, "picture") : ""}
          </button>
        )}
      </footer>
    </Dialog>
  );
}

interface ChosenProps {
  groups: PersonFiles[];
  leftOut: number;
  unread: number;
  more: boolean;
}

function Chosen({ groups, leftOut, unread, more }: ChosenProps) {
  const named = groups.filter((group) => group.name);
  return (
    <>
      {named.length > 0 && (
        <ul class="chosen">
          {named.slice(0, 100).map((group) => (
            <li key={group.name}>
              {group.name} <span class="quiet">{count(group.files.length, "picture")}</span>
            </li>
          ))}
        </ul>
      )}
      {named.length > 100 && <p class="quiet">and {named.length - 100} more</p>}
      {more && (
        <p class="bad">Only the first {mostDropped.toLocaleString()} files are taken. Drop the others after these.</p>
      )}
      {unread > 0 && <p class="bad">{count(unread, "file")} could not be read.</p>}
      {leftOut > 0 && <p class="quiet">{count(leftOut, "file")} left out: no JPEG, PNG or WebP.</p>}
    </>
  );
}

function Progress({ done, of, added, refused }: { done: number; of: number; added: number; refused: Refused[] }) {
  return (
    <>
      <label class="field">
        <span aria-live="polite">
          {done} of {of}: {added} added{refused.length > 0 && `, ${refused.length} not`}
        </span>
        <progress max={of} value={done} />
      </label>
      {refused.length > 0 && (
        <ul class="chosen">
          {refused.map((one) => (
            <li key={one.path}>
              {one.path} <span class="bad">{one.why}</span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

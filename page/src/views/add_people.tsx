// Adds people by many files: of one person, or a folder that holds a folder a person.
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import * as calls from "../api/calls.ts";
import { describe } from "../api/client.ts";
import { fold, people, readPeople } from "../state/directory.ts";
import { remember } from "../state/messages.ts";
import { Dialog } from "../ui/dialog.tsx";
import { Icon } from "../ui/icons.tsx";
import { count } from "../ui/parts.tsx";
import { byPerson, chosenFiles, droppedFiles, isPicture, type NamedFile, type PersonFiles } from "./picture_files.ts";

interface Refused {
  path: string;
  why: string;
}

// Whose pictures are added; null: of whoever is named in the dialog.
export function AddPeople({ to = null, onClose }: { to?: { id: string; name: string } | null; onClose: () => void }) {
  const name = useSignal("");
  const chosen = useSignal<NamedFile[]>([]);
  const added = useSignal(0);
  const tried = useSignal(0);
  const refused = useSignal<Refused[]>([]);
  const state = useSignal<"choosing" | "adding" | "done">("choosing");
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);

  const pictures = chosen.value.filter((one) => isPicture(one.file));
  const groups: PersonFiles[] = to ? [{ name: to.name, files: pictures }] : byPerson(pictures);
  const nameless = groups.find((group) => !group.name);
  const ready = pictures.length > 0 && (!nameless || name.value.trim() !== "");

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
    for (const group of groups) {
      const called = group.name || name.value.trim();
      const known = [...people.value.values()].find((person) => fold(person.name) === fold(called));
      let target: calls.Target = to ? { person: to.id } : known ? { person: known.id } : { name: called };
      for (const one of group.files) target = await addOne(target, one, changes);
    }
    state.value = "done";
    if (added.value > 0) remember(`${count(added.value, "picture")} added.`, changes);
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
              void droppedFiles(event.dataTransfer).then((found) => {
                chosen.value = found;
              });
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
                chosen.value = chosenFiles(event.currentTarget.files);
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
                chosen.value = chosenFiles(event.currentTarget.files);
              }}
            />
          </div>
          <Chosen groups={groups} leftOut={chosen.value.length - pictures.length} />
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

function Chosen({ groups, leftOut }: { groups: PersonFiles[]; leftOut: number }) {
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

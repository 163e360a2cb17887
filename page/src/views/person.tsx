// One person: the pictures that they are known by, and where they were seen.
import { useSignal } from "@preact/signals";
import * as calls from "../api/calls.ts";
import { describe } from "../api/client.ts";
import type { Person } from "../api/types.ts";
import { readPeople } from "../state/directory.ts";
import { act, remember } from "../state/messages.ts";
import { useResource } from "../state/resource.ts";
import { go, linkTo, route } from "../state/route.ts";
import { mayManage } from "../state/session.ts";
import { asChange } from "../state/settled.ts";
import { confirmed, whoIsIt } from "../ui/ask.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Icon } from "../ui/icons.tsx";
import { count, Failed, Skeleton, Title } from "../ui/parts.tsx";
import { Ago } from "../ui/time.tsx";
import { AddPeople } from "./add_people.tsx";
import { PersonFaces } from "./person_faces.tsx";
import { PersonPictures } from "./person_pictures.tsx";

export function PersonView() {
  const { id } = route.value;
  const person = useResource(() => calls.person(id), [id], ["person."]);
  const shown = person.value.value;
  const asked = useSignal<"" | "adding" | "renaming">("");
  const close = (): void => {
    asked.value = "";
  };
  // The heading stays the one that got the focus when the person is there.
  return (
    <>
      <p class="back">
        <a href={linkTo("people")}>People</a>
      </p>
      <Title text={shown?.name ?? "Person"}>
        {shown && mayManage.value && (
          <Actions
            person={shown}
            ask={(what) => {
              asked.value = what;
            }}
          />
        )}
      </Title>
      {shown ? (
        <Known person={shown} />
      ) : person.error.value ? (
        <Failed error={person.error.value} retry={person.reload} />
      ) : (
        <Skeleton count={8} shape="crop" />
      )}
      {shown && asked.value === "adding" && <AddPeople to={shown} onClose={close} />}
      {shown && asked.value === "renaming" && <Rename person={shown} onClose={close} />}
    </>
  );
}

function Actions({ person, ask }: { person: Person; ask: (what: "adding" | "renaming") => void }) {
  async function merge(): Promise<void> {
    const target = await whoIsIt(`${person.name} is the same as`, [], { knownBut: person.id });
    if (!target || !("person" in target)) return;
    if (await act(`${person.name} was merged.`, () => calls.mergePerson(person.id, target.person))) {
      go("person", target.person); // first: this one is not there to be read any more
      await readPeople();
    }
  }
  async function remove(): Promise<void> {
    if (await act(`${person.name} is known no more.`, () => calls.removePerson(person.id))) {
      go("people");
      await readPeople();
    }
  }
  async function erase(): Promise<void> {
    const text = `Everything of ${person.name} goes: pictures, faces, visits, and the name in the log. This cannot be undone.`;
    if (!(await confirmed(`Erase ${person.name}?`, text, "Erase"))) return;
    const work = async (): Promise<{ change: null }> => {
      await calls.erasePerson(person.id);
      return { change: null };
    };
    if (await act(`${person.name} is erased.`, work)) {
      go("people");
      await readPeople();
    }
  }

  return (
    <>
      <button type="button" class="button button-main" onClick={() => ask("adding")}>
        <Icon name="add" /> Add pictures
      </button>
      <button type="button" class="button" onClick={() => ask("renaming")}>
        Rename
      </button>
      <button type="button" class="button" onClick={() => void merge()}>
        Merge
      </button>
      <button type="button" class="button" onClick={() => void remove()}>
        Remove
      </button>
      <button type="button" class="button button-danger" onClick={() => void erase()}>
        Erase
      </button>
    </>
  );
}

function Known({ person }: { person: Person }) {
  return (
    <>
      <p class="quiet person-facts">
        {count(person.pictures, "picture")}
        {person.last_seen && (
          <>
            , last seen <Ago time={person.last_seen} />
          </>
        )}{" "}
        <a href={linkTo("visits", "", { person: person.id })}>All visits</a>
      </p>
      <PersonPictures person={person} />
      <PersonFaces person={person} />
    </>
  );
}

function Rename({ person, onClose }: { person: Person; onClose: () => void }) {
  const name = useSignal(person.name);
  const error = useSignal("");
  const busy = useSignal(false);
  async function save(event: Event): Promise<void> {
    event.preventDefault();
    const wanted = name.value.trim();
    if (busy.value) return;
    if (!wanted || wanted === person.name) return onClose();
    busy.value = true;
    try {
      const { change } = await asChange(() => calls.renamePerson(person.id, wanted));
      onClose();
      remember(`${person.name} is called ${wanted} now.`, change);
      await readPeople();
    } catch (problem) {
      error.value = describe(problem); // here: a message would stand behind the dialog
    } finally {
      busy.value = false;
    }
  }
  return (
    <Dialog title="Rename" onClose={onClose}>
      <form onSubmit={(event) => void save(event)}>
        <label class="field">
          <span>Name</span>
          <input
            type="text"
            required
            maxLength={200}
            autoComplete="off"
            value={name.value}
            onInput={(event) => {
              name.value = event.currentTarget.value;
              error.value = "";
            }}
          />
        </label>
        {error.value && (
          <p class="bad" role="alert">
            {error.value}
          </p>
        )}
        <footer class="dialog-foot">
          <button type="submit" class="button button-main" disabled={busy.value}>
            Rename
          </button>
        </footer>
      </form>
    </Dialog>
  );
}

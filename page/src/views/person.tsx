// One person: the pictures that they are known by, and where they were seen.
import { useSignal } from "@preact/signals";
import * as calls from "../api/calls.ts";
import type { Person } from "../api/types.ts";
import { readPeople } from "../state/directory.ts";
import { act } from "../state/messages.ts";
import { useResource } from "../state/resource.ts";
import { go, linkTo, route } from "../state/route.ts";
import { mayManage } from "../state/session.ts";
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
  if (!shown) {
    return (
      <>
        <Title text="Person" />
        {person.error.value ? (
          <Failed error={person.error.value} retry={person.reload} />
        ) : (
          <Skeleton count={8} shape="crop" />
        )}
      </>
    );
  }
  return <Shown person={shown} />;
}

function Shown({ person }: { person: Person }) {
  const asked = useSignal<"" | "adding" | "renaming">("");
  const close = (): void => {
    asked.value = "";
  };

  async function merge(): Promise<void> {
    const target = await whoIsIt(`${person.name} is the same as`);
    if (!target || !("person" in target) || target.person === person.id) return;
    if (await act(`${person.name} was merged.`, () => calls.mergePerson(person.id, target.person))) {
      await readPeople();
      go("person", target.person);
    }
  }
  async function remove(): Promise<void> {
    if (await act(`${person.name} is known no more.`, () => calls.removePerson(person.id))) {
      await readPeople();
      go("people");
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
      await readPeople();
      go("people");
    }
  }

  return (
    <>
      <p class="back">
        <a href={linkTo("people")}>People</a>
      </p>
      <Title text={person.name}>
        {mayManage.value && (
          <>
            <button
              type="button"
              class="button button-main"
              onClick={() => {
                asked.value = "adding";
              }}
            >
              <Icon name="add" /> Add pictures
            </button>
            <button
              type="button"
              class="button"
              onClick={() => {
                asked.value = "renaming";
              }}
            >
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
        )}
      </Title>
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
      {asked.value === "adding" && <AddPeople to={person} onClose={close} />}
      {asked.value === "renaming" && <Rename person={person} onClose={close} />}
    </>
  );
}

function Rename({ person, onClose }: { person: Person; onClose: () => void }) {
  const name = useSignal(person.name);
  async function save(event: Event): Promise<void> {
    event.preventDefault();
    const wanted = name.value.trim();
    if (!wanted || wanted === person.name) return onClose();
    if (await act(`${person.name} is called ${wanted} now.`, () => calls.renamePerson(person.id, wanted))) {
      await readPeople();
      onClose();
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
            }}
          />
        </label>
        <footer class="dialog-foot">
          <button type="submit" class="button button-main">
            Rename
          </button>
        </footer>
      </form>
    </Dialog>
  );
}

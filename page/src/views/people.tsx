// Everybody who is known.
import { useComputed, useSignal } from "@preact/signals";
import type { Person } from "../api/types.ts";
import { findPeople, people, peopleError, peopleLoaded, readPeople } from "../state/directory.ts";
import { linkTo, route, setQuery } from "../state/route.ts";
import { mayManage } from "../state/session.ts";
import { Crop } from "../ui/crop.tsx";
import { Icon } from "../ui/icons.tsx";
import { Badge, count, Empty, Failed, Skeleton, Title } from "../ui/parts.tsx";
import { Ago } from "../ui/time.tsx";
import { Virtual } from "../ui/virtual.tsx";
import { AddPeople } from "./add_people.tsx";

const rowHeight = 92;
const columnWidth = 250;

// Fewer are marked: names get surer by several pictures (docs/accuracy.md).
const enoughPictures = 3;

export type Order = "name" | "seen" | "pictures";

export function inOrder(all: Person[], order: Order): Person[] {
  const byName = (a: Person, b: Person): number => a.name.localeCompare(b.name);
  if (order === "seen") return all.sort((a, b) => (b.last_seen ?? "").localeCompare(a.last_seen ?? "") || byName(a, b));
  if (order === "pictures") return all.sort((a, b) => a.pictures - b.pictures || byName(a, b));
  return all.sort(byName);
}

export function PeopleView() {
  const adding = useSignal(false);
  const text = route.value.query.get("name") ?? "";
  const order = useComputed(() => (route.value.query.get("order") ?? "name") as Order);
  const shown = useComputed(() =>
    inOrder(
      findPeople(people.value.values(), route.value.query.get("name") ?? "", Number.POSITIVE_INFINITY),
      order.value,
    ),
  );

  function filter(change: Record<string, string>): void {
    setQuery({ name: text, order: order.value === "name" ? "" : order.value, ...change });
  }

  return (
    <>
      <Title text="People">
        {mayManage.value && (
          <button
            type="button"
            class="button button-main"
            onClick={() => {
              adding.value = true;
            }}
          >
            <Icon name="add" /> Add
          </button>
        )}
      </Title>
      {people.value.size > 0 && (
        <form class="filters" onSubmit={(event) => event.preventDefault()}>
          <label class="field">
            <span>Name</span>
            <input
              type="search"
              value={text}
              placeholder="Find"
              onInput={(event) => filter({ name: event.currentTarget.value })}
            />
          </label>
          <label class="field">
            <span>Order</span>
            <select value={order.value} onChange={(event) => filter({ order: event.currentTarget.value })}>
              <option value="name">by name</option>
              <option value="seen">last seen first</option>
              <option value="pictures">fewest pictures first</option>
            </select>
          </label>
          <span class="quiet filters-count" aria-live="polite">
            {count(shown.value.length, "person", "people")}
          </span>
        </form>
      )}
      {peopleError.value && people.value.size === 0 && (
        <Failed error={peopleError.value} retry={() => void readPeople()} />
      )}
      {!peopleLoaded.value && !peopleError.value && <Skeleton count={12} shape="card" />}
      {peopleLoaded.value && people.value.size === 0 && (
        <Empty icon="people" title="Nobody is known yet">
          <p>Add somebody by a few pictures, or a folder that holds a folder a person.</p>
        </Empty>
      )}
      {people.value.size > 0 && shown.value.length === 0 && <p class="quiet">Nobody has such a name.</p>}
      <Virtual
        items={shown.value}
        label="People"
        rowHeight={rowHeight}
        columnWidth={columnWidth}
        render={(person) => <PersonCard person={person} />}
      />
      {adding.value && (
        <AddPeople
          onClose={() => {
            adding.value = false;
          }}
        />
      )}
    </>
  );
}

function PersonCard({ person }: { person: Person }) {
  return (
    <a class="card" href={linkTo("person", person.id)}>
      <Crop src={person.image} />
      <span class="card-text">
        <strong class="card-name">{person.name}</strong>
        <span class="quiet">
          {person.last_seen ? (
            <>
              seen <Ago time={person.last_seen} />
            </>
          ) : (
            "not seen yet"
          )}
        </span>
        <span class="quiet">
          {person.pictures < enoughPictures ? (
            <Badge kind="warn">{count(person.pictures, "picture")}</Badge>
          ) : (
            count(person.pictures, "picture")
          )}
        </span>
      </span>
    </a>
  );
}

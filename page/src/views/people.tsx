// Everybody who is known.
import { useComputed, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Id, Person } from "../api/types.ts";
import { byName, findPeople, people, peopleError, peopleLoaded, readPeople } from "../state/directory.ts";
import { doubtful, readHealth } from "../state/health.ts";
import { listen } from "../state/live.ts";
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
const readsAgain = 2_000; // milliseconds

// Fewer are marked: names get surer by several pictures (docs/accuracy.md).
const enoughPictures = 3;

export type Order = "name" | "seen" | "pictures" | "doubtful";

export function inOrder(all: Person[], order: Order, wrong: ReadonlyMap<Id, number> = new Map()): Person[] {
  if (order === "seen") return all.sort((a, b) => compare(b.last_seen ?? "", a.last_seen ?? "") || byName(a, b));
  if (order === "pictures") return all.sort((a, b) => a.pictures - b.pictures || byName(a, b));
  if (order === "doubtful") return all.sort((a, b) => (wrong.get(b.id) ?? 0) - (wrong.get(a.id) ?? 0) || byName(a, b));
  return all.sort(byName);
}

// Of times as the API has them.
const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

export function PeopleView() {
  const adding = useSignal(false);
  const text = route.value.query.get("name") ?? "";
  const order = useComputed(() => (route.value.query.get("order") ?? "name") as Order);
  const name = useComputed(() => route.value.query.get("name") ?? "");
  const shown = useComputed(() => {
    const all = people.value.values();
    const found = name.value ? findPeople(all, name.value, Number.POSITIVE_INFINITY) : [...all];
    return inOrder(found, order.value, order.value === "doubtful" ? doubtful.value : undefined);
  });
  useEffect(() => {
    const read = (): void => {
      readHealth().catch(() => {}); // cards stand without it
    };
    let timer: ReturnType<typeof setTimeout> | undefined;
    read();
    const end = listen(["person.", "picture.", "change.", "reset"], () => {
      clearTimeout(timer);
      timer = setTimeout(read, readsAgain);
    });
    return () => {
      clearTimeout(timer);
      end();
    };
  }, []);

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
              <option value="doubtful">most doubtful pictures first</option>
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
  const wrong = doubtful.value.get(person.id) ?? 0;
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
          )}{" "}
          {wrong > 0 && <Badge kind="warn">{wrong} doubtful</Badge>}
        </span>
      </span>
    </a>
  );
}

// Who was here: visits by time, of everybody or of one camera or person.
import { useCallback, useEffect, useMemo } from "preact/hooks";
import * as calls from "../api/calls.ts";
import { nameOf } from "../state/directory.ts";
import { useResource } from "../state/resource.ts";
import { route, setQuery } from "../state/route.ts";
import { VisitList } from "../state/visit_list.ts";
import { Held } from "../ui/held.tsx";
import { Empty, Failed, Skeleton, Title } from "../ui/parts.tsx";
import { dayOf, now } from "../ui/time.tsx";
import { Virtual } from "../ui/virtual.tsx";
import { VisitRow } from "./visit_row.tsx";

const rowHeight = 64;

export function filterOf(query: URLSearchParams): calls.VisitFilter {
  const filter: calls.VisitFilter = {};
  const camera = query.get("camera");
  const person = query.get("person");
  const who = query.get("who");
  const from = query.get("from");
  const to = query.get("to");
  if (camera) filter.camera = camera;
  if (person) filter.person = person;
  if (who) filter.known = who === "known";
  // Whole days of where the page is looked at.
  if (from && !Number.isNaN(Date.parse(`${from}T00:00`))) filter.from = new Date(`${from}T00:00`).toISOString();
  if (to && !Number.isNaN(Date.parse(`${to}T24:00`))) filter.to = new Date(`${to}T24:00`).toISOString();
  return filter;
}

export function VisitsView() {
  const query = route.value.query.toString();
  const shown = useMemo(() => new VisitList(), []);
  useEffect(() => shown.follow(filterOf(new URLSearchParams(query))), [shown, query]);
  const more = useCallback(() => shown.more(), [shown, query]);
  const { list, loaded, error, endError } = shown;
  const visits = list.items.value;
  const at = now.value;
  return (
    <>
      <Title text="Visits" />
      <Filters />
      {error.value && visits.length === 0 && <Failed error={error.value} retry={() => shown.again()} />}
      {!loaded.value && !error.value && <Skeleton count={10} shape="row" />}
      {loaded.value && visits.length === 0 && !error.value && (
        <Empty icon="visits" title={query ? "No such visits" : "No visits yet"}>
          <p>
            {query
              ? "Nobody was there by these filters."
              : "Faces of one camera become visits: who came, when, and for how long."}
          </p>
        </Empty>
      )}
      <Held list={list} word="visit">
        <Virtual
          items={visits}
          label="Visits, the newest first"
          rowHeight={rowHeight}
          onEnd={more}
          render={(visit, index) => {
            const before = visits[index - 1];
            return (
              <VisitRow visit={visit} day={!before || dayOf(before.last_seen, at) !== dayOf(visit.last_seen, at)} />
            );
          }}
        />
      </Held>
      {endError.value && visits.length > 0 && <Failed error={endError.value} retry={() => shown.again()} />}
    </>
  );
}

function Filters() {
  const { query } = route.value;
  const cameras = useResource(calls.cameras, []);
  const person = query.get("person") ?? "";
  function filter(name: string, value: string): void {
    setQuery({ ...Object.fromEntries(query), [name]: value });
  }
  const field = (name: string): string => query.get(name) ?? "";
  return (
    <form class="filters" onSubmit={(event) => event.preventDefault()}>
      <label class="field">
        <span>Camera</span>
        <select value={field("camera")} onChange={(event) => filter("camera", event.currentTarget.value)}>
          <option value="">all</option>
          {(cameras.value.value?.items ?? []).map((camera) => (
            <option key={camera.name} value={camera.name}>
              {camera.name}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>Who</span>
        <select
          value={person ? "person" : field("who")}
          onChange={(event) => setQuery({ ...Object.fromEntries(query), person: "", who: event.currentTarget.value })}
        >
          <option value="">everybody</option>
          <option value="known">known</option>
          <option value="unknown">unknown</option>
          {person && <option value="person">{nameOf(person, "one person")}</option>}
        </select>
      </label>
      <label class="field">
        <span>From</span>
        <input type="date" value={field("from")} onChange={(event) => filter("from", event.currentTarget.value)} />
      </label>
      <label class="field">
        <span>To</span>
        <input type="date" value={field("to")} onChange={(event) => filter("to", event.currentTarget.value)} />
      </label>
    </form>
  );
}

// Who was here: visits by time, of everybody or of one camera or person.
import { useSignal } from "@preact/signals";
import { useCallback, useEffect, useMemo } from "preact/hooks";
import * as calls from "../api/calls.ts";
import { describe } from "../api/client.ts";
import type { Visit } from "../api/types.ts";
import { nameOf } from "../state/directory.ts";
import { HeldList } from "../state/held_list.ts";
import { listen } from "../state/live.ts";
import { useResource } from "../state/resource.ts";
import { route, setQuery } from "../state/route.ts";
import { Held } from "../ui/held.tsx";
import { Empty, Failed, Skeleton, Title } from "../ui/parts.tsx";
import { dayOf, now } from "../ui/time.tsx";
import { Virtual } from "../ui/virtual.tsx";
import { VisitRow } from "./visit_row.tsx";

const rowHeight = 64;
const pageSize = 200;

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

interface Turn {
  query: string;
  next: string | null;
  paging: boolean;
  newsWait: boolean; // for the page that they would come before
  left: boolean;
}
const newTurn = (query: string): Turn => ({ query, next: null, paging: false, newsWait: false, left: false });

export function VisitsView() {
  const query = route.value.query.toString();
  const list = useMemo(() => new HeldList<Visit>(), []);
  const loaded = useSignal(false);
  const error = useSignal("");
  // Of these filters: what comes by others, that were left meanwhile, is not shown any more.
  const turn = useMemo(() => newTurn(query), [query]);

  const read = useCallback(
    async (what: "anew" | "more" | "news"): Promise<void> => {
      if (what === "more" && (turn.next === null || turn.paging)) return;
      if (what === "news" && turn.paging) {
        turn.newsWait = true;
        return;
      }
      if (what !== "news") turn.paging = true;
      try {
        const filter = filterOf(new URLSearchParams(turn.query));
        const page = await calls.visits({
          ...filter,
          limit: pageSize,
          ...(what === "more" ? { cursor: turn.next } : {}),
        });
        if (turn.left) return;
        if (what === "news") {
          for (const visit of [...page.items].reverse()) list.put(visit);
        } else {
          if (what === "anew") list.reset(page.items);
          else list.append(page.items);
          turn.next = page.next;
        }
        loaded.value = true;
        error.value = "";
      } catch (problem) {
        if (turn.left) return;
        if (what === "anew") list.reset([]); // what is there is by other filters
        error.value = describe(problem);
      } finally {
        if (what !== "news") turn.paging = false;
        if (turn.newsWait && !turn.paging && !turn.left) {
          turn.newsWait = false;
          void read("news");
        }
      }
    },
    [turn, list, loaded, error],
  );

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    void read("anew");
    const end = listen(["visit.", "person.", "unknown.erased", "reset"], () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        void read("news");
      }, 500);
    });
    return () => {
      turn.left = true;
      clearTimeout(timer);
      end();
    };
  }, [turn, read]);

  const more = useCallback(() => void read("more"), [read]);
  const visits = list.items.value;
  const at = now.value;
  return (
    <>
      <Title text="Visits" />
      <Filters />
      {error.value && visits.length === 0 && <Failed error={error.value} retry={() => void read("anew")} />}
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

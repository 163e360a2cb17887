// Whether it runs well: rates, queues, dead letters, checks, versions.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import * as calls from "../api/calls.ts";
import { describe } from "../api/client.ts";
import type { Change, System } from "../api/types.ts";
import { act, tell, tellError } from "../state/messages.ts";
import { useResource } from "../state/resource.ts";
import { mayManage } from "../state/session.ts";
import { Icon } from "../ui/icons.tsx";
import { Badge, bytes, count, Failed, Skeleton, Title } from "../ui/parts.tsx";
import { Ago, span } from "../ui/time.tsx";
import { type Counters, countersOf } from "./counters.ts";
import { Plot, type Samples, shownFor } from "./plot.tsx";

const every = 2_000;

export interface Series {
  times: number[];
  frames: (number | null)[]; // a second
  answers: (number | null)[]; // a second
  queue: (number | null)[];
}

export const noSeries: Series = { times: [], frames: [], answers: [], queue: [] };

// With one more sample; what is older than `shownFor` goes. Rates are between two samples; a server that was started anew
// has counted from zero.
export function withSample(series: Series, before: Counters | null, now: Counters, queue: number, at: number): Series {
  const last = series.times.at(-1);
  const since = before && last !== undefined && now.frames >= before.frames ? before : null;
  const rate = (of: keyof Counters): number | null =>
    since && last !== undefined ? (now[of] - since[of]) / Math.max(0.001, at - last) : null;
  const from = series.times.findIndex((time) => time >= at - shownFor);
  const keep = <T,>(list: T[]): T[] => (from < 0 ? [] : list.slice(from));
  return {
    times: [...keep(series.times), at],
    frames: [...keep(series.frames), rate("frames")],
    answers: [...keep(series.answers), rate("answers")],
    queue: [...keep(series.queue), queue],
  };
}

function waiting(system: System): number {
  return system.queues.find((queue) => queue.name === "face-requests")?.visible ?? 0;
}

export function SystemView() {
  const system = useSignal<System | null>(null);
  const series = useSignal(noSeries);
  const error = useSignal("");

  useEffect(() => {
    let left = false;
    let before: Counters | null = null;
    let timer: ReturnType<typeof setTimeout>;
    async function read(): Promise<void> {
      try {
        const [got, text] = await Promise.all([calls.system(), calls.metrics()]);
        if (left) return;
        const now = countersOf(text);
        series.value = withSample(series.value, before, now, waiting(got), Date.now() / 1000);
        before = now;
        system.value = got;
        error.value = "";
      } catch (problem) {
        error.value = describe(problem);
      }
      if (!left) timer = setTimeout(() => void read(), every);
    }
    void read();
    return () => {
      left = true;
      clearTimeout(timer);
    };
  }, [system, series, error]);

  const shown = system.value;
  const { times, frames, answers, queue } = series.value;
  const plot = (values: (number | null)[]): Samples => [times, values];
  return (
    <>
      <Title text="System" />
      {error.value && !shown && <Failed error={error.value} retry={() => location.reload()} />}
      {!shown && !error.value && <Skeleton count={3} shape="card" />}
      {shown && (
        <>
          <div class="plots">
            <Plot title="Frames" unit="a second" samples={plot(frames)} />
            <Plot title="Faces answered" unit="a second" samples={plot(answers)} />
            <Plot title="Faces waiting" unit="" samples={plot(queue)} />
          </div>
          <Facts system={shown} />
          <Dead system={shown} />
        </>
      )}
      <Log />
    </>
  );
}

function Facts({ system }: { system: System }) {
  const { kept } = system;
  const oldest = Math.max(0, ...system.queues.map((queue) => queue.oldest_seconds ?? 0));
  const rows: [string, string][] = [
    ["People", (system.people ?? 0).toLocaleString()],
    ["Faces kept", (kept?.faces ?? 0).toLocaleString()],
    ["Visits kept", (kept?.visits ?? 0).toLocaleString()],
    ["On the disk", bytes(kept?.bytes ?? 0)],
    ["Oldest that waits", oldest > 0 ? span(oldest) : "nothing waits"],
    ["Version", system.version],
  ];
  return (
    <section aria-labelledby="facts">
      <h2 id="facts">State</h2>
      <ul class="checks">
        {system.checks.map((check) => (
          <li key={check.name} class={check.ok ? "good" : "bad"}>
            <Icon name={check.ok ? "check" : "warning"} /> {check.name} <span class="quiet">{check.message}</span>
          </li>
        ))}
      </ul>
      <dl class="facts">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
        <div>
          <dt>The page is made of</dt>
          <dd>
            <a href={document.querySelector<HTMLLinkElement>("link[rel=license]")?.href ?? ""}>Preact, uPlot</a>
          </dd>
        </div>
        <div>
          <dt>Started</dt>
          <dd>
            <Ago time={system.started} />
          </dd>
        </div>
      </dl>
    </section>
  );
}

function Dead({ system }: { system: System }) {
  const { dead_letters: dead } = system;
  async function redrive(): Promise<void> {
    try {
      tell(`${count((await calls.redrive()).messages, "message")} tried again.`);
    } catch (error) {
      tellError(error);
    }
  }
  return (
    <section aria-labelledby="dead">
      <h2 id="dead">Dead letters</h2>
      {dead === 0 ? (
        <p class="quiet">None: every face was worked on.</p>
      ) : (
        <p>
          {count(dead, "face")} could not be worked on. <code>facepipe queue show</code> tells why.{" "}
          {mayManage.value && (
            <button type="button" class="button" onClick={() => void redrive()}>
              Try them again
            </button>
          )}
        </p>
      )}
    </section>
  );
}

// "person rename: Ann, 3 faces".
export function textOf(change: Change): string {
  const of = [
    change.name,
    change.faces > 0 && count(change.faces, "face"),
    change.pictures > 0 && count(change.pictures, "picture"),
  ];
  const about = of.filter(Boolean).join(", ");
  const action = change.action.replaceAll(/[._]/g, " ");
  return about ? `${action}: ${about}` : action;
}

// The newest entries of the audit log, each to be taken back.
function Log() {
  const changes = useResource(
    () => calls.changes({ limit: 50 }),
    [],
    ["person.", "face.", "picture.", "unknown.", "settings.", "change.", "visit.corrected"],
    1000,
  );
  const shown = changes.value.value?.items ?? [];
  return (
    <section aria-labelledby="log">
      <h2 id="log">Changes</h2>
      {changes.value.value && shown.length === 0 && <p class="quiet">Nobody has changed anything yet.</p>}
      <ul class="log">
        {shown.map((change) => (
          <li key={change.id}>
            <span class="quiet">
              <Ago time={change.time} /> {change.who}
            </span>{" "}
            {textOf(change)}
            {change.undone_by !== null ? (
              <Badge>taken back</Badge>
            ) : (
              mayManage.value &&
              change.undoable && (
                <button
                  type="button"
                  class="button-small"
                  aria-label={`Take back: ${textOf(change)}`}
                  onClick={() => void act("Taken back.", () => calls.undo(change.id)).then(changes.reload)}
                >
                  Take back
                </button>
              )
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

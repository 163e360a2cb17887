// Whether it runs well: rates, queues, dead letters, checks, versions.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import * as calls from "../api/calls.ts";
import { describe } from "../api/client.ts";
import type { Change, Rate, System } from "../api/types.ts";
import { act } from "../state/messages.ts";
import { useResource } from "../state/resource.ts";
import { mayManage } from "../state/session.ts";
import { Icon } from "../ui/icons.tsx";
import { Badge, bytes, count, Failed, Skeleton, Title } from "../ui/parts.tsx";
import { Ago, span } from "../ui/time.tsx";
import { type Counters, countersOf } from "./counters.ts";
import { Plot, type Samples, shownFor } from "./plot.tsx";
import { DeadDeliveries, DeadLetters } from "./system_dead.tsx";

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
  const since =
    before && last !== undefined && now.frames >= before.frames && now.answers >= before.answers ? before : null;
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
          <Queues system={shown} />
          <DeadLetters total={shown.dead_letters} />
          <DeadDeliveries />
        </>
      )}
      <Log />
    </>
  );
}

// "120 ms, 99 of 100 within 1.3 s".
export function timesText(rate: Rate): string {
  if (rate.p50_seconds === null || rate.p99_seconds === null) return "none came";
  return `${short(rate.p50_seconds)}, 99 of 100 within ${short(rate.p99_seconds)}`;
}

function short(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  return seconds < 10 ? `${seconds.toFixed(1)} s` : span(seconds);
}

const queueNames: Record<string, string> = {
  "face-requests": "Faces to be recognised",
  "face-answers": "Answers to be fetched",
};

function Queues({ system }: { system: System }) {
  return (
    <section aria-labelledby="queues">
      <h2 id="queues">Queues</h2>
      <dl class="facts">
        {system.queues
          .filter((queue) => !queue.name.endsWith("-dead"))
          .map((queue) => (
            <div key={queue.name}>
              <dt>{queueNames[queue.name] ?? queue.name}</dt>
              <dd>
                {(queue.visible + queue.delayed).toLocaleString()} waiting, {queue.in_flight.toLocaleString()} in work
                {queue.oldest_seconds !== null && `, the oldest for ${span(queue.oldest_seconds)}`}
              </dd>
            </div>
          ))}
      </dl>
    </section>
  );
}

function Facts({ system }: { system: System }) {
  const { kept } = system;
  const rows: [string, string][] = [
    ["Frames of the last minute", `${system.frames.per_second.toFixed(1)} a second`],
    ["A frame takes", timesText(system.frames)],
    ["Until its faces are answered", timesText(system.answers)],
    ["People", (system.people ?? 0).toLocaleString()],
    ["Faces kept", (kept?.faces ?? 0).toLocaleString()],
    ["Visits kept", (kept?.visits ?? 0).toLocaleString()],
    ["On the disk", bytes(kept?.bytes ?? 0)],
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
                  onClick={() =>
                    void act("Taken back.", () => calls.undo(change.id), `undo ${change.id}`).then(changes.reload)
                  }
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

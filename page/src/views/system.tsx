// Whether it runs well: rates, queues, dead letters, checks, versions.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import * as calls from "../api/calls.ts";
import { describe } from "../api/client.ts";
import type { System } from "../api/types.ts";
import { act, tell, tellError } from "../state/messages.ts";
import { useResource } from "../state/resource.ts";
import { mayManage } from "../state/session.ts";
import { Icon } from "../ui/icons.tsx";
import { Badge, bytes, count, Failed, Skeleton, Title } from "../ui/parts.tsx";
import { Ago, span } from "../ui/time.tsx";
import { Plot, type Samples } from "./plot.tsx";

const every = 2_000;
const shownFor = 300; // seconds

export interface Series {
  times: number[];
  rate: (number | null)[];
  latency: (number | null)[];
  queue: (number | null)[];
}

export const noSeries: Series = { times: [], rate: [], latency: [], queue: [] };

// With one more sample; what is older than `shownFor` goes. The rate is of the frames between two samples; a server that
// was started anew has counted from zero.
export function withSample(series: Series, frames: { before: number; now: number } | null, system: System, at: number): Series {
  const last = series.times.at(-1);
  const rate = frames && last && frames.now >= frames.before ? (frames.now - frames.before) / Math.max(0.001, at - last) : null;
  const from = series.times.findIndex((time) => time >= at - shownFor);
  const keep = <T,>(list: T[]): T[] => (from < 0 ? [] : list.slice(from));
  return {
    times: [...keep(series.times), at],
    rate: [...keep(series.rate), rate],
    latency: [...keep(series.latency), system.latency_ms],
    queue: [...keep(series.queue), system.queue],
  };
}

export function SystemView() {
  const system = useSignal<System | null>(null);
  const series = useSignal(noSeries);
  const error = useSignal("");

  useEffect(() => {
    let left = false;
    let timer: ReturnType<typeof setTimeout>;
    async function read(): Promise<void> {
      try {
        const got = await calls.system();
        if (left) return;
        const before = system.value;
        series.value = withSample(series.value, before && { before: before.frames, now: got.frames }, got, Date.now() / 1000);
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
  const { times, rate, latency, queue } = series.value;
  const plot = (values: (number | null)[]): Samples => [times, values];
  return (
    <>
      <Title text="System" />
      {error.value && !shown && <Failed error={error.value} retry={() => location.reload()} />}
      {!shown && !error.value && <Skeleton count={3} shape="card" />}
      {shown && (
        <>
          <div class="plots">
            <Plot title="Frames" unit="a second" samples={plot(rate)} />
            <Plot title="From frame to answer" unit="ms" samples={plot(latency)} />
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
  const rows: [string, string][] = [
    ["Frames taken", system.frames.toLocaleString()],
    ["Faces", system.faces.toLocaleString()],
    ["Oldest that waits", span(system.queue_age_s)],
    ["Kept", bytes(system.store_bytes)],
    ["Model", system.pack],
    ["Version", system.version],
  ];
  return (
    <section aria-labelledby="facts">
      <h2 id="facts">State</h2>
      <ul class="checks">
        {system.checks.map((check) => (
          <li key={check.name} class={check.ok ? "good" : "bad"}>
            <Icon name={check.ok ? "check" : "warning"} /> {check.name} <span class="quiet">{check.text}</span>
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
      {dead.length === 0 ? (
        <p class="quiet">None: every face was worked on.</p>
      ) : (
        <>
          <ul class="log">
            {dead.map((letter) => (
              <li key={letter.id}>
                <Ago time={letter.time} /> {letter.reason}
              </li>
            ))}
          </ul>
          {mayManage.value && (
            <button type="button" class="button" onClick={() => void redrive()}>
              Try them again
            </button>
          )}
        </>
      )}
    </section>
  );
}

// The newest entries of the audit log, each to be taken back.
function Log() {
  const changes = useResource(() => calls.changes({ limit: 50 }), [], ["person.", "face.", "unknown.", "settings.", "visit.corrected"], 1000);
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
            {change.text}
            {change.undone ? (
              <Badge>taken back</Badge>
            ) : (
              mayManage.value &&
              change.undoable && (
                <button
                  type="button"
                  class="button-small"
                  aria-label={`Take back: ${change.text}`}
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

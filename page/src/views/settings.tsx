// How sure a name has to be, for how long what is kept, and where events go.
import { useSignal } from "@preact/signals";
import * as calls from "../api/calls.ts";
import type { Settings } from "../api/types.ts";
import { tell, tellError } from "../state/messages.ts";
import { useResource } from "../state/resource.ts";
import { mayManage, session, signOut } from "../state/session.ts";
import { Badge, bytes, count, Failed, percent, Skeleton, Title } from "../ui/parts.tsx";
import { span } from "../ui/time.tsx";

export function SettingsView() {
  const settings = useResource(calls.settings, [], ["settings.", "change."]);
  const shown = settings.value.value;
  return (
    <>
      <Title text="Settings">
        {session.value?.sign_in_needed && (
          <button type="button" class="button" onClick={() => void signOut()}>
            Sign out
          </button>
        )}
      </Title>
      {settings.error.value && !shown && <Failed error={settings.error.value} retry={settings.reload} />}
      {!shown && !settings.error.value && <Skeleton count={4} shape="row" />}
      {shown && <Naming settings={shown} onSaved={settings.reload} />}
      {shown && <Kept settings={shown} />}
      <Outputs />
    </>
  );
}

// "1 in 1,000".
export function oneIn(share: number): string {
  return share > 0 ? `1 in ${Math.round(1 / share).toLocaleString()}` : "none";
}

function Naming({ settings, onSaved }: { settings: Settings; onSaved: () => void }) {
  const strangers = useSignal(settings.strangers);
  const changed = strangers.value !== settings.strangers;

  async function save(event: Event): Promise<void> {
    event.preventDefault();
    const wanted = strangers.value;
    if (wanted === null) return;
    try {
      await calls.saveSettings(wanted);
      tell("Saved. The list of changes (System) takes it back.");
      onSaved();
    } catch (error) {
      tellError(error);
    }
  }

  if (settings.strangers === null) {
    return (
      <section aria-labelledby="naming">
        <h2 id="naming">Names</h2>
        <p class="quiet">This gallery has a threshold of its own, without a share of strangers to set.</p>
      </section>
    );
  }
  return (
    <section aria-labelledby="naming">
      <h2 id="naming">Names</h2>
      <form onSubmit={(event) => void save(event)}>
        <label class="field">
          <span>
            Strangers who may get somebody's name: <strong>{oneIn(strangers.value ?? 0)}</strong>
          </span>
          <input
            type="range"
            min={-5}
            max={-1}
            step={0.1}
            disabled={!mayManage.value}
            value={Math.log10(strangers.value ?? 0.001)}
            aria-valuetext={oneIn(strangers.value ?? 0)}
            onInput={(event) => {
              strangers.value = Number((10 ** Number(event.currentTarget.value)).toPrecision(2));
            }}
          />
        </label>
        <p class="quiet">Fewer: names are surer. More: more faces get one.</p>
        <p class="quiet">
          Of the newest faces: <Effect settings={settings} />
        </p>
        {mayManage.value && (
          <button type="submit" class="button button-main" disabled={!changed}>
            Save
          </button>
        )}
      </form>
    </section>
  );
}

const lookedAt = 500;

// What the settings in force make of the last faces.
function Effect({ settings }: { settings: Settings }) {
  const faces = useResource(() => calls.faces({ limit: lookedAt }), [settings.strangers], ["face.changed"], 5000);
  const seen = faces.value.value?.items ?? [];
  if (seen.length === 0) return <>there are none yet.</>;
  const named = seen.filter((face) => face.decision.person !== null).length;
  return (
    <>
      {named.toLocaleString()} of {count(seen.length, "face")} got a name ({percent(named / seen.length)}).
    </>
  );
}

// "604800s" as people say it; other values as they are.
export function withoutUnit(text: string): string {
  const seconds = /^(\d+)s$/.exec(text)?.[1];
  if (seconds === undefined) return text;
  return seconds === "0" ? "not at all" : span(Number(seconds));
}

const keptNames: Record<string, string> = {
  "keep-known": "Faces of known people",
  "keep-unknown": "Faces of unknown people",
  "keep-frames": "Frames",
  "keep-visits": "Visits",
  "keep-events": "Events",
  "keep-changes": "List of changes",
};

function Kept({ settings }: { settings: Settings }) {
  const { fixed } = settings;
  const none = fixed.keep === "none";
  return (
    <section aria-labelledby="kept">
      <h2 id="kept">What is kept</h2>
      {none && (
        <p>
          Nothing: the server was started with <code>--keep none</code>.
        </p>
      )}
      {!none && (
        <dl class="facts">
          {Object.entries(keptNames).map(([option, name]) => (
            <div key={option}>
              <dt>{name}</dt>
              <dd>{withoutUnit(fixed[option] ?? "")}</dd>
            </div>
          ))}
          <div>
            <dt>Enrolled pictures</dt>
            <dd>until they are removed</dd>
          </div>
          <div>
            <dt>All of it at most</dt>
            <dd>{bytes(Number(fixed["keep-bytes"] ?? 0))}</dd>
          </div>
        </dl>
      )}
      <p class="quiet">
        Set where the server is started, by the options of these names: {Object.keys(keptNames).join(", ")}.
      </p>
    </section>
  );
}

function Outputs() {
  const outputs = useResource(calls.outputs, []);
  const shown = outputs.value.value;
  async function retry(output: string): Promise<void> {
    try {
      tell(`${count((await calls.retryOutput(output)).deliveries, "event")} sent again.`);
      outputs.reload();
    } catch (error) {
      tellError(error);
    }
  }
  return (
    <section aria-labelledby="outputs">
      <h2 id="outputs">Outputs</h2>
      {shown?.outputs.length === 0 && (
        <p class="quiet">Events go nowhere but to this page. Webhooks are set where the server is started.</p>
      )}
      <ul class="outputs">
        {(shown?.outputs ?? []).map((output) => {
          const dead = shown?.dead.filter((delivery) => delivery.output === output) ?? [];
          return (
            <li key={output}>
              <strong>{output}</strong>
              {dead.length > 0 && <Badge kind="warn">{count(dead.length, "event")} given up</Badge>}
              {dead[0]?.error && <span class="bad">{dead[0].error}</span>}
              {mayManage.value && dead.length > 0 && (
                <button type="button" class="button" onClick={() => void retry(output)}>
                  Send again
                </button>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

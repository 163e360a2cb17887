// How sure a name has to be, for how long what is kept, and where events go.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import * as calls from "../api/calls.ts";
import { describe, isAbort } from "../api/client.ts";
import type { Output, Settings, SettingsEffect } from "../api/types.ts";
import { act, tell, tellError } from "../state/messages.ts";
import { useResource } from "../state/resource.ts";
import { mayManage, session, signOut } from "../state/session.ts";
import { Badge, bytes, count, Failed, percent, Skeleton, Title } from "../ui/parts.tsx";
import { span } from "../ui/time.tsx";

const waitsForMore = 250;

export function SettingsView() {
  const settings = useResource(calls.settings, [], ["settings."]);
  const shown = settings.value.value;
  return (
    <>
      <Title text="Settings">
        {session.value?.sign_in && (
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
  const effect = useSignal<SettingsEffect | null>(null);
  const error = useSignal("");
  const changed = strangers.value !== settings.strangers;
  const wanted = strangers.value;

  useEffect(() => {
    if (wanted === null || !changed) {
      effect.value = null;
      return;
    }
    const request = new AbortController();
    const timer = setTimeout(() => {
      calls.settingsEffect({ strangers: wanted }, request.signal).then(
        (got) => {
          effect.value = got;
          error.value = "";
        },
        (problem: unknown) => {
          if (!isAbort(problem)) error.value = describe(problem);
        },
      );
    }, waitsForMore);
    return () => {
      clearTimeout(timer);
      request.abort();
    };
  }, [wanted, changed, effect, error]);

  async function save(event: Event): Promise<void> {
    event.preventDefault();
    if (wanted === null) return;
    if (await act("Settings saved.", () => calls.saveSettings({ strangers: wanted }))) onSaved();
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
        <div aria-live="polite">
          {effect.value && <Effect effect={effect.value} />}
          {error.value && <p class="bad">{error.value}</p>}
        </div>
        {mayManage.value && (
          <button type="submit" class="button button-main" disabled={!changed}>
            Save
          </button>
        )}
      </form>
    </section>
  );
}

function Effect({ effect }: { effect: SettingsEffect }) {
  const { faces, named_now: before, named_then: after } = effect;
  if (faces === 0) return <p class="quiet">There are no faces yet to show what that would change.</p>;
  return (
    <p>
      Of the last {count(faces, "face")} <strong>{after.toLocaleString()}</strong> would have a name ({percent(after / faces)}); now it is{" "}
      {before.toLocaleString()}.
    </p>
  );
}

function Kept({ settings }: { settings: Settings }) {
  const rows: [string, string][] = [
    ["Faces of known people", settings.keep_known_s ? span(settings.keep_known_s) : "not at all"],
    ["Faces of unknown people", settings.keep_unknown_s ? span(settings.keep_unknown_s) : "not at all"],
    ["Frames", settings.keep_frames_s ? span(settings.keep_frames_s) : "not at all"],
    ["Enrolled pictures", "until they are removed"],
    ["All of it at most", settings.keep_bytes ? bytes(settings.keep_bytes) : "no bound"],
  ];
  return (
    <section aria-labelledby="kept">
      <h2 id="kept">What is kept</h2>
      <dl class="facts">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <p class="quiet">
        Set where the server is started: <code>--keep-known</code>, <code>--keep-unknown</code>, <code>--keep-frames</code>.
      </p>
    </section>
  );
}

function Outputs() {
  const outputs = useResource(calls.outputs, [], ["health"]);
  const shown = outputs.value.value?.items ?? [];
  async function test(output: Output): Promise<void> {
    try {
      const done = await calls.testOutput(output.name);
      if (done.ok) tell(`${output.name} took it.`);
      else tellError(new Error(`${output.name}: ${done.text}`));
    } catch (error) {
      tellError(error);
    }
  }
  async function retry(output: Output): Promise<void> {
    try {
      const done = await calls.retryOutput(output.name);
      tell(`${count(done.events, "event")} sent again.`);
      outputs.reload();
    } catch (error) {
      tellError(error);
    }
  }
  return (
    <section aria-labelledby="outputs">
      <h2 id="outputs">Outputs</h2>
      {outputs.value.value && shown.length === 0 && <p class="quiet">Events go nowhere but to this page. Webhooks are set where the server is started.</p>}
      <ul class="outputs">
        {shown.map((output) => (
          <li key={output.name}>
            <strong>{output.name}</strong> <span class="quiet">{output.url}</span>
            {output.waiting > 0 && <Badge>{output.waiting} waiting</Badge>}
            {output.dead > 0 && <Badge kind="warn">{output.dead} given up</Badge>}
            {output.error && <span class="bad">{output.error}</span>}
            {mayManage.value && (
              <span class="actions">
                <button type="button" class="button" onClick={() => void test(output)}>
                  Send a test
                </button>
                {output.dead > 0 && (
                  <button type="button" class="button" onClick={() => void retry(output)}>
                    Send again
                  </button>
                )}
              </span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

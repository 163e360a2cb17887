// For how long what is kept stays, with what a shorter time would take away at once.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Retention, RetentionLoss, Settings, SettingsChange } from "../api/types.ts";
import { tell, tellError } from "../state/messages.ts";
import { mayManage } from "../state/session.ts";
import { bytes, count } from "../ui/parts.tsx";
import { span } from "../ui/time.tsx";
import { save, usePreview } from "./settings_preview.ts";

type Class = keyof Retention;

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;
const gigabyte = 2 ** 30;

const classes: { name: Class; label: string; choices: (number | null)[] }[] = [
  {
    name: "known",
    label: "Faces of known people",
    choices: [0, hour, day, 2 * day, 7 * day, 30 * day, 365 * day, null],
  },
  {
    name: "unknown",
    label: "Faces of unknown people",
    choices: [0, hour, day, 2 * day, 7 * day, 30 * day, 365 * day, null],
  },
  { name: "frames", label: "Frames", choices: [0, hour, day, 2 * day, 7 * day, 30 * day, null] },
  { name: "visits", label: "Visits", choices: [hour, day, 7 * day, 30 * day, 90 * day, 365 * day, null] },
  { name: "events", label: "Events", choices: [hour, day, 7 * day, 30 * day, null] },
  { name: "changes", label: "List of changes", choices: [day, 30 * day, 90 * day, 365 * day, null] },
  {
    name: "bytes",
    label: "All of it at most",
    choices: [gigabyte, 5 * gigabyte, 10 * gigabyte, 20 * gigabyte, 50 * gigabyte, 100 * gigabyte, 0],
  },
];

// "7 days", "not at all", "for ever".
export function ageText(seconds: number | null): string {
  if (seconds === null) return "for ever";
  return seconds === 0 ? "not at all" : span(seconds);
}

function textOf(name: Class, value: number | null): string {
  if (name !== "bytes") return ageText(value);
  return value === 0 ? "as much as the disk has room for" : bytes(value ?? 0);
}

// The choices, and among them what it is.
export function choicesOf(choices: (number | null)[], value: number | null): (number | null)[] {
  const size = (one: number | null): number => one ?? Number.POSITIVE_INFINITY;
  return choices.includes(value) ? choices : [...choices, value].sort((a, b) => size(a) - size(b));
}

export function Kept({ settings, onSaved }: { settings: Settings; onSaved: () => void }) {
  // What was chosen here and is not saved yet; it stays while the settings are read again, and goes once they have it.
  const wanted = useSignal<Partial<Retention>>({});
  const { retention } = settings;
  useEffect(() => {
    const left = classes.filter(({ name }) => name in wanted.value && wanted.value[name] !== retention?.[name]);
    wanted.value = Object.fromEntries(left.map(({ name }) => [name, wanted.value[name]]));
    // once for each reading
  }, [settings]);
  if (retention === null) {
    return (
      <section aria-labelledby="kept">
        <h2 id="kept">What is kept</h2>
        <p>
          Nothing: the server was started with <code>--keep none</code>.
        </p>
      </section>
    );
  }
  const change: SettingsChange = { retention: wanted.value };
  const changed = Object.keys(wanted.value).length > 0;
  const fixed = classes.filter((one) => !settings.changeable.includes(one.name));
  const choose = (name: Class, text: string): void => {
    const value = text === "" ? null : Number(text);
    const { [name]: _, ...others } = wanted.value;
    wanted.value = value === retention[name] ? others : { ...others, [name]: value };
  };
  return (
    <section aria-labelledby="kept">
      <h2 id="kept">What is kept</h2>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save(change, tell, tellError).then((saved) => saved && onSaved());
        }}
      >
        <div class="kept-classes">
          {classes.map((one) => (
            <label class="field" key={one.name}>
              <span>{one.label}</span>
              <select
                disabled={!mayManage.value || !settings.changeable.includes(one.name)}
                value={String((one.name in wanted.value ? wanted.value[one.name] : retention[one.name]) ?? "")}
                onChange={(event) => choose(one.name, event.currentTarget.value)}
              >
                {choicesOf(one.choices, retention[one.name]).map((value) => (
                  <option key={String(value)} value={value ?? ""}>
                    {textOf(one.name, value)}
                  </option>
                ))}
              </select>
            </label>
          ))}
        </div>
        <p class="quiet">Enrolled pictures stay until they are removed.</p>
        {fixed.length > 0 && (
          <p class="quiet">Set where the server is started: {fixed.map((one) => `--keep-${one.name}`).join(", ")}.</p>
        )}
        {changed && <Loss change={change} />}
        {mayManage.value && (
          <button type="submit" class="button button-main" disabled={!changed}>
            Save
          </button>
        )}
      </form>
    </section>
  );
}

// "3 pictures of faces, 2 visits, about 1.2 MB"; empty: nothing.
export function lossText(loss: RetentionLoss): string {
  const some: [number, string, string?][] = [
    [loss.faces, "picture of a face", "pictures of faces"],
    [loss.frames, "frame"],
    [loss.unknowns, "group of unknown faces", "groups of unknown faces"],
    [loss.visits, "visit"],
    [loss.records, "record of a face", "records of faces"],
    [loss.events, "event"],
    [loss.changes, "entry of the list of changes", "entries of the list of changes"],
  ];
  const words = some.filter(([number]) => number > 0).map(([number, one, many]) => count(number, one, many));
  if (loss.bytes > 0) words.push(`about ${bytes(loss.bytes)}`);
  return words.join(", ");
}

function Loss({ change }: { change: SettingsChange }) {
  const preview = usePreview(change);
  const loss = preview.shown?.retention;
  const text = loss ? lossText(loss) : "";
  return (
    <div aria-live="polite">
      {preview.error && <p class="bad">{preview.error}</p>}
      {!loss && !preview.error && <p class="quiet">Looking at what is there …</p>}
      {loss &&
        (text ? <p class="bad">At once and for good go: {text}.</p> : <p class="quiet">Nothing goes by this.</p>)}
    </div>
  );
}

// Who gets a name: the share of strangers and the quality of a face, with what they would make of the last faces.
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import type { NameChange, NamingEffect, Settings, SettingsChange } from "../api/types.ts";
import { tell, tellError } from "../state/messages.ts";
import { mayManage } from "../state/session.ts";
import { Crop } from "../ui/crop.tsx";
import { count } from "../ui/parts.tsx";
import { save, usePreview } from "./settings_preview.ts";

// "1 in 1,000".
export function oneIn(share: number): string {
  return share > 0 ? `1 in ${Math.round(1 / share).toLocaleString()}` : "none";
}

// "any", "40 %".
export function qualityText(quality: number): string {
  return quality > 0 ? `${Math.round(quality * 100)} %` : "any";
}

function stillWanted(moved: SettingsChange, settings: Settings): SettingsChange {
  const wanted: SettingsChange = {};
  if (moved.strangers !== undefined && moved.strangers !== settings.strangers) wanted.strangers = moved.strangers;
  if (moved.min_quality !== undefined && moved.min_quality !== settings.min_quality)
    wanted.min_quality = moved.min_quality;
  return wanted;
}

export function Naming({ settings, onSaved }: { settings: Settings; onSaved: () => void }) {
  // What was moved here and is not saved yet; it stays while the settings are read again, and goes once they have it.
  const moved = useSignal<SettingsChange>({});
  const strangers = moved.value.strangers ?? settings.strangers;
  const quality = moved.value.min_quality ?? settings.min_quality;
  const wanted = stillWanted(moved.value, settings);
  useEffect(() => {
    moved.value = stillWanted(moved.value, settings);
    // once for each reading
  }, [settings]);
  const changed = Object.keys(wanted).length > 0;
  const may = (name: string): boolean => mayManage.value && settings.changeable.includes(name);

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
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save(wanted, tell, tellError).then((saved) => saved && onSaved());
        }}
      >
        <label class="field">
          <span>
            Strangers who may get somebody's name: <strong>{oneIn(strangers ?? 0)}</strong>
          </span>
          <input
            type="range"
            min={-5}
            max={-1}
            step={0.1}
            disabled={!may("strangers")}
            value={Math.log10(strangers ?? 0.001)}
            aria-valuetext={oneIn(strangers ?? 0)}
            onInput={(event) => {
              const share = Number((10 ** Number(event.currentTarget.value)).toPrecision(2));
              moved.value = { ...moved.value, strangers: share };
            }}
          />
        </label>
        <p class="quiet">Fewer: names are surer. More: more faces get one.</p>
        <label class="field">
          <span>
            Quality that a face needs for a name: <strong>{qualityText(quality)}</strong>
          </span>
          <input
            type="range"
            min={0}
            max={0.95}
            step={0.05}
            disabled={!may("min_quality")}
            value={quality}
            aria-valuetext={qualityText(quality)}
            onInput={(event) => {
              moved.value = { ...moved.value, min_quality: Number(Number(event.currentTarget.value).toFixed(2)) };
            }}
          />
        </label>
        <p class="quiet">
          Up to 50 %: faces with a flaw too, small, blurred or dark. What cannot be told at all never gets a name.
        </p>
        <Effect settings={settings} change={wanted}>
          {mayManage.value && (
            <button type="submit" class="button button-main" disabled={!changed}>
              Save
            </button>
          )}
        </Effect>
      </form>
    </section>
  );
}

// "312 of 500 faces get a name; 330 would."
export function effectText(effect: NamingEffect, changed: boolean): string {
  if (effect.faces === 0) return "There are no kept faces to try it on.";
  const now = `Of the last ${count(effect.faces, "face")} ${effect.named_before.toLocaleString()} get a name`;
  return changed ? `${now}; ${effect.named_after.toLocaleString()} would.` : `${now}.`;
}

// By the settings in force where nothing is changed. `children` stand between the figures and the faces.
function Effect({
  settings,
  change,
  children,
}: {
  settings: Settings;
  change: SettingsChange;
  children: ComponentChildren;
}) {
  const changed = Object.keys(change).length > 0;
  const preview = usePreview(changed ? change : { min_quality: settings.min_quality });
  const effect = preview.shown?.naming;
  return (
    <div class="effect">
      <div aria-live="polite">
        {preview.error && <p class="quiet">What this would do cannot be told: {preview.error}</p>}
        {!effect && !preview.error && <p class="quiet">Looking at the last faces …</p>}
        {effect && <p>{effectText(effect, changed)}</p>}
      </div>
      {children}
      {effect && changed && effect.changed.length > 0 && <Changes faces={effect.changed} />}
    </div>
  );
}

const atMost = 24;

function Changes({ faces }: { faces: NameChange[] }) {
  return (
    <>
      <ul class="effect-faces" aria-label="Faces whose name would change">
        {faces.slice(0, atMost).map((face) => (
          <li key={face.face}>
            <Crop src={face.image} />
            <span class={face.after === null ? "quiet" : ""}>{face.after ?? `not ${face.before}`}</span>
          </li>
        ))}
      </ul>
      {faces.length > atMost && <p class="quiet">… and {count(faces.length - atMost, "face")} more.</p>}
    </>
  );
}

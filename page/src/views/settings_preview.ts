// What a change of the settings would do, asked while it is being made.
import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import * as calls from "../api/calls.ts";
import { ApiError, describe, isAbort } from "../api/client.ts";
import type { SettingsChange, SettingsPreview } from "../api/types.ts";

const pause = 300; // after the last movement of a control
const again = 1_000; // when somebody else's preview is being made

export interface Preview {
  shown: Signal<SettingsPreview | null>; // of the change as it is, or null while that is being asked
  error: Signal<string>;
}

// `change` null: nothing is asked.
export function usePreview(change: SettingsChange | null): Preview {
  const shown = useSignal<SettingsPreview | null>(null);
  const error = useSignal("");
  const key = JSON.stringify(change);

  // `key` says what `change` holds
  useEffect(() => {
    shown.value = null;
    error.value = "";
    if (change === null) return;
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout>;
    const ask = (): void => {
      calls.previewSettings(change, abort.signal).then(
        (preview) => {
          shown.value = preview;
        },
        (problem: unknown) => {
          if (isAbort(problem)) return;
          if (problem instanceof ApiError && problem.status === 429) timer = setTimeout(ask, again);
          else error.value = describe(problem);
        },
      );
    };
    timer = setTimeout(ask, pause);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [key]);

  return { shown, error };
}

// Saves, and tells.
export async function save(
  change: SettingsChange,
  tell: (text: string) => void,
  fail: (error: unknown) => void,
): Promise<boolean> {
  try {
    await calls.saveSettings(change);
    tell("Saved. The list of changes (System) takes it back.");
    return true;
  } catch (error) {
    fail(error);
    return false;
  }
}

// What a change of the settings would do, asked while it is being made.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import * as calls from "../api/calls.ts";
import { ApiError, describe, isAbort } from "../api/client.ts";
import type { SettingsChange, SettingsPreview } from "../api/types.ts";

const pause = 300; // after the last movement of a control
const again = 1_000; // when somebody else's preview is being made

export interface Preview {
  shown: SettingsPreview | null; // of the change as it is, or null while that is being asked
  error: string;
}
const none: Preview = { shown: null, error: "" };

// `change` null: nothing is asked.
export function usePreview(change: SettingsChange | null): Preview {
  const key = JSON.stringify(change);
  // With what it was asked for: what is told of one change is never shown beside another.
  const told = useSignal({ key: "", preview: none });

  // `key` says what `change` holds
  useEffect(() => {
    if (change === null) return;
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout>;
    const ask = (): void => {
      calls.previewSettings(change, abort.signal).then(
        (shown) => {
          told.value = { key, preview: { shown, error: "" } };
        },
        (problem: unknown) => {
          if (isAbort(problem)) return;
          if (problem instanceof ApiError && problem.status === 429) timer = setTimeout(ask, again);
          else told.value = { key, preview: { shown: null, error: describe(problem) } };
        },
      );
    };
    timer = setTimeout(ask, pause);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [key]);

  return told.value.key === key ? told.value.preview : none;
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

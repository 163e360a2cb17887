// The picture of a camera's last frame.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import * as calls from "../api/calls.ts";
import type { LastFrame } from "../api/types.ts";

const keepsPicture = 5_000; // milliseconds
const asksAgain = 1_000; // after a picture could not be had; each time after that twice as long
const asksAgainAtLast = 30_000;

export interface FramePicture {
  url: string;
  frame: LastFrame; // that it is of
}

// One picture is fetched at a time, and shown as soon as it is there: frames that come faster than pictures do not put off
// those of all of them. Where one fails, `again` asks for the frame anew, for there may be a newer one by now.
export function useFramePicture(last: LastFrame, again: () => void): FramePicture | null {
  const shown = useSignal<FramePicture | null>(null);
  const now = useRef({ last, again });
  now.current = { last, again };
  const fetchNext = useRef(() => {});

  useEffect(() => {
    let left = false;
    let busy = false;
    let failures = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    // What is on the screen stays until the next one is painted.
    const forget = (picture: FramePicture | null): void => {
      if (picture) setTimeout(() => URL.revokeObjectURL(picture.url), keepsPicture);
    };
    const next = async (): Promise<void> => {
      const frame = now.current.last;
      if (left || busy || shown.value?.frame.image === frame.image) return;
      busy = true;
      try {
        const blob = await calls.fetchPicture(frame.image);
        if (left) return;
        forget(shown.value);
        shown.value = { url: URL.createObjectURL(blob), frame };
        failures = 0;
      } catch {
        const wait = Math.min(asksAgainAtLast, asksAgain * 2 ** Math.min(failures, 10));
        failures += 1;
        await new Promise<void>((resolve) => {
          timer = setTimeout(resolve, wait);
        });
        now.current.again();
      }
      busy = false;
      void next();
    };
    fetchNext.current = () => void next();
    return () => {
      left = true;
      clearTimeout(timer);
      forget(shown.value);
    };
  }, [shown]);

  useEffect(() => fetchNext.current(), [last.image]);
  return shown.value;
}

// Something that is read from the server, shown meanwhile as a skeleton, and read again when it may have changed.
import { type Signal, useSignal } from "@preact/signals";
import { useLayoutEffect } from "preact/hooks";
import { ApiError, describe, isAbort } from "../api/client.ts";
import { inOrder } from "./in_order.ts";
import { listen } from "./live.ts";
import { whenSettled } from "./settled.ts";

export interface Resource<T> {
  value: Signal<T | null>;
  error: Signal<string>;
  reload: () => void;
}

// Reads at once, when `keys` change, and after the events of these types and after undoing (at most once in `every` milliseconds).
export function useResource<T>(
  read: () => Promise<T>,
  keys: unknown[],
  types: string[] = [],
  every = 500,
): Resource<T> {
  const value = useSignal<T | null>(null);
  const error = useSignal("");
  const turn = useSignal(0);

  // `keys` say what `read` depends on. It ends with its view, not a frame later: what is gone is not asked for once more.
  useLayoutEffect(() => {
    let current = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = inOrder();
    const load = (): void => {
      const isNews = ask();
      read().then(
        (got) => {
          if (!current || !isNews()) return;
          value.value = got;
          error.value = "";
        },
        (problem: unknown) => {
          if (!current || isAbort(problem) || !isNews()) return;
          // It is not there any more: what is shown of it would be taken for what is.
          if (problem instanceof ApiError && problem.status === 404) value.value = null;
          error.value = describe(problem);
        },
      );
    };
    load();
    const end = listen([...types, "change.", "reset"], () => {
      if (timer !== undefined) return;
      timer = setTimeout(() => {
        timer = undefined;
        whenSettled(() => {
          if (current) load();
        });
      }, every);
    });
    return () => {
      current = false;
      clearTimeout(timer);
      end();
    };
  }, [...keys, turn.value]);

  return {
    value,
    error,
    reload: () => {
      turn.value += 1;
    },
  };
}

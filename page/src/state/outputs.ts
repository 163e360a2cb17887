// Where events go, and those that were given up. No event tells of one that was: it is asked for now and then.
import { useEffect } from "preact/hooks";
import * as calls from "../api/calls.ts";
import type { Outputs } from "../api/types.ts";
import { type Resource, useResource } from "./resource.ts";

const every = 5_000; // milliseconds after an answer

export function useOutputs(): Resource<Outputs> {
  const outputs = useResource(calls.outputs, []);
  const answer = outputs.value.value;
  // After each answer; `reload` only uses signals.
  useEffect(() => {
    if (answer === null) return;
    const timer = setTimeout(outputs.reload, every);
    return () => clearTimeout(timer);
  }, [answer]);
  return outputs;
}

// The one stream of events, and who wants to hear of what.
import { signal } from "@preact/signals";
import type { ServerEvent } from "../api/event_parser.ts";
import { followEvents, type StreamState } from "../api/events.ts";

type Listener = (data: Record<string, unknown>) => void;

export const stream = signal<StreamState>("connecting");
const listeners = new Map<string, Set<Listener>>();

// `types`: whole ones ("visit.named"), or what they begin with ("visit."). "reset": what was shown may be stale, read it
// again. Returns what ends it.
export function listen(types: string[], listener: Listener): () => void {
  for (const type of types) {
    const of = listeners.get(type) ?? new Set();
    listeners.set(type, of.add(listener));
  }
  return () => {
    for (const type of types) listeners.get(type)?.delete(listener);
  };
}

export function parseData(data: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(data);
    return parsed !== null && typeof parsed === "object" && !Array.isArray(parsed)
      ? (parsed as Record<string, unknown>)
      : {};
  } catch {
    return {};
  }
}

export function deliver(event: ServerEvent): void {
  const data = parseData(event.data);
  const prefix = event.type.slice(0, event.type.indexOf(".") + 1);
  const wanted = new Set([...(listeners.get(event.type) ?? []), ...((prefix && listeners.get(prefix)) || [])]);
  for (const listener of wanted) listener(data);
}

export function startStream(): () => void {
  return followEvents({
    onEvent: deliver,
    onState: (state) => {
      stream.value = state;
    },
  });
}

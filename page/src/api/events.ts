// The stream of events: one connection that comes back by itself and goes on where it ended.
import { signInsSoFar, untilSignedIn } from "./client.ts";
import { EventParser, type ServerEvent } from "./event_parser.ts";

// none: the server keeps nothing, so it has no events.
export type StreamState = "connecting" | "live" | "lost" | "none";

export interface StreamOptions {
  onEvent: (event: ServerEvent) => void;
  onState: (state: StreamState) => void;
}

const firstWait = 500;
const longestWait = 10_000;
// The server says something at least every 15 seconds; a connection that is silent for longer has gone.
const longestSilence = 40_000;

// How long to wait before the try after `failures` in a row, with up to a quarter more so that not all pages come at once.
export function waitAfter(failures: number, asked: number | null, random = Math.random()): number {
  const wait = Math.min(longestWait, Math.max(asked ?? 0, firstWait * 2 ** Math.min(failures, 10)));
  return wait * (1 + random / 4);
}

// Runs until the returned function is called. EventSource hides the status of a refusal, so fetch reads the stream.
export function followEvents(options: StreamOptions): () => void {
  let stopped = false;
  let lastId = "";
  let failures = 0;
  let tries = 0;
  let retry: number | null = null;
  let connection = new AbortController();
  let wake: (() => void) | null = null;
  const hurry = (): void => wake?.();

  async function read(): Promise<void> {
    connection = new AbortController();
    const headers: Record<string, string> = { accept: "text/event-stream" };
    if (lastId) headers["last-event-id"] = lastId;
    const before = signInsSoFar();
    tries += 1;
    const response = await fetch("/api/events", { headers, signal: connection.signal, cache: "no-store" });
    if (response.status === 401) {
      await untilSignedIn(before);
      return;
    }
    if (response.status === 404) {
      stopped = true;
      options.onState("none");
      return;
    }
    if (!response.ok || !response.body) throw new Error(`events: ${response.status}`);
    failures = 0;
    // Of what happened before the first event nothing else would tell, and what is shown may have been read long before.
    if (tries > 1 && !lastId) options.onEvent({ id: "", type: "reset", data: "{}" });
    options.onState("live");
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    const parser = new EventParser(lastId);
    for (;;) {
      const silence = setTimeout(() => connection.abort(), longestSilence);
      const { done, value } = await reader.read().finally(() => clearTimeout(silence));
      if (done) return;
      for (const event of parser.push(value)) {
        lastId = event.id;
        options.onEvent(event);
      }
      retry = parser.retry;
    }
  }

  async function run(): Promise<void> {
    options.onState("connecting");
    while (!stopped) {
      try {
        await read();
      } catch {
        // told by the state; the next try is what can be done
      }
      if (stopped) return;
      options.onState("lost");
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, waitAfter(failures, retry));
      });
      failures += 1;
    }
  }

  addEventListener("online", hurry);
  void run();
  return () => {
    stopped = true;
    removeEventListener("online", hurry);
    connection.abort();
    wake?.();
  };
}

// Requests to the server that the page came from. What fails becomes an ApiError whose message a person can read.
export class ApiError extends Error {
  constructor(
    readonly status: number, // 0: no answer came
    message: string,
  ) {
    super(message);
  }
}

type Waiter = { resume: () => void; refuse: (error: ApiError) => void };

const noAnswer = "The server does not answer. Is it running?";
let askToSignIn: (() => void) | null = null;
let waiting: Waiter[] = [];
let signIns = 0;

// `ask` is called when the server wants a token; requests that met that wait for signedIn().
export function onSignInNeeded(ask: () => void): void {
  askToSignIn = ask;
}

export function signInsSoFar(): number {
  return signIns;
}

export function signedIn(): void {
  signIns += 1;
  const before = waiting;
  waiting = [];
  for (const one of before) one.resume();
}

// Until somebody has signed in. `before`: how often that had been done when the request was sent that was refused; one that
// was under way meanwhile was refused without the new session, and nobody is asked again for it.
export function untilSignedIn(before: number): Promise<void> {
  if (before !== signIns) return Promise.resolve();
  return new Promise((resume, refuse) => {
    waiting.push({ resume, refuse });
    askToSignIn?.();
  });
}

export interface Ask {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  json?: unknown;
  body?: Blob;
  form?: FormData;
  text?: boolean; // the answer is no JSON
  query?: Record<string, string | number | boolean | null | undefined>;
  signal?: AbortSignal;
  anonymous?: boolean; // a 401 is an answer, not a reason to ask for a token
}

export function address(path: string, query: Ask["query"] = {}): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const text = new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString();
  return text ? `${path}?${text}` : path;
}

// The error's own words where the body has some.
export function messageOf(status: number, body: string): string {
  try {
    const parsed: unknown = JSON.parse(body);
    if (parsed && typeof parsed === "object" && "error" in parsed && typeof parsed.error === "string") {
      return parsed.error;
    }
  } catch {
    // no JSON: the status has to do
  }
  if (status === 403) return "This token may not do that.";
  if (status === 404) return "That is not there any more.";
  if (status === 429 || status === 503) return "The server is busy. Try again in a moment.";
  return `The server answered ${status}.`;
}

function headersOf(ask: Ask): HeadersInit {
  if (ask.json !== undefined) return { "content-type": "application/json" };
  return ask.body ? { "content-type": ask.body.type || "application/octet-stream" } : {};
}

export async function request<T>(path: string, ask: Ask = {}): Promise<T> {
  const init: RequestInit = { method: ask.method ?? "GET", headers: headersOf(ask) };
  if (ask.signal) init.signal = ask.signal;
  if (ask.json !== undefined) init.body = JSON.stringify(ask.json);
  if (ask.body ?? ask.form) init.body = ask.body ?? ask.form ?? null;
  const before = signIns;
  let response: Response;
  let body: string;
  try {
    response = await fetch(address(path, ask.query), init);
    body = await response.text();
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, noAnswer);
  }
  if (response.status === 401 && !ask.anonymous) {
    await untilSignedIn(before);
    return request(path, ask);
  }
  if (!response.ok) throw new ApiError(response.status, messageOf(response.status, body));
  return (ask.text ? body : body ? JSON.parse(body) : {}) as T;
}

export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

export function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

// Where in the page one is: "#/people/ID?sort=name". The address after the # never reaches the server.
import { signal } from "@preact/signals";

export interface Route {
  view: string; // "now" where nothing is said
  id: string; // empty without one
  query: URLSearchParams;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

export function parseRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const [view = "", id = ""] = path.split("/").map(decode);
  return { view: view || "now", id, query: new URLSearchParams(query) };
}

export function linkTo(view: string, id = "", query: Record<string, string> = {}): string {
  const search = new URLSearchParams(Object.entries(query).filter(([, value]) => value)).toString();
  return `#/${view}${id ? `/${encodeURIComponent(id)}` : ""}${search ? `?${search}` : ""}`;
}

export const route = signal<Route>(parseRoute(globalThis.location?.hash ?? ""));

export function followAddress(): void {
  addEventListener("hashchange", () => {
    route.value = parseRoute(location.hash);
  });
}

// At once: until the event comes that tells of the new address, the view that is left would go on reading.
export function go(view: string, id = "", query: Record<string, string> = {}): void {
  location.hash = linkTo(view, id, query);
  route.value = parseRoute(location.hash);
}

// The same view with other filters; no new entry of the history.
export function setQuery(query: Record<string, string>): void {
  const { view, id } = route.value;
  history.replaceState(null, "", linkTo(view, id, query));
  route.value = parseRoute(location.hash);
}

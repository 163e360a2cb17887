// Every request that the page makes, by name.
import { ApiError, type Ask, request } from "./client.ts";
import type {
  Added,
  Assigned,
  Camera,
  CameraName,
  Change,
  Changed,
  DeadLetter,
  Face,
  Id,
  Outputs,
  OutputTest,
  Page,
  Person,
  Picture,
  Session,
  Settings,
  SettingsChange,
  SettingsPreview,
  Sight,
  System,
  Unknown,
  Visit,
} from "./types.ts";

// Whom something is said to be: somebody known, or somebody new by that name.
export type Target = { person: Id } | { name: string };

export interface Range {
  cursor?: string | null;
  limit?: number;
}
export interface VisitFilter extends Range {
  camera?: string;
  person?: Id;
  unknown?: Id;
  known?: boolean;
  open?: boolean;
  from?: string;
  to?: string;
}
export interface FaceFilter extends Range {
  camera?: string;
  person?: Id;
  known?: boolean;
  mark?: Face["mark"];
  visit?: Id;
  unknown?: Id;
}

const get = <T>(path: string, query?: object): Promise<T> =>
  request(path, { query: { ...query } as NonNullable<Ask["query"]> });
// Without `json` there is no body.
const post = <T>(path: string, json?: unknown): Promise<T> => request(path, { method: "POST", json });

export const session = (): Promise<Session> => get("/api/session");
export const signIn = (token: string): Promise<Session> =>
  request("/api/session", { method: "POST", json: { token }, anonymous: true });
export const signOut = (): Promise<void> => request("/api/session", { method: "DELETE", anonymous: true });

export const cropOf = (face: Id): string => `/api/faces/${face}/image`;
export const frameOf = (requestId: string): string => `/api/frames/${encodeURIComponent(requestId)}/image`;

export const people = (range: Range): Promise<Page<Person>> => get("/api/people", range);
export const person = (id: Id): Promise<Person> => get(`/api/people/${id}`);
// Of how many of each one's pictures something is wrong, too: null of those for whom there was no time.
export const peopleHealth = (range: Range): Promise<Page<Person>> => get("/api/people", { ...range, health: true });
// Least like the person's others first.
export const pictures = (owner: Id, range: Range): Promise<Page<Picture>> =>
  get(`/api/people/${owner}/pictures`, { ...range, order: "likeness" });
export const renamePerson = (id: Id, name: string): Promise<Changed> =>
  request(`/api/people/${id}`, { method: "PATCH", json: { name } });
export const mergePerson = (id: Id, into: Id): Promise<Changed> => post(`/api/people/${id}/merge`, { into });
// Known no more; can be undone.
export const removePerson = (id: Id): Promise<Changed> => request(`/api/people/${id}`, { method: "DELETE" });
// Final: all of the person that is kept anywhere.
export const erasePerson = (id: Id): Promise<unknown> => post(`/api/people/${id}/erase`);

// One picture of somebody's face; `label` says what it came by. Refused: an ApiError that says why.
export function enrol(who: Target, picture: Blob, label: string): Promise<Added> {
  const form = new FormData();
  if ("name" in who) form.append("name", who.name);
  form.append("pictures", picture, label);
  return request("name" in who ? "/api/people" : `/api/people/${who.person}/pictures`, { method: "POST", form });
}
// A kept face becomes a picture that its person is known by.
export const enrolFace = (who: Target, face: Id): Promise<Added> => post(`/api/faces/${face}/enrol`, who);
export const dropPicture = (id: Id): Promise<Changed> => request(`/api/pictures/${id}`, { method: "DELETE" });
export const movePicture = (id: Id, to: Target): Promise<Changed> => post(`/api/pictures/${id}/move`, to);

export const faces = (filter: FaceFilter): Promise<Page<Face>> => get("/api/faces", filter);
export const face = (id: Id): Promise<Face> => get(`/api/faces/${id}`);
export const visits = (filter: VisitFilter): Promise<Page<Visit>> => get("/api/visits", filter);
export const visit = (id: Id): Promise<Visit> => get(`/api/visits/${id}`);
export const unknowns = (range: Range): Promise<Page<Unknown>> => get("/api/unknowns", range);
export const cameras = (): Promise<{ items: CameraName[] }> => get("/api/cameras");
// Its last frame, with the faces in it.
export const camera = (name: string): Promise<Camera> => get(`/api/cameras/${encodeURIComponent(name)}`);

// What may be said of a face, a visit or a group of unknown faces.
export type Thing = "faces" | "visits" | "unknowns";
export const assign = (thing: Thing, id: Id, to: Target): Promise<Assigned> => post(`/api/${thing}/${id}/assign`, to);
export const ignore = (thing: "faces" | "unknowns", id: Id): Promise<Changed> => post(`/api/${thing}/${id}/ignore`);
// It is not whom it was told or said to be.
export const rejectFace = (id: Id): Promise<Changed> => post(`/api/faces/${id}/reject`);
export const noFace = (id: Id): Promise<Changed> => post(`/api/faces/${id}/not-a-face`);
// Of every face of a group; `changes` takes what was changed, also where not all could be.
export async function noFaces(unknown: Id, changes: number[]): Promise<void> {
  const group: Id[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<Face> = await faces({ unknown, limit: 500, cursor });
    group.push(...page.items.map((one) => one.id));
    cursor = page.next;
  } while (cursor);
  for (const one of group) {
    try {
      const { change } = await noFace(one);
      if (change !== null) changes.push(change);
    } catch (error) {
      // It is not kept any more, so nothing is to be said of it.
      if (!(error instanceof ApiError && error.status === 404)) throw error;
    }
  }
}

export const undo = (change: number): Promise<Changed> => post("/api/undo", { change });
export const changes = (range: Range): Promise<Page<Change>> => get("/api/changes", range);

// Who is in a picture that is not kept; `nearest`: so many people are told for each face, whatever the rule says.
export const search = (picture: Blob, nearest = 0): Promise<Sight> =>
  request("/api/search", { method: "POST", body: picture, query: { nearest } });
// A picture of the server's own, to look at it again.
export async function fetchPicture(path: string): Promise<Blob> {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`The picture is not kept any more (${response.status}).`);
  return response.blob();
}

export const settings = (): Promise<Settings> => get("/api/settings");
export const saveSettings = (change: SettingsChange): Promise<Settings> =>
  request("/api/settings", { method: "PUT", json: change });
// What it would do; nothing changes.
export const previewSettings = (change: SettingsChange, signal: AbortSignal): Promise<SettingsPreview> =>
  request("/api/settings/preview", { method: "POST", json: change, signal });
export const outputs = (): Promise<Outputs> => get("/api/outputs");
// What the receiver says to a test event.
export const testOutput = (output: string): Promise<OutputTest> => post("/api/outputs/test", { output });
export const retryOutput = (output: string): Promise<{ deliveries: number }> => post("/api/outputs/retry", { output });

export const system = (): Promise<System> => get("/api/system");
export const deadLetters = (range: Range): Promise<Page<DeadLetter>> => get("/api/system/dead-letters", range);
export const redrive = (): Promise<{ messages: number }> => post("/api/system/redrive");
// Prometheus text: counters and times of frames.
export const metrics = (): Promise<string> => request("/metrics", { text: true });

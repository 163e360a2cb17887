// Every request that the page makes, by name.
import { type Ask, address, request } from "./client.ts";
import type {
  Camera,
  Change,
  Changed,
  Face,
  Id,
  Output,
  Page,
  Person,
  Picture,
  SearchAnswer,
  Session,
  Settings,
  SettingsEffect,
  System,
  Unknown,
  Visit,
} from "./types.ts";

// Whom something is said to be: somebody known, or somebody new by that name.
export type Target = { person: Id } | { name: string };

export interface Range {
  after?: string | null;
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
  visit?: Id;
  unknown?: Id;
  doubtful?: boolean;
}

const get = <T>(path: string, query?: object): Promise<T> => request(path, { query: { ...query } as Ask["query"] });
const post = <T>(path: string, json: unknown = {}): Promise<T> => request(path, { method: "POST", json });

export const session = (): Promise<Session> => request("/api/session", { anonymous: true });
export const signIn = (token: string): Promise<Session> =>
  request("/api/session", { method: "POST", json: { token }, anonymous: true });
export const signOut = (): Promise<void> => request("/api/session", { method: "DELETE", anonymous: true });

export const cropOf = (face: Id): string => `/api/faces/${face}/crop`;
export const pictureOf = (picture: Id): string => `/api/pictures/${picture}/crop`;
export const frameOf = (requestId: string): string => address("/api/frames/picture", { request_id: requestId });

export const people = (range: Range): Promise<Page<Person>> => get("/api/people", range);
export const person = (id: Id): Promise<Person> => get(`/api/people/${id}`);
// A picture of one person's face; somebody new where nobody has that name.
export const enrol = (who: Target, picture: Blob, source: string): Promise<Changed & { person: Id }> =>
  request("/api/people", { method: "POST", body: picture, query: { ...who, source } });
// A kept face becomes a picture that its person is known by.
export const enrolFace = (who: Target, face: Id): Promise<Changed & { person: Id }> =>
  post("/api/people", { ...who, face });
export const renamePerson = (id: Id, name: string): Promise<Changed> =>
  request(`/api/people/${id}`, { method: "PATCH", json: { name } });
export const mergePerson = (id: Id, into: Id): Promise<Changed> => post(`/api/people/${id}/merge`, { into });
// Known no more; can be undone.
export const removePerson = (id: Id): Promise<Changed> => request(`/api/people/${id}`, { method: "DELETE" });
// Final: all of the person that is kept anywhere.
export const erasePerson = (id: Id): Promise<Changed> => post(`/api/people/${id}/erase`);
export const pictures = (owner: Id): Promise<Page<Picture>> => get("/api/pictures", { person: owner, limit: 500 });
export const dropPicture = (id: Id): Promise<Changed> => request(`/api/pictures/${id}`, { method: "DELETE" });
export const movePicture = (id: Id, to: Target): Promise<Changed> =>
  request(`/api/pictures/${id}`, { method: "PATCH", json: to });

export const faces = (filter: FaceFilter): Promise<Page<Face>> => get("/api/faces", filter);
export const face = (id: Id): Promise<Face> => get(`/api/faces/${id}`);
export const visits = (filter: VisitFilter): Promise<Page<Visit>> => get("/api/visits", filter);
export const unknowns = (range: Range): Promise<Page<Unknown>> => get("/api/unknowns", range);
export const cameras = (): Promise<Page<Camera>> => get("/api/cameras");

// What may be said of a face, a visit or a group of unknown faces.
export type Thing = "faces" | "visits" | "unknowns";
export const assign = (thing: Thing, id: Id, to: Target): Promise<Changed & { person: Id }> =>
  post(`/api/${thing}/${id}/assign`, to);
export const ignore = (thing: "faces" | "unknowns", id: Id): Promise<Changed> => post(`/api/${thing}/${id}/ignore`);
// It is not whom it was told or said to be.
export const rejectFace = (id: Id): Promise<Changed> => post(`/api/faces/${id}/reject`);
export const noFace = (id: Id): Promise<Changed> => post(`/api/faces/${id}/no-face`);
// Of every face of a group.
export async function noFaces(unknown: Id): Promise<{ change: number[] }> {
  const group = await faces({ unknown, limit: 100 });
  const change: number[] = [];
  for (const one of group.items) {
    const done = await noFace(one.id);
    if (done.change !== null) change.push(done.change);
  }
  return { change };
}

export const undo = (change: number): Promise<Changed> => post("/api/undo", { change });
export const changes = (range: Range): Promise<Page<Change>> => get("/api/changes", range);

export const search = (picture: Blob): Promise<SearchAnswer> =>
  request("/api/search", { method: "POST", body: picture });

export const settings = (): Promise<Settings> => get("/api/settings");
export const saveSettings = (wanted: Partial<Settings>): Promise<Settings & Changed> =>
  request("/api/settings", { method: "PATCH", json: wanted });
export const settingsEffect = (wanted: Partial<Settings>, signal: AbortSignal): Promise<SettingsEffect> =>
  request("/api/settings/effect", { method: "POST", json: wanted, signal });
export const outputs = (): Promise<Page<Output>> => get("/api/outputs");
export const testOutput = (name: string): Promise<{ ok: boolean; text: string }> =>
  post(`/api/outputs/${encodeURIComponent(name)}/test`);
export const retryOutput = (name: string): Promise<{ events: number }> =>
  post(`/api/outputs/${encodeURIComponent(name)}/retry`);

export const system = (): Promise<System> => get("/api/system");
export const redrive = (): Promise<{ messages: number }> => post("/api/system/redrive");

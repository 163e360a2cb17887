// What the API says, as its description (/api/openapi.json) has it. Times are RFC 3339 in UTC; boxes are
// [left, top, right, bottom] in pixels of the frame; ids are opaque.
export type Id = string;
export type Box = [number, number, number, number];
export type Role = "frames" | "read" | "manage";

export interface Session {
  role: Role;
  name: string; // whose token it is; empty where none is asked for
  sign_in: boolean; // tokens are asked for: there is something to sign out of
}

export interface Page<T> {
  items: T[];
  next: string | null;
}

export interface Person {
  id: Id;
  name: string;
  pictures: number;
  picture: Id | null; // the one that shows them best
  last_seen: string | null;
  check: string[]; // what is wrong with their pictures: "few pictures", "one picture is unlike the others", ...
}

export interface Picture {
  id: Id;
  person: Id;
  time: string;
  source: string;
  quality: number | null;
  reasons: string[];
  kept: boolean; // false: it is known by alone, there is nothing to show
  likeness: number | null; // to the person's other pictures, 0 to 1
}

export type Mark = "none" | "assigned" | "rejected" | "ignored" | "no_face";

export interface Guess {
  person: Id;
  name: string;
  probability: number | null;
}

export interface Face {
  id: Id;
  request_id: string;
  camera: string;
  time: string;
  box: Box | null;
  quality: number | null;
  usable: boolean;
  reasons: string[];
  person: Id | null;
  name: string; // "unknown" without a person
  probability: number | null;
  second: Guess | null;
  visit: Id | null;
  unknown: Id | null;
  mark: Mark;
  marked_person: Id | null;
  has_crop: boolean;
  has_frame: boolean;
  frame: { width: number; height: number } | null; // of the frame itself, where it is kept
}

export type VisitState = "started" | "named" | "ended";

export interface Visit {
  id: Id;
  camera: string;
  state: VisitState;
  person: Id | null;
  name: string;
  unknown: Id | null;
  probability: number | null;
  first_seen: string;
  last_seen: string;
  frames: number;
  best_face: Id | null;
  reasons: string[];
  corrected_by: string;
}

export interface Unknown {
  id: Id;
  faces: number;
  visits: number;
  first_seen: string;
  last_seen: string;
  best_face: Id | null;
  ignored: boolean;
  guesses: Guess[]; // who it may be, the likeliest first
}

export interface Camera {
  name: string;
  last_seen: string | null;
  frame: { time: string; width: number; height: number; url: string } | null;
  faces: Face[]; // of the last frame
}

// A face of a picture that was asked about and not kept.
export interface Found {
  box: Box;
  person: Id | null;
  name: string;
  probability: number | null;
  quality: number | null;
  reasons: string[];
}

export interface SearchAnswer {
  width: number;
  height: number;
  faces: Found[];
}

export interface Change {
  id: number;
  time: string;
  who: string;
  action: string;
  text: string;
  undone: boolean;
  undoable: boolean;
}

// What every change answers: the entry of the audit log that undoes it.
export interface Changed {
  change: number | null;
}

export interface Output {
  name: string;
  url: string;
  waiting: number;
  dead: number;
  error: string;
}

export interface Settings {
  strangers: number | null; // the share of strangers who may get a name; null: the gallery has a threshold of its own
  min_quality: number;
  keep_known_s: number;
  keep_unknown_s: number;
  keep_frames_s: number;
  keep_bytes: number;
}

// What the settings would have made of the last faces.
export interface SettingsEffect {
  faces: number;
  named_now: number;
  named_then: number;
  refused_now: number;
  refused_then: number;
}

export interface DeadLetter {
  id: string;
  time: string;
  reason: string;
}

export interface System {
  version: string;
  pack: string;
  started: string;
  frames: number; // taken since the start
  faces: number;
  latency_ms: number | null; // from a frame to its answer: the median of late
  queue: number;
  queue_age_s: number;
  dead_letters: DeadLetter[];
  store_bytes: number;
  checks: { name: string; ok: boolean; text: string }[];
}

export type EventType =
  | "visit.started"
  | "visit.named"
  | "visit.ended"
  | "visit.corrected"
  | "unknown.added"
  | "person.changed"
  | "face.changed"
  | "health"
  | "reset";

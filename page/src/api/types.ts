// What the API says: generated from its description (page/openapi.json) by page/check.sh. Times are RFC 3339 in UTC, boxes
// in pixels of the frame, ids opaque.
import type { Retention, Visit } from "./schema.ts";

export type {
  Added,
  Assigned,
  Box,
  Change,
  Changed,
  DeadLetter,
  Delivery,
  Face,
  NameChange,
  NamingEffect,
  Outputs,
  OutputTest,
  Person,
  Picture,
  Queue,
  Rate,
  Retention,
  RetentionLoss,
  SeenFace,
  Session,
  Settings,
  SettingsPreview,
  Sight,
  System,
  Unknown,
  Visit,
} from "./schema.ts";

export type Id = string;
export type VisitState = Visit["state"];

// What is left out stays as it is.
export interface SettingsChange {
  strangers?: number;
  min_quality?: number;
  retention?: Partial<Retention>;
}

export interface Page<T> {
  items: T[];
  next: string | null;
}

// A camera, and where its last frame is.
export interface Camera {
  name: string;
  frame: string | null;
}

// Who somebody may be.
export interface Guess {
  person: Id;
  name: string;
  probability: number | null; // that it is them; null: only that nobody is more like
}

// What the API says: generated from its description (page/openapi.json) by page/check.sh. Times are RFC 3339 in UTC, boxes
// in pixels of the frame, ids opaque.
import type { Visit } from "./schema.ts";

export type {
  Added,
  Assigned,
  Box,
  Change,
  Changed,
  Delivery,
  Face,
  Outputs,
  Person,
  Picture,
  Queue,
  SeenFace,
  Session,
  Settings,
  Sight,
  System,
  Unknown,
  Visit,
} from "./schema.ts";

export type Id = string;
export type VisitState = Visit["state"];

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

// Where a person was recognised of late: to be taken back, or made a picture that they are known by.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import * as calls from "../api/calls.ts";
import type { Face, Person } from "../api/types.ts";
import { listen } from "../state/live.ts";
import { act } from "../state/messages.ts";
import { useResource } from "../state/resource.ts";
import { mayManage } from "../state/session.ts";
import { Crop } from "../ui/crop.tsx";
import { percent } from "../ui/parts.tsx";
import { Ago } from "../ui/time.tsx";
import { FrameDialog } from "./frame_dialog.tsx";

const atMost = 60;

// Confirming is not enrolling: a picture is offered as a reference only where enough of the face can be told.
export function mayRefer(face: Face): boolean {
  return face.image !== null && face.usable && face.reasons.length === 0;
}

export function PersonFaces({ person }: { person: Person }) {
  const faces = useResource(
    () => calls.faces({ person: person.id, limit: atMost }),
    [person.id],
    ["face.", "visit."],
    1500,
  );
  const frame = useSignal<string | null>(null);
  // What was said here of some of them: once more would be a double.
  const said = useSignal<ReadonlyMap<string, "referred" | "not them">>(new Map());
  useEffect(
    () =>
      listen(["change.undone"], () => {
        said.value = new Map();
      }),
    [said],
  );
  async function refer(face: Face): Promise<void> {
    const work = () => calls.enrolFace({ person: person.id }, face.id);
    if (!(await act(`One more picture of ${person.name}.`, work, face.id))) return;
    said.value = new Map(said.value).set(face.id, "referred");
  }
  async function reject(face: Face): Promise<void> {
    if (await act(`This is not ${person.name}.`, () => calls.rejectFace(face.id), face.id))
      said.value = new Map(said.value).set(face.id, "not them");
    faces.reload();
  }
  // While somebody is at them they stay where they are: a button must not mean another face than the one it was aimed at.
  const isAtThem = useSignal(false);
  const still = useRef<Face[]>([]);
  if (!isAtThem.value) still.current = (faces.value.value?.items ?? []).filter((face) => face.mark !== "rejected");
  const shown = still.current;
  if (shown.length === 0) return null;
  return (
    <section aria-labelledby="seen">
      <h2 id="seen">Seen of late</h2>
      <ul
        class="crops"
        aria-label="Faces, the newest first"
        onPointerEnter={() => {
          isAtThem.value = true;
        }}
        onPointerLeave={() => {
          isAtThem.value = false;
        }}
      >
        {shown.map((face) => (
          <li key={face.id} class="crops-item">
            <button
              type="button"
              class="crops-face"
              aria-label={`Frame: ${face.camera}`}
              onClick={() => {
                frame.value = face.id;
              }}
            >
              <Crop src={face.image} size="l" />
            </button>
            <span class="quiet crops-note">
              {said.value.get(face.id) === "not them" ? "not them" : percent(face.decision.probability)}{" "}
              <Ago time={face.time} />
            </span>
            {mayManage.value && said.value.get(face.id) !== "not them" && (
              <span class="crops-actions">
                {mayRefer(face) && !said.value.has(face.id) && (
                  <button type="button" class="button-small" onClick={() => void refer(face)}>
                    Refer
                  </button>
                )}
                <button type="button" class="button-small" onClick={() => void reject(face)}>
                  Not them
                </button>
              </span>
            )}
          </li>
        ))}
      </ul>
      {frame.value && (
        <FrameDialog
          face={frame.value}
          onClose={() => {
            frame.value = null;
          }}
        />
      )}
    </section>
  );
}

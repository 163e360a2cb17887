// Where a person was recognised of late: to be taken back, or made a picture that they are known by.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
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
  // Those that became pictures here: once more would be a double.
  const referred = useSignal<ReadonlySet<string>>(new Set());
  useEffect(
    () =>
      listen(["change.undone"], () => {
        referred.value = new Set();
      }),
    [referred],
  );
  async function refer(face: Face): Promise<void> {
    const work = () => calls.enrolFace({ person: person.id }, face.id);
    if (!(await act(`One more picture of ${person.name}.`, work, face.id))) return;
    referred.value = new Set([...referred.value, face.id]);
  }
  const shown = (faces.value.value?.items ?? []).filter((face) => face.mark !== "rejected");
  if (shown.length === 0) return null;
  return (
    <section aria-labelledby="seen">
      <h2 id="seen">Seen of late</h2>
      <ul class="crops" aria-label="Faces, the newest first">
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
              {percent(face.decision.probability)} <Ago time={face.time} />
            </span>
            {mayManage.value && (
              <span class="crops-actions">
                {mayRefer(face) && !referred.value.has(face.id) && (
                  <button type="button" class="button-small" onClick={() => void refer(face)}>
                    Refer
                  </button>
                )}
                <button
                  type="button"
                  class="button-small"
                  onClick={() =>
                    void act(`This is not ${person.name}.`, () => calls.rejectFace(face.id), face.id).then(faces.reload)
                  }
                >
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

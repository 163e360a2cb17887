// The whole frame that a face came from, where that is kept; else the face alone.
import { useSignal } from "@preact/signals";
import * as calls from "../api/calls.ts";
import type { Face } from "../api/types.ts";
import { useResource } from "../state/resource.ts";
import { Crop } from "../ui/crop.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { percent, Skeleton } from "../ui/parts.tsx";
import { Ago } from "../ui/time.tsx";

export function FrameDialog({ face: id, onClose }: { face: string; onClose: () => void }) {
  const face = useResource(() => calls.face(id), [id]);
  const shown = face.value.value;
  return (
    <Dialog title={shown?.camera ? `Frame of ${shown.camera}` : "Frame"} onClose={onClose} wide>
      {shown ? (
        <Shown face={shown} />
      ) : face.error.value ? (
        <p role="alert">{face.error.value}</p>
      ) : (
        <Skeleton count={1} shape="card" />
      )}
    </Dialog>
  );
}

function Shown({ face }: { face: Face }) {
  const lost = useSignal(false);
  // Asked first, so that nothing is asked for that cannot be there.
  const settings = useResource(calls.settings, []);
  const told = settings.value.value;
  const keeps = told !== null && told.retention !== null && told.retention.frames !== 0;
  const { decision } = face;
  const name = face.name ?? "Unknown";
  return (
    <>
      {lost.value || !keeps ? (
        <div class="frame-none">
          <Crop src={face.image} size="l" label={name} />
          {told && <p class="quiet">The frame is not kept. Settings say for how long frames are.</p>}
        </div>
      ) : (
        <img
          class="frame"
          src={calls.frameOf(face.request_id)}
          alt={`Frame with ${name}`}
          onError={() => {
            lost.value = true;
          }}
        />
      )}
      <p>
        {name} {percent(decision.probability)}{" "}
        <span class="quiet">
          <Ago time={face.time} />
        </span>
      </p>
      {decision.second_name && (
        <p class="quiet">
          Next: {decision.second_name} {percent(decision.second_probability)}
        </p>
      )}
      {face.reasons.length > 0 && <p class="quiet">{face.reasons.join(", ")}</p>}
    </>
  );
}

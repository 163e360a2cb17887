// The whole frame that a face came from, where that is kept; else the face alone.
import { useSignal } from "@preact/signals";
import * as calls from "../api/calls.ts";
import type { Face } from "../api/types.ts";
import { useResource } from "../state/resource.ts";
import { Boxes } from "../ui/boxes.tsx";
import { Crop } from "../ui/crop.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { percent, Skeleton } from "../ui/parts.tsx";
import { Ago } from "../ui/time.tsx";

export function FrameDialog({ face: id, onClose }: { face: string; onClose: () => void }) {
  const face = useResource(() => calls.face(id), [id]);
  const shown = face.value.value;
  return (
    <Dialog title={shown?.camera ? `Frame of ${shown.camera}` : "Frame"} onClose={onClose} wide>
      {shown ? <Shown face={shown} /> : <p role="status">{face.error.value || <Skeleton count={1} shape="card" />}</p>}
    </Dialog>
  );
}

function Shown({ face }: { face: Face }) {
  const lost = useSignal(!face.has_frame);
  const { frame } = face;
  return (
    <>
      {lost.value || !frame ? (
        <div class="frame-none">
          <Crop src={face.has_crop ? calls.cropOf(face.id) : null} size="l" label={face.name} />
          <p class="quiet">The frame is not kept. Settings say for how long frames are.</p>
        </div>
      ) : (
        <Boxes
          src={calls.frameOf(face.request_id)}
          label={`Frame with ${face.name}`}
          width={frame.width}
          height={frame.height}
          marks={face.box ? [{ box: face.box, text: face.name, known: face.person !== null }] : []}
          onError={() => {
            lost.value = true;
          }}
        />
      )}
      <p>
        {face.name} {percent(face.probability)} <span class="quiet"><Ago time={face.time} /></span>
      </p>
      {face.second && (
        <p class="quiet">
          Next: {face.second.name} {percent(face.second.probability)}
        </p>
      )}
      {face.reasons.length > 0 && <p class="quiet">{face.reasons.join(", ")}</p>}
    </>
  );
}

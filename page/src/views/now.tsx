// Who is here: cameras with what they saw last, visits that go on, and a picture to try.
import * as calls from "../api/calls.ts";
import type { CameraName, Face, LastFrame, Visit } from "../api/types.ts";
import { peopleCount, peopleLoaded } from "../state/directory.ts";
import { useResource } from "../state/resource.ts";
import { linkTo } from "../state/route.ts";
import { Boxes } from "../ui/boxes.tsx";
import { Crop } from "../ui/crop.tsx";
import { Empty, Failed, percent, Skeleton, Title } from "../ui/parts.tsx";
import { Ago } from "../ui/time.tsx";
import { useFramePicture } from "./frame_picture.ts";
import { Guide } from "./guide.tsx";
import { TryPicture } from "./try_picture.tsx";
import { nameOfVisit } from "./visit_row.tsx";

const livesFor = 60;

export function NowView() {
  const cameras = useResource(calls.cameras, [], ["visit.started"], 1000);
  const visits = useResource(() => calls.visits({ open: true, limit: livesFor }), [], ["visit."], 300);
  const loaded = cameras.value.value !== null && visits.value.value !== null;
  const seen = cameras.value.value?.items ?? [];
  const here = visits.value.value?.items ?? [];
  const error = cameras.error.value || visits.error.value;
  const isNew = loaded && peopleLoaded.value && seen.length === 0 && here.length === 0;
  return (
    <>
      <Title text="Now" />
      {isNew && <Guide first={peopleCount.value === 0} />}
      {error && !loaded && (
        <Failed
          error={error}
          retry={() => {
            cameras.reload();
            visits.reload();
          }}
        />
      )}
      {!loaded && !error && <Skeleton count={3} shape="card" />}
      {loaded && !isNew && (
        <>
          <Here visits={here} />
          <section aria-labelledby="cameras">
            <h2 id="cameras">Cameras</h2>
            <ul class="cameras">
              {seen.map((camera) => (
                <li key={camera.name}>
                  <CameraTile camera={camera} />
                </li>
              ))}
            </ul>
          </section>
        </>
      )}
      <TryPicture />
    </>
  );
}

function Here({ visits }: { visits: Visit[] }) {
  return (
    <section aria-labelledby="here">
      <h2 id="here">Here now</h2>
      {visits.length === 0 ? (
        <Empty icon="face" title="Nobody is here">
          <p>Who comes before a camera stands here at once, with a name as soon as it is sure.</p>
        </Empty>
      ) : (
        <ul class="here">
          {visits.map((visit) => (
            <li key={visit.id}>
              <a class="here-card" href={visit.person ? linkTo("person", visit.person) : linkTo("review")}>
                <Crop src={visit.image} size="l" />
                <span class="here-text">
                  <strong class={visit.person ? "" : "stranger"}>{nameOfVisit(visit)}</strong>
                  <span class="quiet">
                    {visit.camera} <Ago time={visit.first_seen} />
                  </span>
                </span>
              </a>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function CameraTile({ camera: { name } }: { camera: CameraName }) {
  const camera = useResource(() => calls.camera(name), [name], ["face.", "visit.", "unknown.", "person."], 1000);
  const last = camera.value.value?.last ?? null;
  return (
    <article class="camera" aria-label={name}>
      {last ? <LastPicture last={last} name={name} again={camera.reload} /> : <LatestFaces camera={name} />}
      <p class="camera-foot">
        <a href={linkTo("visits", "", { camera: name })}>{name}</a>
        {last && (
          <span class="quiet">
            <Ago time={last.time} />
          </span>
        )}
      </p>
    </article>
  );
}

const isFace = (face: Face): boolean => face.mark !== "not-a-face";
const linkOf = (face: Face): string => (face.person ? linkTo("person", face.person) : linkTo("review"));

// What is shown is one frame, its picture and the boxes of its faces: a newer one takes its place when its picture is there.
function LastPicture({ last, name, again }: { last: LastFrame; name: string; again: () => void }) {
  const shown = useFramePicture(last, again);
  if (!shown) return <div class="camera-faces" />;
  // Names of the same frame follow what is said of it.
  const frame = shown.frame.image === last.image ? last : shown.frame;
  const faces = frame.faces.filter(isFace);
  const marks = faces.flatMap((face) =>
    face.box ? [{ box: face.box, text: face.name ?? "Unknown", known: face.person !== null }] : [],
  );
  return (
    <>
      <div class={9 * frame.width >= 16 * frame.height ? "camera-frame camera-frame-wide" : "camera-frame"}>
        <Boxes
          src={shown.url}
          label={`Last frame of ${name}`}
          width={frame.width}
          height={frame.height}
          marks={marks}
        />
      </div>
      <ul class="camera-names" aria-label={`Faces in the last frame of ${name}`}>
        {faces.map((face) => (
          <li key={face.id}>
            <a class={face.person ? "chip" : "chip stranger"} href={linkOf(face)}>
              {face.name ?? "Unknown"} {percent(face.decision.probability)}
            </a>
          </li>
        ))}
      </ul>
    </>
  );
}

// Of a camera whose last frame is not at hand: it came before the server's start.
function LatestFaces({ camera }: { camera: string }) {
  const faces = useResource(() => calls.faces({ camera, limit: 4 }), [camera], ["face."], 1000);
  const seen = (faces.value.value?.items ?? []).filter(isFace);
  return (
    <div class="camera-faces">
      {seen.map((face) => (
        <a key={face.id} href={linkOf(face)}>
          <Crop src={face.image} label={face.name ?? "Unknown"} />
        </a>
      ))}
      {faces.value.value && seen.length === 0 && <span class="quiet">No faces are kept</span>}
    </div>
  );
}

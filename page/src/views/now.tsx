// Who is here: cameras with what they saw last, visits that go on, and a picture to try.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import * as calls from "../api/calls.ts";
import type { Camera, Face, Visit } from "../api/types.ts";
import { peopleCount, peopleLoaded } from "../state/directory.ts";
import { useResource } from "../state/resource.ts";
import { linkTo } from "../state/route.ts";
import { Crop } from "../ui/crop.tsx";
import { Empty, Failed, percent, Skeleton, Title } from "../ui/parts.tsx";
import { Ago } from "../ui/time.tsx";
import { Guide } from "./guide.tsx";
import { TryPicture } from "./try_picture.tsx";
import { nameOfVisit } from "./visit_row.tsx";

const livesFor = 60;
const keepsPicture = 5_000; // milliseconds

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

function CameraTile({ camera }: { camera: Camera }) {
  const name = camera.name || "No camera's name";
  const faces = useResource(
    () => calls.faces({ camera: camera.name, limit: 6 }),
    [camera.name],
    ["face.seen", "face.changed"],
    1000,
  );
  const seen = faces.value.value?.items ?? [];
  const last = seen[0]?.time;
  return (
    <article class="camera" aria-label={name}>
      <LastFrame camera={camera} seen={seen} name={name} />
      <p class="camera-foot">
        <a href={linkTo("visits", "", { camera: camera.name })}>{name}</a>
        {last && (
          <span class="quiet">
            <Ago time={last} />
          </span>
        )}
      </p>
    </article>
  );
}

// The newest frame with the boxes of its faces: those that came with the newest one of them.
function LastFrame({ camera, seen, name }: { camera: Camera; seen: Face[]; name: string }) {
  const picture = useSignal<string | null>(null);
  const newest = seen[0];
  const ofFrame = seen.filter((face) => face.request_id === newest?.request_id);
  const frame = camera.name ? camera.frame : null;

  // a newer face came with a newer frame
  useEffect(() => {
    let left = false;
    let made = "";
    const show = (url: string | null): void => {
      if (!left) picture.value = url;
    };
    if (frame) {
      calls.fetchPicture(frame).then(
        (blob) => {
          made = URL.createObjectURL(blob);
          show(made);
        },
        () => show(null),
      );
    }
    return () => {
      left = true;
      // What is shown stays until the next one is there.
      if (made) setTimeout(() => URL.revokeObjectURL(made), keepsPicture);
    };
  }, [frame, newest?.id]);

  if (!picture.value) {
    return (
      <div class="camera-faces">
        {seen.slice(0, 4).map((face) => (
          <a key={face.id} href={face.person ? linkTo("person", face.person) : linkTo("review")}>
            <Crop src={face.image} label={face.name ?? "Unknown"} />
          </a>
        ))}
        {seen.length === 0 && <span class="quiet">No faces are kept</span>}
      </div>
    );
  }
  return (
    <div class="camera-frame">
      <img src={picture.value} alt={`Last frame of ${name}`} />
      <ul class="camera-names">
        {ofFrame.map((face) => (
          <li key={face.id}>
            <a
              class={face.person ? "chip" : "chip stranger"}
              href={face.person ? linkTo("person", face.person) : linkTo("review")}
            >
              {face.name ?? "Unknown"} {percent(face.decision.probability)}
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}

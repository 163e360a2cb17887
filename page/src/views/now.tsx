// Who is here: cameras with what they saw last, visits that go on, and a picture to try.
import * as calls from "../api/calls.ts";
import type { Camera, Visit } from "../api/types.ts";
import { peopleCount, peopleLoaded } from "../state/directory.ts";
import { useResource } from "../state/resource.ts";
import { linkTo } from "../state/route.ts";
import { Boxes } from "../ui/boxes.tsx";
import { Crop } from "../ui/crop.tsx";
import { Empty, Failed, percent, Skeleton, Title } from "../ui/parts.tsx";
import { Ago } from "../ui/time.tsx";
import { Guide } from "./guide.tsx";
import { TryPicture } from "./try_picture.tsx";
import { nameOfVisit } from "./visit_row.tsx";

const livesFor = 60;

export function NowView() {
  const cameras = useResource(calls.cameras, [], ["visit.", "frame.", "face."], 1000);
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
                <Crop src={visit.best_face ? calls.cropOf(visit.best_face) : null} size="l" />
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
  const { frame, faces } = camera;
  const name = camera.name || "No camera's name";
  return (
    <article class="camera" aria-label={name}>
      {frame ? (
        <Boxes
          src={frame.url}
          label={`Last frame of ${name}`}
          width={frame.width}
          height={frame.height}
          marks={faces.flatMap((face) =>
            face.box ? [{ box: face.box, text: `${face.name} ${percent(face.probability)}`, known: face.person !== null }] : [],
          )}
        />
      ) : (
        <div class="camera-faces">
          {faces.slice(0, 4).map((face) => (
            <a key={face.id} href={face.person ? linkTo("person", face.person) : linkTo("review")}>
              <Crop src={face.has_crop ? calls.cropOf(face.id) : null} label={face.name} />
            </a>
          ))}
          {faces.length === 0 && <span class="quiet">No faces kept</span>}
        </div>
      )}
      <p class="camera-foot">
        <a href={linkTo("visits", "", { camera: camera.name })}>{name}</a>
        {camera.last_seen && (
          <span class="quiet">
            <Ago time={camera.last_seen} />
          </span>
        )}
      </p>
    </article>
  );
}

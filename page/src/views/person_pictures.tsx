// The pictures that a person is known by, those that show least first.
import * as calls from "../api/calls.ts";
import type { Person, Picture } from "../api/types.ts";
import { nameOf, readPeople } from "../state/directory.ts";
import { act } from "../state/messages.ts";
import { useResource } from "../state/resource.ts";
import { mayManage } from "../state/session.ts";
import { whoIsIt } from "../ui/ask.tsx";
import { Crop } from "../ui/crop.tsx";
import { Empty, Failed, Skeleton } from "../ui/parts.tsx";

// Those that show least first: they are the ones to look at.
export function poorestFirst(pictures: readonly Picture[]): Picture[] {
  return [...pictures].sort((a, b) => (a.quality ?? 1) - (b.quality ?? 1));
}

export function PersonPictures({ person }: { person: Person }) {
  const pictures = useResource(() => calls.pictures(person.id), [person.id], ["person."]);
  const shown = pictures.value.value;

  async function drop(picture: Picture): Promise<void> {
    if (await act("The picture is removed.", () => calls.dropPicture(picture.id))) pictures.reload();
  }
  async function move(picture: Picture): Promise<void> {
    const target = await whoIsIt("Whose picture is it?");
    if (!target) return;
    const name = "name" in target ? target.name : nameOf(target.person);
    if (await act(`The picture is ${name}'s now.`, () => calls.movePicture(picture.id, target))) {
      pictures.reload();
      await readPeople();
    }
  }

  return (
    <section aria-labelledby="pictures">
      <h2 id="pictures">Known by</h2>
      {pictures.error.value && !shown && <Failed error={pictures.error.value} retry={pictures.reload} />}
      {!shown && !pictures.error.value && <Skeleton count={8} shape="crop" />}
      {shown?.items.length === 0 && (
        <Empty icon="picture" title="No pictures are kept">
          <p>They were enrolled by an older release, or nothing is kept. Add some to see and correct them here.</p>
        </Empty>
      )}
      <ul class="crops" aria-label="Pictures, the poorest first">
        {poorestFirst(shown?.items ?? []).map((picture, index) => (
          <li key={picture.id} class="crops-item">
            <Crop src={picture.image} label={`Picture ${index + 1} of ${person.name}`} size="l" />
            <span class="quiet crops-note" title={[picture.source, ...picture.reasons].filter(Boolean).join(", ")}>
              {picture.source || "no file's name"}
            </span>
            {mayManage.value && (
              <span class="crops-actions">
                <button type="button" class="button-small" onClick={() => void move(picture)}>
                  Move<span class="hidden"> picture {index + 1}</span>
                </button>
                <button type="button" class="button-small" onClick={() => void drop(picture)}>
                  Drop<span class="hidden"> picture {index + 1}</span>
                </button>
              </span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

// The pictures that a person is known by, those least like the others first: they are the ones to look at.
import { useSignal } from "@preact/signals";
import * as calls from "../api/calls.ts";
import type { Id, Person, Picture } from "../api/types.ts";
import { nameOf, readPeople } from "../state/directory.ts";
import { act } from "../state/messages.ts";
import { useResource } from "../state/resource.ts";
import { mayManage } from "../state/session.ts";
import { whoIsIt } from "../ui/ask.tsx";
import { Crop } from "../ui/crop.tsx";
import { Badge, Empty, Failed, Skeleton } from "../ui/parts.tsx";

const pageSize = 200;
const words = { double: "There twice", disagrees: "Unlike the others" };

// What is wrong with a picture, in a few words; empty: nothing.
export function doubtOf(picture: Picture, own: Id): string {
  if (picture.doubt === null) return "";
  if (picture.doubt === "resembles") return `More like ${picture.other_name}`;
  if (picture.doubt === "double" && picture.other !== null && picture.other !== own)
    return `${picture.other_name}'s as well`;
  return words[picture.doubt];
}

// As many as were shown, read again in one go, so that what changes does not move the pages' borders.
async function readPictures(owner: Id, wanted: number): Promise<{ items: Picture[]; more: boolean }> {
  const items: Picture[] = [];
  let cursor: string | null = null;
  do {
    const page = await calls.pictures(owner, { limit: pageSize, cursor });
    items.push(...page.items);
    cursor = page.next;
  } while (cursor && items.length < wanted);
  return { items, more: cursor !== null };
}

export function PersonPictures({ person }: { person: Person }) {
  const wanted = useSignal(pageSize);
  const pictures = useResource(
    () => readPictures(person.id, wanted.value),
    [person.id, wanted.value],
    ["person.", "picture."],
  );
  const shown = pictures.value.value;

  async function drop(picture: Picture): Promise<void> {
    if (await act("The picture is removed.", () => calls.dropPicture(picture.id), picture.id)) pictures.reload();
  }
  async function move(picture: Picture): Promise<void> {
    const target = await whoIsIt("Whose picture is it?");
    if (!target) return;
    const name = "name" in target ? target.name : nameOf(target.person);
    if (await act(`The picture is ${name}'s now.`, () => calls.movePicture(picture.id, target), picture.id)) {
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
      <ul class="crops" aria-label="Pictures, least like the others first">
        {shown?.items.map((picture, index) => (
          <li key={picture.id} class="crops-item">
            <Crop src={picture.image} label={`Picture ${index + 1} of ${person.name}`} size="l" />
            {picture.doubt && (
              <span>
                <Badge kind="warn">{doubtOf(picture, person.id)}</Badge>
              </span>
            )}
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
      {shown?.more && (
        <button
          type="button"
          class="button"
          onClick={() => {
            wanted.value += pageSize;
          }}
        >
          Show more
        </button>
      )}
    </section>
  );
}

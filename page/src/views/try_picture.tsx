// Who is this: a picture by drop, paste, file or webcam. The server looks at it and keeps nothing.
import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import * as calls from "../api/calls.ts";
import { describe } from "../api/client.ts";
import type { SeenFace, Sight } from "../api/types.ts";
import { readPeople } from "../state/directory.ts";
import { act, announce } from "../state/messages.ts";
import { mayManage } from "../state/session.ts";
import { whoIsIt } from "../ui/ask.tsx";
import { Boxes } from "../ui/boxes.tsx";
import { takeDrops } from "../ui/drops.ts";
import { Icon } from "../ui/icons.tsx";
import { count, percent } from "../ui/parts.tsx";
import { cutOut, isPicture } from "./picture_files.ts";
import { Webcam } from "./webcam.tsx";

interface Tried {
  picture: Blob;
  url: string;
  answer: Sight;
}

const nameOfFound = (face: SeenFace): string => face.name ?? "Unknown";

export function TryPicture() {
  const tried = useSignal<Tried | null>(null);
  const busy = useSignal(false);
  const error = useSignal("");
  const over = useSignal(false);
  const webcam = useSignal(false);
  const input = useRef<HTMLInputElement>(null);
  const asked = useRef(0);

  // The last that was tried is told of, whichever answer comes first.
  async function look(picture: Blob): Promise<void> {
    if (!isPicture(picture)) {
      error.value = "Expected a picture: JPEG, PNG or WebP.";
      return;
    }
    asked.current += 1;
    const turn = asked.current;
    const isLast = (): boolean => turn === asked.current;
    busy.value = true;
    error.value = "";
    try {
      const answer = await calls.search(picture);
      if (!isLast()) return;
      if (tried.value) URL.revokeObjectURL(tried.value.url);
      tried.value = { picture, url: URL.createObjectURL(picture), answer };
      announce(answer.faces.length ? answer.faces.map(nameOfFound).join(", ") : "There is no face in it.");
    } catch (problem) {
      if (isLast()) error.value = describe(problem);
    } finally {
      if (isLast()) busy.value = false;
    }
  }

  // `look` only uses signals. For as long as this is on show, to the frame: what is dropped or pasted is of the view that is seen.
  useLayoutEffect(() => {
    const paste = (event: ClipboardEvent): void => {
      const [file] = [...(event.clipboardData?.files ?? [])].filter(isPicture);
      if (file && !document.querySelector("dialog[open]")) void look(file);
    };
    addEventListener("paste", paste);
    const endDrops = takeDrops((file) => void look(file));
    return () => {
      removeEventListener("paste", paste);
      endDrops();
    };
  }, []);

  return (
    <section aria-labelledby="try">
      <h2 id="try">Try a picture</h2>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the button beside it is for keys */}
      <div
        class={`drop${over.value ? " drop-over" : ""}`}
        aria-busy={busy.value}
        onDragOver={(event) => {
          event.preventDefault();
          over.value = true;
        }}
        onDragLeave={() => {
          over.value = false;
        }}
        onDrop={(event) => {
          event.preventDefault();
          over.value = false;
          const file = event.dataTransfer?.files[0];
          if (file) void look(file);
        }}
      >
        <p>
          <Icon name="picture" />{" "}
          {busy.value ? "Looking…" : "Drop or paste a picture here: who is in it? It is not kept."}
        </p>
        <div class="actions">
          <button type="button" class="button" onClick={() => input.current?.click()}>
            Choose a file
          </button>
          <button
            type="button"
            class="button"
            onClick={() => {
              webcam.value = true;
            }}
          >
            Use the webcam
          </button>
        </div>
        <input
          ref={input}
          class="hidden"
          type="file"
          accept="image/jpeg,image/png,image/webp"
          aria-label="Picture to try"
          tabIndex={-1}
          onChange={(event) => {
            const file = event.currentTarget.files?.[0];
            event.currentTarget.value = "";
            if (file) void look(file);
          }}
        />
        {error.value && (
          <p class="bad" role="alert">
            {error.value}
          </p>
        )}
      </div>
      {tried.value && (
        <Answer
          tried={tried.value}
          again={(picture) => {
            if (tried.value?.picture === picture && !busy.value) void look(picture);
          }}
        />
      )}
      {webcam.value && (
        <Webcam
          onPicture={(picture) => {
            webcam.value = false;
            void look(picture);
          }}
          onClose={() => {
            webcam.value = false;
          }}
        />
      )}
    </section>
  );
}

function Answer({ tried, again }: { tried: Tried; again: (picture: Blob) => void }) {
  const { answer, url, picture } = tried;

  async function enrol(face: SeenFace): Promise<void> {
    const target = await whoIsIt(
      "Whose picture is it?",
      face.person ? [{ person: face.person, name: nameOfFound(face), probability: face.probability }] : [],
    );
    if (!target) return;
    const name = "name" in target ? target.name : "them";
    const done = await act(`The picture is one of ${name}.`, async () =>
      calls.enrol(target, await cutOut(picture, face.box), "tried picture"),
    );
    if (!done) return;
    await readPeople();
    again(picture);
  }

  return (
    <div class="answer">
      <Boxes
        src={url}
        label="The picture"
        width={answer.width}
        height={answer.height}
        marks={answer.faces.map((face) => ({ box: face.box, text: nameOfFound(face), known: face.person !== null }))}
      />
      <div>
        <h3>{answer.faces.length ? count(answer.faces.length, "face") : "There is no face in it"}</h3>
        <ul class="found">
          {answer.faces.map((face) => (
            <li key={`${face.box.x1} ${face.box.y1}`}>
              <strong class={face.person ? "" : "stranger"}>{nameOfFound(face)}</strong>{" "}
              <span class="quiet">{percent(face.probability)}</span>
              {face.quality && face.quality.reasons.length > 0 && (
                <span class="quiet"> {face.quality.reasons.join(", ")}</span>
              )}
              {mayManage.value && (
                <button type="button" class="button" onClick={() => void enrol(face)}>
                  {face.person ? "Add as reference" : "Say who it is"}
                </button>
              )}
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

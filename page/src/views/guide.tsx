// The way from an empty data folder to the first name.
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { mayManage, session } from "../state/session.ts";
import { Icon } from "../ui/icons.tsx";
import { AddPeople } from "./add_people.tsx";

// The command that sends a frame, as it is typed.
export function curlLine(origin: string, token: boolean): string {
  const header = token ? ` -H "authorization: Bearer $(cat token.txt)"` : "";
  return `curl${header} -F file=@frame.jpg -F request_id=1 -F camera=door ${origin}/`;
}

export function Guide({ first }: { first: boolean }) {
  const adding = useSignal(false);
  const copied = useSignal("");
  const command = useRef<HTMLElement>(null);
  const line = curlLine(location.origin, session.value?.sign_in_needed ?? false);
  // A browser lets only pages by https or of this machine copy, and those only where it is allowed.
  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(line);
      copied.value = "Copied";
    } catch {
      if (command.current) getSelection()?.selectAllChildren(command.current);
      copied.value = "Marked";
    }
  }
  return (
    <section class="guide" aria-labelledby="guide">
      <h2 id="guide">{first ? "From here to the first name" : "Now a picture"}</h2>
      <ol>
        <li class={first ? "" : "guide-done"}>
          <h3>Say who somebody is</h3>
          <p>
            A few pictures of a person, best from several days and sides. A folder that holds a folder a person will do.
          </p>
          {mayManage.value && (
            <button
              type="button"
              class={first ? "button button-main" : "button"}
              onClick={() => {
                adding.value = true;
              }}
            >
              <Icon name="add" /> Add people
            </button>
          )}
        </li>
        <li>
          <h3>Show a picture</h3>
          <p>Drop one anywhere below, and see the name on the face. Nothing of it is kept.</p>
        </li>
        <li>
          <h3>Point a camera here</h3>
          <p>Whatever can send a picture is a camera. Its frames come to this address:</p>
          <div class="copy">
            <code ref={command}>{line}</code>
            <button type="button" class="button" onClick={() => void copy()}>
              {copied.value || "Copy"}
            </button>
          </div>
        </li>
      </ol>
      {adding.value && (
        <AddPeople
          onClose={() => {
            adding.value = false;
          }}
        />
      )}
    </section>
  );
}

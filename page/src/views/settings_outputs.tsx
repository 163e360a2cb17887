// Where events go, and a test of it.
import { useSignal } from "@preact/signals";
import * as calls from "../api/calls.ts";
import { describe } from "../api/client.ts";
import type { OutputTest } from "../api/types.ts";
import { useOutputs } from "../state/outputs.ts";
import { mayManage } from "../state/session.ts";
import { Icon } from "../ui/icons.tsx";
import { Badge, count } from "../ui/parts.tsx";

export function Outputs() {
  const outputs = useOutputs();
  const shown = outputs.value.value;
  if (outputs.error.value && !shown) return null;
  return (
    <section aria-labelledby="outputs">
      <h2 id="outputs">Outputs</h2>
      {shown?.outputs.length === 0 && (
        <p class="quiet">Events go nowhere but to this page. Webhooks are set where the server is started.</p>
      )}
      <ul class="outputs">
        {(shown?.outputs ?? []).map((output) => (
          <Output
            key={output}
            output={output}
            dead={shown?.dead.filter((delivery) => delivery.output === output).length ?? 0}
          />
        ))}
      </ul>
    </section>
  );
}

// "The receiver took it (status 204, 12 ms)."
export function testText(test: OutputTest): string {
  const figures = [test.status !== null && `status ${test.status}`, `${Math.round(test.seconds * 1000)} ms`]
    .filter(Boolean)
    .join(", ");
  if (test.delivered) return `The receiver took it (${figures}).`;
  return test.status === null ? `No answer: ${test.error ?? ""}` : `The receiver did not take it (${figures}).`;
}

function Output({ output, dead }: { output: string; dead: number }) {
  const sending = useSignal(false);
  const said = useSignal<{ text: string; good: boolean } | null>(null);
  async function test(): Promise<void> {
    sending.value = true;
    said.value = null;
    try {
      const done = await calls.testOutput(output);
      said.value = { text: testText(done), good: done.delivered };
    } catch (error) {
      said.value = { text: describe(error), good: false };
    }
    sending.value = false;
  }
  return (
    <li>
      <strong>{output}</strong>
      {dead > 0 && (
        <Badge kind="warn">
          <a href="#/system">{count(dead, "event")} given up</a>
        </Badge>
      )}
      {mayManage.value && (
        <button
          type="button"
          class="button"
          disabled={sending.value}
          aria-label={`Send a test to ${output}`}
          onClick={() => void test()}
        >
          {sending.value ? "Sending …" : "Send a test"}
        </button>
      )}
      <span aria-live="polite" class={said.value?.good === false ? "bad" : "good"}>
        {said.value && (
          <>
            <Icon name={said.value.good ? "check" : "warning"} /> {said.value.text}
          </>
        )}
      </span>
    </li>
  );
}

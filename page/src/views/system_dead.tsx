// What failed for good: face messages and deliveries, why, and another try.
import * as calls from "../api/calls.ts";
import type { DeadLetter, Delivery } from "../api/types.ts";
import { tell, tellError } from "../state/messages.ts";
import { useOutputs } from "../state/outputs.ts";
import { useResource } from "../state/resource.ts";
import { mayManage } from "../state/session.ts";
import { count } from "../ui/parts.tsx";
import { Ago } from "../ui/time.tsx";

const shownAtMost = 50;

// `total` of all that there are; the list is read again when it changes.
export function DeadLetters({ total }: { total: number }) {
  const letters = useResource(() => calls.deadLetters({ limit: shownAtMost }), [total]);
  const shown = total === 0 ? [] : (letters.value.value?.items ?? []);
  async function redrive(): Promise<void> {
    try {
      tell(`${count((await calls.redrive()).messages, "message")} tried again.`);
      letters.reload();
    } catch (error) {
      tellError(error);
    }
  }
  return (
    <section aria-labelledby="dead">
      <h2 id="dead">Dead letters</h2>
      {total === 0 ? (
        <p class="quiet">None: every face was worked on.</p>
      ) : (
        <>
          <p>
            {count(total, "face")} could not be worked on.{" "}
            {mayManage.value && (
              <button type="button" class="button" onClick={() => void redrive()}>
                Try them again
              </button>
            )}
          </p>
          <ul class="log">
            {shown.map((letter) => (
              <Letter key={letter.id} letter={letter} />
            ))}
          </ul>
          {total > shown.length && shown.length > 0 && <p class="quiet">The oldest {shown.length} are shown.</p>}
        </>
      )}
    </section>
  );
}

function Letter({ letter }: { letter: DeadLetter }) {
  return (
    <li>
      <span class="quiet">
        <Ago time={letter.sent} /> {letter.camera}
      </span>{" "}
      <span>{letter.reason || "Nobody said why."}</span>
      <span class="quiet">
        tried {count(letter.received, "time")}
        {letter.request_id && `, frame ${letter.request_id}`}
      </span>
    </li>
  );
}

// Deliveries by the output that gave them up, in the order in which they come.
export function byOutput(dead: Delivery[]): [string, Delivery[]][] {
  const groups = new Map<string, Delivery[]>();
  for (const delivery of dead) {
    const group = groups.get(delivery.output) ?? [];
    group.push(delivery);
    groups.set(delivery.output, group);
  }
  return [...groups];
}

export function DeadDeliveries() {
  const outputs = useOutputs();
  const dead = byOutput(outputs.value.value?.dead ?? []);
  async function retry(output: string): Promise<void> {
    try {
      tell(`${count((await calls.retryOutput(output)).deliveries, "event")} sent again.`);
      outputs.reload();
    } catch (error) {
      tellError(error);
    }
  }
  if ((outputs.value.value?.outputs ?? []).length === 0) return null;
  return (
    <section aria-labelledby="dead-deliveries">
      <h2 id="dead-deliveries">Events that were given up</h2>
      {dead.length === 0 && <p class="quiet">None: every event was delivered, or will be.</p>}
      {dead.map(([output, deliveries]) => (
        <div key={output}>
          <p>
            <strong class="output-name">{output}</strong>{" "}
            {mayManage.value && (
              <button
                type="button"
                class="button"
                aria-label={`Send again to ${output}`}
                onClick={() => void retry(output)}
              >
                Send again
              </button>
            )}
          </p>
          <ul class="log">
            {deliveries.map((delivery) => (
              <li key={delivery.event}>
                <span class="quiet">
                  <Ago time={delivery.time} /> {delivery.type}
                </span>{" "}
                <span>{delivery.error}</span>
                <span class="quiet">tried {count(delivery.attempts, "time")}</span>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </section>
  );
}

// One visit in a line.
import * as calls from "../api/calls.ts";
import type { Guess, Visit } from "../api/types.ts";
import { nameOf } from "../state/directory.ts";
import { act } from "../state/messages.ts";
import { linkTo } from "../state/route.ts";
import { mayManage } from "../state/session.ts";
import { whoIsIt } from "../ui/ask.tsx";
import { Crop } from "../ui/crop.tsx";
import { Badge, percent } from "../ui/parts.tsx";
import { Ago, clockOf, dayOf, now, span } from "../ui/time.tsx";

// A name that was changed since is told as it is now.
export function nameOfVisit(visit: Visit): string {
  return nameOf(visit.person, visit.name ?? "") || "Unknown";
}

export function durationOf(visit: Visit): string {
  return span((Date.parse(visit.last_seen) - Date.parse(visit.first_seen)) / 1000);
}

// "23:50"; "Yesterday 23:50" of a visit that goes on into the day under which it stands.
export function startOf(visit: Pick<Visit, "first_seen" | "last_seen">, at: number): string {
  const day = dayOf(visit.first_seen, at);
  const start = clockOf(visit.first_seen);
  return day === dayOf(visit.last_seen, at) ? start : `${day} ${start}`;
}

// The runner-up is the likeliest where the name was wrong.
export function guessesOf(visit: Visit): Guess[] {
  return visit.second_person ? [{ person: visit.second_person, name: visit.second_name, probability: null }] : [];
}

async function correct(visit: Visit): Promise<void> {
  const target = await whoIsIt("Who was it?", guessesOf(visit));
  if (!target) return;
  const name = "name" in target ? target.name : nameOf(target.person);
  await act(`The visit was ${name}'s.`, () => calls.assign("visits", visit.id, target), visit.id);
}

// `day`: the first of its day.
export function VisitRow({ visit, day }: { visit: Visit; day: boolean }) {
  const name = nameOfVisit(visit);
  return (
    <div class="visit">
      <span class="visit-day">{day && dayOf(visit.last_seen, now.value)}</span>
      <Crop src={visit.image} size="s" />
      <span class="visit-who">
        {visit.person ? <a href={linkTo("person", visit.person)}>{name}</a> : <span class="stranger">{name}</span>}
        {visit.corrected_by && <Badge>corrected</Badge>}
        {visit.state !== "ended" && <Badge kind="good">here</Badge>}
      </span>
      <span class="visit-where quiet">{visit.camera}</span>
      <span class="visit-when quiet">
        {visit.state === "ended" ? startOf(visit, now.value) : <Ago time={visit.first_seen} />}, {durationOf(visit)}
      </span>
      <span class="visit-sure quiet">{percent(visit.probability)}</span>
      {mayManage.value && (
        <button type="button" class="button-small" aria-label={`Correct ${name}`} onClick={() => void correct(visit)}>
          Correct
        </button>
      )}
    </div>
  );
}

// One thing to look at: a group of unknown faces, or a face whose name is in doubt.
import * as calls from "../api/calls.ts";
import type { Face, Guess } from "../api/types.ts";
import { people } from "../state/directory.ts";
import { useResource } from "../state/resource.ts";
import type { ReviewItem } from "../state/review_items.ts";
import { mayManage } from "../state/session.ts";
import { Crop } from "../ui/crop.tsx";
import { Badge, count, Key, percent } from "../ui/parts.tsx";
import { Ago } from "../ui/time.tsx";
import { actionsOf } from "./review_actions.ts";

interface Props {
  item: ReviewItem;
  current: boolean;
  onSelect: () => void;
  onDecided: () => void;
  onFrame: (face: string) => void;
}

const shownFaces = 10;

function describeItem(item: ReviewItem): string {
  if (item.unknown) return `Unknown, ${count(item.unknown.faces, "face")}`;
  return `Perhaps ${item.face?.name ?? ""}`;
}

export function ReviewCard({ item, current, onSelect, onDecided, onFrame }: Props) {
  const title = describeItem(item);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the arrows select
    <li
      id={`review-${item.id}`}
      class={`review-card${item.done ? " review-done" : ""}`}
      aria-current={current || undefined}
      aria-label={title}
      tabIndex={-1}
      onClick={onSelect}
    >
      {item.done ? (
        <p class="review-decided">{item.done}</p>
      ) : (
        <Open item={item} title={title} onDecided={onDecided} onFrame={onFrame} />
      )}
    </li>
  );
}

function Open({
  item,
  title,
  onDecided,
  onFrame,
}: {
  item: ReviewItem;
  title: string;
  onDecided: () => void;
  onFrame: (face: string) => void;
}) {
  const best = item.face?.id ?? item.unknown?.best_face ?? null;
  const actions = actionsOf(item, onDecided);
  return (
    <>
      <button
        type="button"
        class="review-best"
        aria-label="Show the whole frame"
        disabled={!best}
        onClick={() => best && onFrame(best)}
      >
        <Crop src={best ? calls.cropOf(best) : null} size="l" />
      </button>
      <div class="review-text">
        <h2>{title}</h2>
        <p class="quiet">
          {item.unknown ? (
            <>{count(item.unknown.visits, "visit")}, last </>
          ) : (
            item.face?.camera && `${item.face.camera}, `
          )}
          <Ago time={item.last_seen} />
        </p>
        {item.face && item.face.reasons.length > 0 && <Reasons face={item.face} />}
        {item.unknown && <Likes id={item.unknown.id} onFrame={onFrame} />}
        {item.guesses.length > 0 && <Guesses guesses={item.guesses} />}
        {mayManage.value && (
          <div class="actions">
            {actions.map((action) => (
              <button
                key={action.key}
                type="button"
                class={/\d/.test(action.key) ? "button button-guess" : "button"}
                onClick={(event) => {
                  event.stopPropagation();
                  action.run();
                }}
              >
                <Key>{action.key.toUpperCase()}</Key> {action.name}
              </button>
            ))}
          </div>
        )}
      </div>
    </>
  );
}

function Reasons({ face }: { face: Face }) {
  return (
    <p class="badges">
      {face.reasons.map((reason) => (
        <Badge key={reason} kind="warn">
          {reason}
        </Badge>
      ))}
    </p>
  );
}

// The faces of a group, beside each other.
function Likes({ id, onFrame }: { id: string; onFrame: (face: string) => void }) {
  const faces = useResource(() => calls.faces({ unknown: id, limit: shownFaces }), [id]);
  return (
    <ul class="strip" aria-label="Faces of the group">
      {(faces.value.value?.items ?? []).map((face, index) => (
        <li key={face.id}>
          <button
            type="button"
            class="strip-face"
            aria-label={`Frame of face ${index + 1}`}
            onClick={() => onFrame(face.id)}
          >
            <Crop src={face.image} />
          </button>
        </li>
      ))}
    </ul>
  );
}

// Who it may be, with a picture of each to compare.
function Guesses({ guesses }: { guesses: Guess[] }) {
  return (
    <ul class="guesses" aria-label="Who it may be">
      {guesses.slice(0, 3).map((guess) => {
        const picture = people.value.get(guess.person)?.image;
        return (
          <li key={guess.person}>
            <Crop src={picture ?? null} />
            <span class="guess-name">{guess.name}</span>
            <span class="quiet">{percent(guess.probability)}</span>
          </li>
        );
      })}
    </ul>
  );
}

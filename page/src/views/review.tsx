// Who is that: one thing after the other, by keys or by buttons.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { describe } from "../api/client.ts";
import { listen } from "../state/live.ts";
import { onUndone } from "../state/messages.ts";
import { count, nextAfter } from "../state/review_items.ts";
import { guess, queue, readQueue } from "../state/review_queue.ts";
import { mayManage } from "../state/session.ts";
import { Held } from "../ui/held.tsx";
import { useKeys } from "../ui/keys.ts";
import { count as counted, Empty, Failed, Skeleton, Title } from "../ui/parts.tsx";
import { FrameDialog } from "./frame_dialog.tsx";
import { actionsOf } from "./review_actions.ts";
import { ReviewCard } from "./review_card.tsx";

export function ReviewView() {
  const loaded = useSignal(false);
  const error = useSignal("");
  const current = useSignal("");
  const frame = useSignal<string | null>(null);
  const items = queue.items.value;
  const item = items.find((one) => one.id === current.value) ?? items.find((one) => !one.done) ?? items[0];

  function read(anew: boolean): void {
    readQueue(anew).then(
      () => {
        loaded.value = true;
        error.value = "";
      },
      (problem: unknown) => {
        error.value = describe(problem);
      },
    );
  }

  // `read` only uses signals
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const soon = (): void => {
      timer ??= setTimeout(() => {
        timer = undefined;
        read(false);
      }, 700);
    };
    read(true);
    onUndone(() => read(false));
    const end = listen(["unknown.", "face.", "visit.", "person.", "change.", "reset"], soon);
    return () => {
      clearTimeout(timer);
      onUndone(() => {});
      end();
    };
  }, []);

  const id = item?.id ?? "";
  useEffect(() => {
    // What the keys mean is this until somebody goes on, whatever comes to the top.
    if (!queue.items.peek().some((one) => one.id === current.value)) current.value = id;
    // Without guesses all else goes on.
    if (item && !item.done) guess(item).catch(() => {});
    // once for each
  }, [id]);

  // What follows a decision, unless somebody has gone on to another thing while the server was slow.
  const chosen = item?.id ?? "";
  function decided(id: string): void {
    if (current.value === "" || current.value === chosen) select(nextAfter(queue.items.value, id));
  }

  function select(id: string): void {
    current.value = id;
    // The new one is in view before its keys are pressed.
    requestAnimationFrame(() => {
      const card = document.getElementById(`review-${id}`);
      card?.scrollIntoView({ block: "nearest" });
      card?.focus({ preventScroll: true });
    });
  }

  function step(by: number): void {
    const at = items.findIndex((one) => one.id === item?.id);
    const next = items[at + by];
    if (next) select(next.id);
  }

  const actions = item && mayManage.value && !item.done ? actionsOf(item, () => decided(item.id)) : [];
  useKeys("Review", [
    ...actions,
    {
      key: "f",
      says: "show the whole frame",
      run: () => {
        frame.value = item?.face?.id ?? item?.unknown?.best_face ?? null;
      },
    },
    { key: "ArrowDown", says: "the next", run: () => step(1), repeats: true },
    { key: "ArrowUp", says: "the one before", run: () => step(-1), repeats: true },
  ]);

  const left = count(items);
  return (
    <>
      <Title text="Review">
        {loaded.value && (
          <span class="quiet">
            {left ? `${counted(left, "face or group", "faces and groups")} to look at` : "Nothing left"}
          </span>
        )}
      </Title>
      {error.value && items.length === 0 && <Failed error={error.value} retry={() => read(true)} />}
      {!loaded.value && !error.value && <Skeleton count={4} shape="row" />}
      {loaded.value && items.length === 0 && (
        <Empty icon="check" title="Nothing to look at">
          <p>Faces that nobody knows, and names that are in doubt, come here by themselves.</p>
        </Empty>
      )}
      <Held list={queue} word="to look at">
        <ol class="review" aria-label="To look at">
          {items.map((one) => (
            <ReviewCard
              key={one.id}
              item={one}
              current={one.id === item?.id}
              onSelect={() => {
                current.value = one.id;
              }}
              onDecided={() => decided(one.id)}
              onFrame={(face) => {
                frame.value = face;
              }}
            />
          ))}
        </ol>
      </Held>
      {frame.value && (
        <FrameDialog
          face={frame.value}
          onClose={() => {
            frame.value = null;
          }}
        />
      )}
    </>
  );
}

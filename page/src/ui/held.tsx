// Around a list whose news wait while somebody is at it.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { HeldList, Keyed } from "../state/held_list.ts";
import { count } from "./parts.tsx";

export function Held<T extends Keyed>({
  list,
  word,
  children,
}: {
  list: HeldList<T>;
  word: string;
  children: ComponentChildren;
}) {
  const area = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = area.current;
    if (!element) return;
    let pointer = false;
    const look = (): void => {
      const reading = element.getBoundingClientRect().top < -1;
      if (pointer || reading || element.contains(document.activeElement)) list.hold();
      else list.rest();
    };
    const at = (there: boolean) => (): void => {
      pointer = there;
      look();
    };
    const came = at(true);
    const went = at(false);
    // Where the focus goes is only known after it has left.
    const later = (): void => queueMicrotask(look);
    element.addEventListener("pointerenter", came);
    element.addEventListener("pointerleave", went);
    element.addEventListener("focusin", look);
    element.addEventListener("focusout", later);
    addEventListener("scroll", look, { passive: true });
    return () => {
      element.removeEventListener("pointerenter", came);
      element.removeEventListener("pointerleave", went);
      element.removeEventListener("focusin", look);
      element.removeEventListener("focusout", later);
      removeEventListener("scroll", look);
    };
  }, [list]);
  const news = list.news.value;
  return (
    <div ref={area}>
      <div class="news" aria-live="polite">
        {news > 0 && (
          <button
            type="button"
            class="button button-news"
            onClick={() => {
              list.release();
              scrollTo({ top: 0 });
            }}
          >
            Show {count(news, `new ${word}`)}
          </button>
        )}
      </div>
      {children}
    </div>
  );
}

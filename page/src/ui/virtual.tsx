// A long list of which only what is near the window is in the document. Rows are of one height; the page itself scrolls.
import { useComputed, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Keyed } from "../state/held_list.ts";

export interface Window {
  first: number; // row
  last: number; // behind the last row
}

// The rows that stand in a window of `height` that begins `top` pixels below the list's beginning, and `spare` on each side.
export function windowOf(top: number, height: number, rowHeight: number, rows: number, spare = 4): Window {
  const first = Math.max(0, Math.min(rows, Math.floor(top / rowHeight) - spare));
  const last = Math.max(first, Math.min(rows, Math.ceil((top + height) / rowHeight) + spare));
  return { first, last };
}

export function columnsOf(width: number, least: number): number {
  return least > 0 ? Math.max(1, Math.floor(width / least)) : 1;
}

interface Props<T extends Keyed> {
  items: T[];
  label: string;
  rowHeight: number;
  columnWidth?: number; // at least; 0: one column
  render: (item: T, index: number) => ComponentChildren;
  onEnd?: () => void; // the end is near: more may be read
}

export function Virtual<T extends Keyed>({ items, label, rowHeight, columnWidth = 0, render, onEnd }: Props<T>) {
  const list = useRef<HTMLUListElement>(null);
  const columns = useSignal(1);
  const first = useSignal(0);
  const last = useSignal(0);
  const shown = useComputed(() => ({ first: first.value, last: last.value }));
  const rows = Math.ceil(items.length / columns.value);

  useEffect(() => {
    const element = list.current;
    if (!element) return;
    let frame = 0;
    const measure = (): void => {
      frame = 0;
      columns.value = columnsOf(element.clientWidth, columnWidth);
      const count = Math.ceil(items.length / columns.value);
      const window = windowOf(-element.getBoundingClientRect().top, innerHeight, rowHeight, count);
      first.value = window.first;
      last.value = window.last;
      if (window.last >= count - 2) onEnd?.();
    };
    const soon = (): void => {
      frame ||= requestAnimationFrame(measure);
    };
    measure();
    const resized = new ResizeObserver(soon);
    resized.observe(element);
    addEventListener("scroll", soon, { passive: true });
    return () => {
      cancelAnimationFrame(frame);
      resized.disconnect();
      removeEventListener("scroll", soon);
    };
  }, [items.length, rowHeight, columnWidth, onEnd, columns, first, last]);

  function moveFocus(event: KeyboardEvent): void {
    const steps: Record<string, number> = { ArrowDown: columns.value, ArrowUp: -columns.value };
    if (columns.value > 1) Object.assign(steps, { ArrowRight: 1, ArrowLeft: -1 });
    const step = steps[event.key];
    const item = (event.target as HTMLElement).closest<HTMLElement>("[data-index]");
    if (step === undefined || !item || (event.target as HTMLElement).matches("input, select")) return;
    const wanted = Number(item.dataset.index) + step;
    const next = list.current?.querySelector<HTMLElement>(`[data-index="${wanted}"] :is(a, button)`);
    if (next) {
      event.preventDefault();
      next.focus();
      next.scrollIntoView({ block: "nearest" });
    }
  }

  const { value } = shown;
  const from = value.first * columns.value;
  return (
    // arrows move between the items' own controls
    <ul
      ref={list}
      class={columnWidth ? "virtual virtual-grid" : "virtual"}
      aria-label={label}
      style={{ height: `${rows * rowHeight}px` }}
      onKeyDown={moveFocus}
    >
      {items.slice(from, value.last * columns.value).map((item, index) => {
        const place = from + index;
        return (
          <li
            key={item.id}
            data-index={place}
            aria-setsize={items.length}
            aria-posinset={place + 1}
            style={{
              height: `${rowHeight}px`,
              width: `${100 / columns.value}%`,
              transform: `translate(${(place % columns.value) * 100}%, ${Math.floor(place / columns.value) * rowHeight}px)`,
            }}
          >
            {render(item, place)}
          </li>
        );
      })}
    </ul>
  );
}

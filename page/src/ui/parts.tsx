// Small parts that every view has.
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { Icon, type IconName } from "./icons.tsx";

// The view's heading, which names the page.
export function Title({ text, children }: { text: string; children?: ComponentChildren }) {
  useEffect(() => {
    document.title = `${text} · facepipe`;
  }, [text]);
  return (
    <header class="title">
      <h1 tabIndex={-1}>{text}</h1>
      <div class="title-actions">{children}</div>
    </header>
  );
}

export function Empty({ icon, title, children }: { icon: IconName; title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <Icon name={icon} />
      <h2>{title}</h2>
      <div class="empty-text">{children}</div>
    </div>
  );
}

export function Failed({ error, retry }: { error: string; retry: () => void }) {
  return (
    <div class="empty" role="alert">
      <Icon name="warning" />
      <h2>This could not be read</h2>
      <div class="empty-text">
        <p>{error}</p>
        <button type="button" class="button" onClick={retry}>
          Try again
        </button>
      </div>
    </div>
  );
}

// What will be there soon: `count` grey shapes.
export function Skeleton({ count, shape }: { count: number; shape: "row" | "card" | "crop" }) {
  return (
    <div class={`skeletons skeletons-${shape}`} role="status">
      <span class="hidden">Loading</span>
      {Array.from({ length: count }, (_, index) => (
        // they are all alike
        <span class={`skeleton skeleton-${shape}`} key={index} />
      ))}
    </div>
  );
}

export function Badge({ children, kind = "plain" }: { children: ComponentChildren; kind?: "plain" | "warn" | "good" }) {
  return <span class={`badge badge-${kind}`}>{children}</span>;
}

// "87 %", or nothing where there is no figure.
export function percent(share: number | null | undefined): string {
  return share === null || share === undefined ? "" : `${Math.round(share * 100)} %`;
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString()} ${number === 1 ? one : many}`;
}

export function bytes(number: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = number;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

export function Key({ children }: { children: string }) {
  return <kbd aria-hidden="true">{children}</kbd>;
}

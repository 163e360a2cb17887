// Times as people say them, kept true while the page stands open.
import { signal } from "@preact/signals";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

export const now = signal(Date.now());

export function startClock(): void {
  setInterval(() => {
    now.value = Date.now();
  }, minute / 4);
}

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const date = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const dateOfYear = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const weekdayOfYear = new Intl.DateTimeFormat(undefined, {
  weekday: "long",
  day: "numeric",
  month: "long",
  year: "numeric",
});
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

function startOfDay(time: number): number {
  return new Date(time).setHours(0, 0, 0, 0);
}

function daysBefore(time: number, at: number): number {
  return Math.round((startOfDay(at) - startOfDay(time)) / day);
}

function ofSameYear(time: number, at: number): boolean {
  return new Date(time).getFullYear() === new Date(at).getFullYear();
}

export function ago(iso: string, at: number): string {
  const time = Date.parse(iso);
  const age = at - time;
  if (Number.isNaN(time)) return "";
  if (age < minute) return "just now";
  if (age < hour) return `${Math.floor(age / minute)} min ago`;
  const days = daysBefore(time, at);
  if (days === 0) return clock.format(time);
  if (days === 1) return `yesterday ${clock.format(time)}`;
  return (ofSameYear(time, at) ? date : dateOfYear).format(time);
}

export function dayOf(iso: string, at: number): string {
  const time = Date.parse(iso);
  if (Number.isNaN(time)) return "";
  const days = daysBefore(time, at);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  return (ofSameYear(time, at) ? weekday : weekdayOfYear).format(time);
}

export function clockOf(iso: string): string {
  const time = Date.parse(iso);
  return Number.isNaN(time) ? "" : clock.format(time);
}

// "40 s", "12 min", "2 h 5 min", "3 days".
export function span(seconds: number): string {
  if (seconds < 90) return `${Math.max(0, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  return `${Math.round(hours / 24)} days`;
}

export function Ago({ time }: { time: string }) {
  // The exact time is made out only where somebody points: of a long list nobody asks for most.
  const tell = (event: PointerEvent): void => {
    const parsed = Date.parse(time);
    if (!Number.isNaN(parsed)) (event.currentTarget as HTMLElement).title = exact.format(parsed);
  };
  return (
    <time dateTime={time} onPointerEnter={tell}>
      {ago(time, now.value)}
    </time>
  );
}

// What the page reads of the server's metrics. Source of their format: Prometheus text exposition, 0.0.4.
export interface Counters {
  frames: number; // taken
  answers: number; // faces answered
}

// The sum of a counter over its labels; 0 where there is none.
export function counter(text: string, name: string): number {
  let sum = 0;
  for (const line of text.split("\n")) {
    if (!line.startsWith(name)) continue;
    const value = /^(?:\{[^}]*\})? ([0-9.e+]+)/.exec(line.slice(name.length))?.[1];
    sum += value === undefined ? 0 : Number(value);
  }
  return sum;
}

export function countersOf(text: string): Counters {
  return {
    frames: counter(text, "facepipe_frames_accepted_total"),
    answers: counter(text, "facepipe_answers_total"),
  };
}

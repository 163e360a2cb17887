// A line over time. What draws it is fetched only where there is one.
import { useEffect, useRef } from "preact/hooks";
import type uPlot from "uplot";

export type Samples = [times: number[], values: (number | null)[]];

interface Props {
  title: string;
  unit: string;
  samples: Samples; // times in seconds
}

const height = 150;
export const shownFor = 300; // seconds

function colours(element: Element): { line: string; text: string; grid: string } {
  const style = getComputedStyle(element);
  return {
    line: style.getPropertyValue("--accent"),
    text: style.getPropertyValue("--quiet"),
    grid: style.getPropertyValue("--line"),
  };
}

export function Plot({ title, unit, samples }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const data = useRef(samples);
  data.current = samples;

  useEffect(() => {
    let left = false;
    let resized: ResizeObserver | null = null;
    const element = place.current;
    void import("uplot").then(({ default: UPlot }) => {
      if (left || !element) return;
      const { line, text, grid } = colours(element);
      const axis = { stroke: text, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1 } };
      const made = new UPlot(
        {
          width: element.clientWidth,
          height,
          cursor: { show: false },
          legend: { show: false },
          scales: {
            x: { range: (_, __, last) => [last - shownFor, last] },
            y: { range: (_, __, most) => [0, Math.max(1, most * 1.1)] },
          },
          axes: [axis, { ...axis, size: 44 }],
          series: [{}, { stroke: line, width: 2, points: { show: false } }],
        },
        data.current,
        element,
      );
      plot.current = made;
      resized = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
      resized.observe(element);
    });
    return () => {
      left = true;
      resized?.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, []);

  useEffect(() => {
    plot.current?.setData(samples);
  }, [samples]);

  const last = samples[1].at(-1);
  const text =
    last === null || last === undefined
      ? "no figure yet"
      : `${last < 10 && !Number.isInteger(last) ? last.toFixed(1) : Math.round(last)} ${unit}`;
  return (
    <figure class="plot">
      <figcaption>
        {title} <strong>{text}</strong>
      </figcaption>
      <div ref={place} class="plot-place" role="img" aria-label={`${title}: ${text}`} />
    </figure>
  );
}

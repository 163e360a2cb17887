// The page's own few pictures, drawn by lines of one width.
const paths = {
  now: "M3 7h4l2-2h6l2 2h4v12H3zM12 16.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z",
  review: "M4 5h16v11H9l-5 4zM9.5 9a2.5 2.5 0 1 1 3.3 2.4c-.5.2-.8.5-.8 1M12 14.4v.1",
  people:
    "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20a6.5 6.5 0 0 1 13 0M16 4.5a3.5 3.5 0 0 1 0 6.5M18 14a6.5 6.5 0 0 1 3.5 6",
  visits: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3.5 2",
  settings:
    "M4 7h9M17 7h3M4 17h3M11 17h9M15 9.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5zM9 19.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z",
  system: "M3 12h4l3-7 4 14 3-7h4",
  face: "M12 12.500a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.500 20.500a7.500 7.500 0 0 1 15 0",
  close: "M6 6l12 12M18 6L6 18",
  undo: "M8 6L4 10l4 4M4 10h10a5 5 0 0 1 0 10h-3",
  add: "M12 5v14M5 12h14",
  picture: "M4 5h16v14H4zM4 16l5-5 4 4 2-2 5 4M15.500 10a1.500 1.500 0 1 0 0-3 1.500 1.500 0 0 0 0 3z",
  check: "M5 12.500l4.500 4.500L19 7",
  warning: "M12 4l9 16H3zM12 10v4M12 17v.1",
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}

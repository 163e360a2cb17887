// A picture with boxes over it, each with a word.
import type { Box } from "../api/types.ts";

export interface Marked {
  box: Box;
  text: string;
  known: boolean;
}

interface Props {
  src: string;
  label: string;
  width: number; // of the picture that the boxes are in
  height: number;
  marks: Marked[];
}

const share = (part: number, of: number): string => `${(100 * part) / of}%`;

export function Boxes({ src, label, width, height, marks }: Props) {
  return (
    <span class="boxes" style={{ aspectRatio: `${width} / ${height}`, "--ratio": String(width / height) }}>
      <img src={src} alt={label} width={width} height={height} decoding="async" />
      {marks.map(({ box, text, known }) => (
        <span
          key={`${box.x1} ${box.y1}`}
          class={known ? "box box-known" : "box"}
          style={{
            left: share(box.x1, width),
            top: share(box.y1, height),
            width: share(box.x2 - box.x1, width),
            height: share(box.y2 - box.y1, height),
          }}
        >
          <span class="box-text">{text}</span>
        </span>
      ))}
    </span>
  );
}

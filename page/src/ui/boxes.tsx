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
  width: number;
  height: number;
  marks: Marked[];
  onError?: () => void;
}

export function Boxes({ src, label, width, height, marks, onError }: Props) {
  return (
    <span class="boxes" style={{ aspectRatio: `${width} / ${height}` }}>
      <img src={src} alt={label} width={width} height={height} decoding="async" onError={onError} />
      {marks.map(({ box, text, known }) => (
        <span
          key={box.join()}
          class={known ? "box box-known" : "box"}
          style={{
            left: `${(100 * box[0]) / width}%`,
            top: `${(100 * box[1]) / height}%`,
            width: `${(100 * (box[2] - box[0])) / width}%`,
            height: `${(100 * (box[3] - box[1])) / height}%`,
          }}
        >
          <span class="box-text">{text}</span>
        </span>
      ))}
    </span>
  );
}

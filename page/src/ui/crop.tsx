// A face: its picture where that is kept, else a sign for one.
import { useSignal } from "@preact/signals";
import { Icon } from "./icons.tsx";

// `label` empty: what stands beside it says who it is.
export function Crop({ src, label = "", size = "m" }: { src: string | null; label?: string; size?: "s" | "m" | "l" }) {
  const missing = useSignal<string | null>(null); // another picture may be there
  const shown = src !== null && missing.value !== src;
  return (
    <span class={`crop crop-${size}`}>
      {shown ? (
        <img
          src={src}
          alt={label}
          loading="lazy"
          decoding="async"
          onError={() => {
            missing.value = src;
          }}
        />
      ) : (
        <span class="crop-none">
          <Icon name="face" />
          {label && <span class="hidden">{label}</span>}
        </span>
      )}
    </span>
  );
}

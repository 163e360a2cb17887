// A face: its picture where that is kept, else a sign for one.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Icon } from "./icons.tsx";

// `label` empty: what stands beside it says who it is.
export function Crop({ src, label = "", size = "m" }: { src: string | null; label?: string; size?: "s" | "m" | "l" }) {
  const missing = useSignal(false);
  // another picture may be there
  useEffect(() => {
    missing.value = false;
  }, [src]);
  const shown = src !== null && !missing.value;
  return (
    <span class={`crop crop-${size}`}>
      {shown ? (
        <img
          src={src}
          alt={label}
          loading="lazy"
          decoding="async"
          onError={() => {
            missing.value = true;
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

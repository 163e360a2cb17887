// One picture of this machine's own camera.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Dialog } from "../ui/dialog.tsx";

export function Webcam({ onPicture, onClose }: { onPicture: (picture: Blob) => void; onClose: () => void }) {
  const video = useRef<HTMLVideoElement>(null);
  const error = useSignal("");
  const ready = useSignal(false); // there is a picture to take
  useEffect(() => {
    let stream: MediaStream | null = null;
    let left = false;
    const camera = navigator.mediaDevices?.getUserMedia({ video: { width: { ideal: 1280 } } });
    if (!camera) error.value = "The browser gives a camera only to pages by https or of this machine.";
    camera?.then(
      (got) => {
        stream = got;
        for (const track of got.getTracks()) {
          track.addEventListener("ended", () => {
            error.value = "The camera has gone.";
          });
        }
        if (left) for (const track of got.getTracks()) track.stop();
        else if (video.current) video.current.srcObject = got;
      },
      () => {
        error.value = "The browser gives no camera.";
      },
    );
    return () => {
      left = true;
      for (const track of stream?.getTracks() ?? []) track.stop();
    };
  }, [error]);

  function take(): void {
    const from = video.current;
    if (!from?.videoWidth) return;
    const canvas = document.createElement("canvas");
    canvas.width = from.videoWidth;
    canvas.height = from.videoHeight;
    canvas.getContext("2d")?.drawImage(from, 0, 0);
    canvas.toBlob((picture) => picture && onPicture(picture), "image/jpeg", 0.92);
  }

  return (
    <Dialog title="Webcam" onClose={onClose} wide>
      {error.value ? (
        <p class="bad" role="alert">
          {error.value}
        </p>
      ) : (
        // a camera has no captions
        <video
          ref={video}
          class="webcam"
          autoplay
          playsInline
          muted
          aria-label="What the camera sees"
          onLoadedData={() => {
            ready.value = true;
          }}
        />
      )}
      <footer class="dialog-foot">
        <button type="button" class="button button-main" disabled={error.value !== "" || !ready.value} onClick={take}>
          Take the picture
        </button>
      </footer>
    </Dialog>
  );
}

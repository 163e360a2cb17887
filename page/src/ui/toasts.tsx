import { announcement, dismiss, toasts, undoLast } from "../state/messages.ts";
import { Icon } from "./icons.tsx";

export function Toasts() {
  return (
    <>
      <div class="hidden" role="status" aria-live="polite">
        {announcement.value}
      </div>
      <section class="toasts" aria-label="Messages">
        {toasts.value.map((toast) => (
          <div key={toast.key} class={`toast toast-${toast.kind}`}>
            <Icon name={toast.kind === "done" ? "check" : "warning"} />
            <span class="toast-text">{toast.text}</span>
            {toast.changes.length > 0 && (
              <button type="button" class="button-link" onClick={() => void undoLast(toast)}>
                Undo
              </button>
            )}
            <button type="button" class="button-plain" aria-label="Dismiss" onClick={() => dismiss(toast.key)}>
              <Icon name="close" />
            </button>
          </div>
        ))}
      </section>
    </>
  );
}

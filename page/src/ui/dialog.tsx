// The browser's own dialog: it keeps the focus inside, closes by Escape, and gives the focus back.
import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { Icon } from "./icons.tsx";

interface Props {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  wide?: boolean;
  lasting?: boolean; // neither Escape, however often, nor a click beside it closes it
}

export function Dialog({ title, onClose, children, wide = false, lasting = false }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const pressed = useRef<EventTarget | null>(null);
  const id = useId();
  // Before the next key comes: one that is pressed before the next frame is painted already belongs to the dialog.
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    // The first field, not the button that closes.
    element?.querySelector<HTMLElement>("input:not([tabindex]), select")?.focus();
    return () => element?.close();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape is the key for it
    <dialog
      ref={dialog}
      class={wide ? "dialog dialog-wide" : "dialog"}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        if (!lasting) onClose();
      }}
      onClose={() => {
        // A browser closes it at the second Escape, whatever was said to the first.
        if (!dialog.current?.isConnected) return;
        if (lasting) dialog.current.showModal();
        else onClose();
      }}
      onPointerDown={(event) => {
        pressed.current = event.target;
      }}
      onClick={(event) => {
        // What was pressed in it and let go beside it, as when text is marked, closes nothing.
        if (event.target === dialog.current && pressed.current === dialog.current && !lasting) onClose();
      }}
    >
      <div class="dialog-body">
        <header class="dialog-head">
          <h2 id={id}>{title}</h2>
          {!lasting && (
            <button type="button" class="button-plain" aria-label="Close" onClick={onClose}>
              <Icon name="close" />
            </button>
          )}
        </header>
        {children}
      </div>
    </dialog>
  );
}

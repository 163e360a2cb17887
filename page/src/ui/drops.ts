// Files that are dropped: a browser opens what nobody takes in place of the page, with all that is under way on it.
let taker: ((file: File) => void) | null = null;

// From now on what is dropped beside those who take files goes to `take`, but for what is dropped while a dialog is open; until
// what this gives is called.
export function takeDrops(take: (file: File) => void): () => void {
  taker = take;
  return () => {
    if (taker === take) taker = null;
  };
}

export function followDrops(): void {
  const beside = (event: DragEvent): boolean => {
    if (event.defaultPrevented || !event.dataTransfer?.types.includes("Files")) return false;
    event.preventDefault();
    return true;
  };
  addEventListener("dragover", beside);
  addEventListener("drop", (event) => {
    const file = beside(event) && event.dataTransfer?.files[0];
    if (file && !document.querySelector("dialog[open]")) taker?.(file);
  });
}

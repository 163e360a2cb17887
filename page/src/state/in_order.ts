// Answers come in any order: one that was asked for before what is shown was is old, and is dropped.

// Called when something is asked for; what it gives is called when the answer is there: whether the answer is to be shown.
export type Asking = () => () => boolean;

export function inOrder(): Asking {
  let asked = 0;
  let shown = 0;
  return () => {
    asked += 1;
    const turn = asked;
    return () => {
      if (turn < shown) return false;
      shown = turn;
      return true;
    };
  };
}

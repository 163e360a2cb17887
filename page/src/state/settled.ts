// Changes of this page that the server has not answered yet: what is read meanwhile may be of before, or gone.
let changes = 0;
let waiting: (() => void)[] = [];

export async function asChange<T>(work: () => Promise<T>): Promise<T> {
  changes += 1;
  try {
    return await work();
  } finally {
    changes -= 1;
    // After whoever asked for the change has gone on from it, to another view perhaps.
    setTimeout(() => {
      if (changes > 0) return;
      const ready = waiting;
      waiting = [];
      for (const then of ready) then();
    });
  }
}

// At once, or when no change is under way.
export function whenSettled(then: () => void): void {
  if (changes === 0) then();
  else waiting.push(then);
}

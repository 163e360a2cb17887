// A list that never moves under the pointer: what is new waits until it is asked for, or until nobody is at the list.
import { computed, type Signal, signal } from "@preact/signals";

export interface Keyed {
  id: string;
}

export class HeldList<T extends Keyed> {
  readonly items: Signal<T[]> = signal([]);
  private readonly waiting = signal<T[]>([]); // the newest first
  readonly news = computed(() => this.waiting.value.length);
  private held = false;

  // Those that are shown, and those that wait to be.
  all(): T[] {
    return [...this.items.value, ...this.waiting.value];
  }

  // All of it anew: another question was asked.
  reset(items: T[]): void {
    this.items.value = items;
    this.waiting.value = [];
  }

  // More at the end; what is there already stays as it is.
  append(items: T[]): void {
    const known = new Set(this.all().map((item) => item.id));
    this.items.value = [...this.items.value, ...items.filter((item) => !known.has(item.id))];
  }

  // Somebody is at the list: nothing is put in.
  hold(): void {
    this.held = true;
  }

  // Nobody is any more.
  rest(): void {
    this.held = false;
    this.release();
  }

  // What waits goes to the top.
  release(): void {
    if (this.waiting.value.length === 0) return;
    this.items.value = [...this.waiting.value, ...this.items.value];
    this.waiting.value = [];
  }

  // One that is there is changed in its place.
  put(item: T): void {
    const replace = (list: T[]): T[] => list.map((one) => (one.id === item.id ? item : one));
    if (this.items.value.some((one) => one.id === item.id)) {
      this.items.value = replace(this.items.value);
    } else if (this.waiting.value.some((one) => one.id === item.id)) {
      this.waiting.value = replace(this.waiting.value);
    } else if (this.held) {
      this.waiting.value = [item, ...this.waiting.value];
    } else {
      this.items.value = [item, ...this.items.value];
    }
  }

  // As put, but only of one that is there.
  update(id: string, change: (item: T) => T): void {
    const old = this.all().find((one) => one.id === id);
    if (old) this.put(change(old));
  }

  remove(id: string): void {
    this.items.value = this.items.value.filter((one) => one.id !== id);
    this.waiting.value = this.waiting.value.filter((one) => one.id !== id);
  }
}

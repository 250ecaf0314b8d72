/** What happens to a message that finds the mailbox full. A call never waits or evicts: it fails at once. */
export type Overflow =
  /** `post` waits for room; `send` is refused. */
  | "block"
  /** The new message is dropped. */
  | "drop_new"
  /** The oldest waiting message is dropped. */
  | "drop_old"
  /** Refused, and `post` rejects. */
  | "fail";

/** A first-in, first-out queue whose ends are cheap however long it is; it takes no memory while it is empty. */
export class Fifo<T> {
  #items: T[] | undefined;
  #head = 0;

  get length(): number {
    return this.#items === undefined ? 0 : this.#items.length - this.#head;
  }

  push(item: T): void {
    if (this.#items === undefined) this.#items = [item];
    else this.#items.push(item);
  }

  /** Puts the items before all others, in their order. */
  unshift(items: readonly T[]): void {
    if (items.length === 0) return;
    if (this.#items !== undefined && items.length <= this.#head) {
      this.#head -= items.length;
      for (let place = 0; place < items.length; place++) this.#items[this.#head + place] = items[place] as T;
      return;
    }
    this.#items = [...items, ...(this.#items?.slice(this.#head) ?? [])];
    this.#head = 0;
  }

  shift(): T | undefined {
    const items = this.#items;
    if (items === undefined || items.length === 0) return undefined;
    // One alone keeps its room: setting the length to 0 would give it away, to be taken again by the next.
    if (items.length === 1) return items.pop();
    const item = items[this.#head] as T;
    items[this.#head++] = undefined as T;
    if (this.#head === items.length) {
      this.#head = 0;
      if (items.length > 64) this.#items = undefined;
      else items.length = 0;
    } else if (this.#head > 1024 && this.#head * 2 > items.length) {
      items.splice(0, this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** Takes out the first item that passes; `undefined` when none does. */
  takeFirst(isWanted: (item: T) => boolean): T | undefined {
    const items = this.#items ?? [];
    for (let place = this.#head; place < items.length; place++)
      if (isWanted(items[place] as T)) return place === this.#head ? this.shift() : items.splice(place, 1)[0];
    return undefined;
  }

  /** Takes everything out. */
  clear(): T[] {
    const rest = this.#items?.slice(this.#head) ?? [];
    this.#items = undefined;
    this.#head = 0;
    return rest;
  }
}

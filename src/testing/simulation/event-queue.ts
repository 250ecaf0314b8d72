/** What falls due, in the order of time; at the same time in the order of arrival. A binary heap. */
export class EventQueue<E extends { readonly atMs: number }> {
  readonly #heap: { readonly event: E; readonly order: number }[] = [];
  #count = 0;

  get size(): number {
    return this.#heap.length;
  }

  get events(): readonly E[] {
    return this.#heap.map(({ event }) => event);
  }

  add(event: E): void {
    const heap = this.#heap;
    heap.push({ event, order: this.#count++ });
    for (let place = heap.length - 1; place > 0;) {
      const parent = (place - 1) >> 1;
      if (this.#isBefore(parent, place)) return;
      this.#swap(parent, place);
      place = parent;
    }
  }

  next(): E | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first?.event;
    heap[0] = last;
    for (let place = 0; ;) {
      let least = place;
      for (const child of [2 * place + 1, 2 * place + 2])
        if (child < heap.length && this.#isBefore(child, least)) least = child;
      if (least === place) return first.event;
      this.#swap(least, place);
      place = least;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const [first, second] = [this.#heap[a], this.#heap[b]];
    if (first === undefined || second === undefined) return false;
    const byTime = first.event.atMs - second.event.atMs;
    return byTime === 0 ? first.order < second.order : byTime < 0;
  }

  #swap(a: number, b: number): void {
    const [first, second] = [this.#heap[a], this.#heap[b]];
    if (first === undefined || second === undefined) return;
    this.#heap[a] = second;
    this.#heap[b] = first;
  }
}

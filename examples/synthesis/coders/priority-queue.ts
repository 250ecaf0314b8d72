/** Items by rising cost; equal costs leave in the order in which they came. */
export interface PriorityQueue<Item> {
  readonly push: (item: Item, cost: number) => void;
  readonly pop: () => Item | undefined;
}

/** An empty queue (a binary heap). */
export function priorityQueue<Item>(): PriorityQueue<Item> {
  const heap: { readonly item: Item; readonly cost: number; readonly turn: number }[] = [];
  let turn = 0;
  const isBefore = (left: number, right: number): boolean => {
    const [one, two] = [heap[left], heap[right]];
    if (one === undefined || two === undefined) return one !== undefined;
    return one.cost < two.cost || (one.cost === two.cost && one.turn < two.turn);
  };
  const swap = (left: number, right: number): void => {
    const [one, two] = [heap[left], heap[right]];
    if (one !== undefined && two !== undefined) [heap[left], heap[right]] = [two, one];
  };
  return {
    push: (item, cost) => {
      heap.push({ item, cost, turn: turn++ });
      for (let at = heap.length - 1; at > 0 && isBefore(at, (at - 1) >> 1); at = (at - 1) >> 1) swap(at, (at - 1) >> 1);
    },
    pop: () => {
      swap(0, heap.length - 1);
      const top = heap.pop();
      for (let at = 0; ;) {
        const child = isBefore(2 * at + 2, 2 * at + 1) ? 2 * at + 2 : 2 * at + 1;
        if (!isBefore(child, at)) return top?.item;
        swap(child, at);
        at = child;
      }
    },
  };
}

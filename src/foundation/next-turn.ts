/** Lets timers, sockets and signals have their turn: for loops whose awaits may all be answered at once. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

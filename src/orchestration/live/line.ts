/** Where the calls of an instance wait that takes one at a time, the first to come first. */
export class Line {
  #isTaken = false;
  readonly #waiting: (() => void)[] = [];

  /**
   * Resolves when it is the caller's turn, `undefined` when it is at once; then the caller has to `leave`. Rejects with
   * the signal's reason when it aborts first: then there is nothing to leave.
   */
  enter(signal: AbortSignal | undefined): Promise<void> | undefined {
    if (!this.#isTaken) {
      this.#isTaken = true;
      return undefined;
    }
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(onTurn), 1);
        reject(signal?.reason);
      };
      const onTurn = (): void => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      };
      this.#waiting.push(onTurn);
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#isTaken = false;
    else next();
  }
}

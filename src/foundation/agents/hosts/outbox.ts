/** Sends what is said within one turn as one batch, in order: a batch costs little more than a message. */
export class Outbox<T> {
  readonly #post: (batch: readonly T[]) => void;
  readonly #refused: (item: T, error: unknown) => void;
  #waiting: T[] = [];

  /** `post` throws when something in the batch cannot be cloned; `refused` hears which items those were. */
  constructor(post: (batch: readonly T[]) => void, refused: (item: T, error: unknown) => void) {
    this.#post = post;
    this.#refused = refused;
  }

  push(item: T): void {
    this.#waiting.push(item);
    if (this.#waiting.length === 1) queueMicrotask(() => this.flush());
  }

  flush(): void {
    const batch = this.#waiting;
    if (batch.length === 0) return;
    this.#waiting = [];
    try {
      this.#post(batch);
    } catch {
      this.#postEach(batch);
    }
  }

  #postEach(batch: readonly T[]): void {
    for (const item of batch)
      try {
        this.#post([item]);
      } catch (error) {
        this.#refused(item, error);
      }
  }
}

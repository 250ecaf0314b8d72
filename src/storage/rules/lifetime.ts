import { StoreError } from "#foundation";

/** Whether a store is still open: every call asks first, every watch ends with it. */
export class Lifetime {
  readonly #name: string;
  readonly #ending = new AbortController();
  #ended: Promise<void> | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  /** Aborts when the store is disposed of. */
  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  assertOpen(): void {
    if (this.signal.aborted) throw this.closedError();
  }

  closedError(cause?: unknown): StoreError {
    return new StoreError("closed", `${this.#name} was disposed of; open it again to use it`, { cause });
  }

  /** Ends the life once; whoever asks again waits for the same end. */
  end(close: () => Promise<void>): Promise<void> {
    if (this.#ended === undefined) {
      this.#ending.abort();
      this.#ended = close();
    }
    return this.#ended;
  }
}

import { UsageError } from "#foundation";

/** Lets a number of calls run at once; the others wait in the order of their arrival. */
export class Gate {
  readonly #size: number;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  /** Throws `UsageError` for a size that is no whole number above 0; `name` is what the caller calls it. */
  constructor(size: number, name: string) {
    if (!Number.isInteger(size) || size < 1)
      throw new UsageError(`${name}: expected a whole number of at least 1, got ${size}`);
    this.#size = size;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Calls `work` when its turn has come. Rejects with the signal's reason when it aborts before that. */
  async run<T>(work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    await this.#enter(signal);
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }

  async #enter(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (this.#running < this.#size) {
      this.#running++;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const enter = (): void => {
        signal?.removeEventListener("abort", leave);
        resolve();
      };
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(enter), 1);
        reject(signal?.reason);
      };
      this.#waiting.push(enter);
      signal?.addEventListener("abort", leave, { once: true });
    });
  }
}

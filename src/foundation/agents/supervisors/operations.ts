import { Fifo } from "../mailbox.ts";

/**
 * One operation at a time, in order: while a child starts, nothing else happens. What can be done at once is done at
 * once, within `do`.
 */
export class Operations {
  readonly #waiting = new Fifo<() => Promise<void> | undefined>();
  #isBusy = false;

  /** Does the operation after those before it. */
  do<T>(operation: () => T | Promise<T>): Promise<T> {
    if (this.#isBusy)
      return new Promise((resolve, reject) => {
        this.#waiting.push(() => perform(operation, resolve, reject));
      });
    this.#isBusy = true;
    try {
      const result = operation();
      if (result instanceof Promise) return this.#followed(result);
      this.#work();
      return Promise.resolve(result);
    } catch (error) {
      this.#work();
      return Promise.reject(error);
    }
  }

  /** The result, for whoever asked, and then the operations that wait. */
  #followed<T>(result: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      void result.then(resolve, reject).then(() => this.#work());
    });
  }

  #work(): void {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      const performed = next();
      if (performed !== undefined) return void performed.then(() => this.#work());
    }
    this.#isBusy = false;
  }
}

/** A promise if the operation takes its time. It never rejects: the outcome is told to whoever asked. */
function perform<T>(
  operation: () => T | Promise<T>,
  resolve: (value: T) => void,
  reject: (error: unknown) => void,
): Promise<void> | undefined {
  try {
    const result = operation();
    if (result instanceof Promise) return result.then(resolve, reject);
    resolve(result);
  } catch (error) {
    reject(error);
  }
  return undefined;
}

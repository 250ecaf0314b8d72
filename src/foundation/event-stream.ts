/** What every event carries: its name and when it happened (ms since the epoch). */
export interface Event {
  readonly type: string;
  readonly at: number;
}

export interface SubscribeOptions {
  /** Ends the subscription. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Events of one closed union, delivered in order to every subscriber: what a listener publishes comes after the event
 * at hand. A listener that throws does not keep the event from the others: its error goes to `onListenerError`, which
 * by default rethrows outside the publisher's stack.
 */
export class EventStream<E extends Event> {
  readonly #listeners = new Set<(event: E) => void>();
  readonly #waiting: E[] = [];
  #delivering = false;
  readonly #onListenerError: (error: unknown) => void;

  constructor(onListenerError: (error: unknown) => void = rethrowLater) {
    this.#onListenerError = onListenerError;
  }

  /** Whether anybody listens: who publishes very often need not make the event otherwise. */
  get isObserved(): boolean {
    return this.#listeners.size > 0;
  }

  publish(event: E): void {
    this.#waiting.push(event);
    if (this.#delivering) return;
    this.#delivering = true;
    try {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) this.#deliver(next);
    } finally {
      this.#delivering = false;
    }
  }

  /** Calls the listener for every event from now on. Returns the function that ends the subscription. */
  subscribe(listener: (event: E) => void, options: SubscribeOptions = {}): () => void {
    const { signal } = options;
    if (signal?.aborted === true) return () => {};
    const own = (event: E): void => listener(event);
    const end = (): void => {
      this.#listeners.delete(own);
      signal?.removeEventListener("abort", end);
    };
    this.#listeners.add(own);
    signal?.addEventListener("abort", end, { once: true });
    return end;
  }

  #deliver(event: E): void {
    // A copy: who subscribes during an event hears the next one.
    const present = [...this.#listeners];
    for (const listener of present) {
      if (!this.#listeners.has(listener)) continue;
      try {
        listener(event);
      } catch (error) {
        this.#onListenerError(error);
      }
    }
  }
}

function rethrowLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

/**
 * The least that deserves the name of an agent: a state, a queue, a drain in a microtask. No timeouts, monitors, links,
 * registry, overflow, events or fairness; what it costs is the floor under `#foundation/agents`.
 */
export class BareMailbox<S, M> {
  #state: S;
  #isRunning = false;
  #isDead = false;
  #queue: Envelope<M>[] = [];
  readonly #handle: Handle<S, M>;
  readonly #crashed: (() => void) | undefined;

  constructor(state: S, handle: Handle<S, M>, crashed?: () => void) {
    this.#state = state;
    this.#handle = handle;
    this.#crashed = crashed;
  }

  send(message: M): void {
    this.#push({ message, reply: undefined });
  }

  call<R>(message: M): Promise<R> {
    return new Promise<R>((resolve) => {
      this.#push({ message, reply: resolve as (value: unknown) => void });
    });
  }

  stop(): void {
    this.#isDead = true;
    this.#queue = [];
  }

  #push(envelope: Envelope<M>): void {
    if (this.#isDead) return;
    this.#queue.push(envelope);
    if (this.#isRunning) return;
    this.#isRunning = true;
    queueMicrotask(() => this.#drain());
  }

  #drain(): void {
    try {
      // Also what comes meanwhile.
      for (const { message, reply } of this.#queue) this.#state = this.#handle(message, this.#state, reply);
      this.#queue = [];
      this.#isRunning = false;
    } catch {
      this.stop();
      this.#crashed?.();
    }
  }
}

type Handle<S, M> = (message: M, state: S, reply: ((value: unknown) => void) | undefined) => S;

interface Envelope<M> {
  readonly message: M;
  readonly reply: ((value: unknown) => void) | undefined;
}

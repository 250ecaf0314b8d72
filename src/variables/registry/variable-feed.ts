import { StoreError } from "#foundation";
import type { Change, Clock, Store, SubscribeOptions } from "#foundation";
import { RegistryError } from "./registry-error.ts";
import { addressOf, stateAt } from "./variable-log.ts";
import type { VariableAddress } from "./variable-log.ts";
import type { VariableChange } from "./variable-version.ts";

export type VariableListener = (change: VariableChange) => void;

export interface VariableFeedParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
}

interface Subscription {
  /** The store's position when it began. */
  readonly after: number;
  readonly hears: (address: VariableAddress) => boolean;
  readonly listener: VariableListener;
}

/** How long a watch that failed rests before it goes on where it stood, ms. */
const restMs = 1_000;

/**
 * Tells subscribers of every change of a variable, whichever process made it, in the order of the store: one watch
 * for all of them, running while there are any.
 */
export class VariableFeed implements AsyncDisposable {
  readonly #parts: VariableFeedParts;
  readonly #subscriptions = new Set<Subscription>();
  #stop: AbortController | undefined;
  #ended: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(parts: VariableFeedParts) {
    this.#parts = parts;
  }

  async subscribe(
    hears: (address: VariableAddress) => boolean,
    listener: VariableListener,
    { signal }: SubscribeOptions,
  ): Promise<() => void> {
    const subscription = { after: await this.#parts.store.position(), hears, listener };
    if (signal?.aborted === true || this.#isClosed) return () => {};
    const end = (): void => {
      signal?.removeEventListener("abort", end);
      this.#subscriptions.delete(subscription);
      if (this.#subscriptions.size === 0) this.#rest();
    };
    this.#subscriptions.add(subscription);
    signal?.addEventListener("abort", end, { once: true });
    // A watch that runs already stands at most at the newest change whose writer was answered: nothing is missed.
    if (this.#stop === undefined) this.#begin(subscription.after);
    return end;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#subscriptions.clear();
    this.#rest();
    await this.#ended;
  }

  #begin(after: number): void {
    this.#stop = new AbortController();
    this.#ended = Promise.all([this.#ended, this.#follow(after, this.#stop.signal)]);
  }

  #rest(): void {
    this.#stop?.abort();
    this.#stop = undefined;
  }

  async #follow(after: number, signal: AbortSignal): Promise<void> {
    const { store, clock } = this.#parts;
    let last = after;
    while (!signal.aborted) {
      try {
        for await (const change of store.watch({ after: last, signal })) {
          await this.#tell(change, signal);
          last = change.sequence;
        }
        return;
      } catch (error) {
        if (signal.aborted || (error instanceof StoreError && error.code === "closed")) return;
        this.#report(error);
        await clock.sleep(restMs, { signal }).catch(() => {});
      }
    }
  }

  async #tell(change: Change, signal: AbortSignal): Promise<void> {
    const address = change.type === "log" ? addressOf(change.log) : undefined;
    if (change.type !== "log" || address === undefined) return;
    const hears = (subscription: Subscription): boolean =>
      this.#subscriptions.has(subscription) && subscription.after < change.sequence && subscription.hears(address);
    if (!this.#subscriptions.values().some(hears)) return;
    const told = await this.#read(address, change.length);
    if (told === undefined || signal.aborted) return;
    for (const subscription of this.#subscriptions) {
      // Asked again for each: a listener may have ended another's subscription.
      if (!hears(subscription)) continue;
      try {
        subscription.listener(told);
      } catch (error) {
        this.#report(error);
      }
    }
  }

  /** The change; `undefined` after reporting that it cannot be read: the ones behind it still come. */
  async #read(address: VariableAddress, version: number): Promise<VariableChange | undefined> {
    try {
      const { definition: _definition, ...change } = await stateAt(this.#parts.store, address, version);
      return change;
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      this.#report(error);
      return undefined;
    }
  }

  #report(error: unknown): void {
    try {
      this.#parts.onError(error);
    } catch (thrown) {
      rethrowLater(thrown);
    }
  }
}

/** Throws outside of everybody's stack. */
export function rethrowLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

import type { SubscribeOptions } from "../../event-stream.ts";
import type { Pid } from "../agent.ts";
import type { Ref } from "../ref.ts";
import type { AgentRuntime } from "../runtime.ts";
import type { Holding } from "./holdings.ts";
import { Memberships } from "./memberships.ts";

/** How far a message came. */
export interface Delivery {
  readonly delivered: number;
  /** Subscribers whose mailbox did not take it or whose listener threw. */
  readonly failed: number;
}

type Listener<M, K> = (message: M, topic: K) => void;

interface Subscription<M, K> extends Holding<K> {
  readonly holder: Ref<M>;
  times: number;
}

/** A listener's place in the order of subscriptions: who subscribes during a message hears the next one. */
interface Listening<M, K> {
  readonly listener: Listener<M, K>;
  readonly since: number;
}

/**
 * Messages by topic, to agents' mailboxes and to plain listeners. Whatever one subscriber does, the others get the
 * message; failures are counted and reported as `delivery_failed`. Nothing is kept: who subscribes later hears what
 * comes later. An agent that ends is out before anybody hears of its end; after a hot swap the new version is
 * subscribed. It lasts as long as its runtime.
 */
export class PubSub<M = unknown, K = string> {
  readonly #runtime: AgentRuntime;
  readonly #agents: Memberships<K, Subscription<M, K>>;
  readonly #listeners = new Map<K, Set<Listening<M, K>>>();
  #serial = 0;
  #failed = 0;

  constructor(runtime: AgentRuntime) {
    this.#runtime = runtime;
    this.#agents = new Memberships(runtime);
  }

  /** Deliveries that failed so far. */
  get failed(): number {
    return this.#failed;
  }

  /**
   * Subscribes an agent or a listener and returns the function that ends the subscription. An agent gets each message
   * of a topic once, however often it is subscribed; one that has ended is not subscribed.
   */
  subscribe(topic: K, subscriber: Ref<M> | Listener<M, K>, { signal }: SubscribeOptions = {}): () => void {
    if (signal?.aborted === true) return () => {};
    const remove =
      typeof subscriber === "function" ? this.#listen(topic, subscriber) : this.#subscribe(topic, subscriber);
    let hasEnded = false;
    const end = (): void => {
      if (hasEnded) return;
      hasEnded = true;
      signal?.removeEventListener("abort", end);
      remove();
    };
    signal?.addEventListener("abort", end, { once: true });
    return end;
  }

  /** How many agents and listeners a message would go to. */
  subscribers(topic: K): number {
    return (this.#agents.at(topic)?.size ?? 0) + (this.#listeners.get(topic)?.size ?? 0);
  }

  /** Sends the message to every agent that is subscribed and calls every listener, agents first. Never throws. */
  publish(topic: K, message: M): Delivery {
    let [delivered, failed] = [0, 0];
    const now = this.#serial;
    for (const { holder } of this.#agents.at(topic) ?? [])
      if (this.#send(topic, message, holder)) delivered++;
      else failed++;
    const listeners = this.#listeners.get(topic);
    if (listeners === undefined) return { delivered, failed };
    // What a listener leaves unawaited is not the publisher's.
    this.#runtime.runFor({ stray: (error) => this.#fail(topic, undefined, error) }, () => {
      for (const { listener, since } of listeners) {
        if (since > now) break;
        if (this.#call(topic, message, listener)) delivered++;
        else failed++;
      }
    });
    return { delivered, failed };
  }

  #send(topic: K, message: M, ref: Ref<M>): boolean {
    try {
      if (ref.send(message)) return true;
      this.#fail(topic, ref.pid, undefined);
    } catch (error) {
      this.#fail(topic, ref.pid, error);
    }
    return false;
  }

  #call(topic: K, message: M, listener: Listener<M, K>): boolean {
    try {
      // An asynchronous listener fails later, and is isolated then.
      const answer: unknown = listener(message, topic);
      if (answer instanceof Promise) answer.catch((error: unknown) => this.#fail(topic, undefined, error));
      return true;
    } catch (error) {
      this.#fail(topic, undefined, error);
      return false;
    }
  }

  #fail(topic: K, pid: Pid | undefined, error: unknown): void {
    this.#failed++;
    this.#runtime.report({ type: "delivery_failed", topic, pid, error });
  }

  #subscribe(topic: K, ref: Ref<M>): () => void {
    const { byHolder } = this.#agents;
    if (!byHolder.admits(ref, "subscribe")) return () => {};
    const present = byHolder.get(ref.pid, topic);
    if (present !== undefined) present.times++;
    else this.#agents.add({ key: topic, holder: ref, pid: ref.pid, times: 1 });
    return () => {
      const own = byHolder.get(ref.pid, topic);
      if (own !== undefined && --own.times === 0) this.#agents.remove(own);
    };
  }

  #listen(topic: K, listener: Listener<M, K>): () => void {
    const listening: Listening<M, K> = { listener, since: ++this.#serial };
    const present = this.#listeners.get(topic);
    if (present === undefined) this.#listeners.set(topic, new Set([listening]));
    else present.add(listening);
    return () => {
      const left = this.#listeners.get(topic);
      left?.delete(listening);
      if (left?.size === 0) this.#listeners.delete(topic);
    };
  }
}

import type { Pid } from "../agent.ts";
import type { Ref } from "../ref.ts";
import type { AgentRuntime } from "../runtime.ts";
import { Holdings } from "./holdings.ts";
import type { Holder, Holding } from "./holdings.ts";
import { NameRef } from "./name-ref.ts";

/** Who holds a key, and what it said with it. */
export interface Registration<V> {
  readonly holder: Holder;
  readonly value: V | undefined;
}

/** What comes of a registration. */
export type RegisterOutcome =
  | { readonly ok: true }
  /** Somebody holds the key, possibly the same one. */
  | { readonly ok: false; readonly reason: "taken"; readonly holder: Holder }
  /** Who asks has ended or is about to. */
  | { readonly ok: false; readonly reason: "noproc" };

interface Entry<K, V> extends Holding<K>, Registration<V> {
  value: V | undefined;
}

/**
 * Names, each of which at most one incarnation holds. A name is free again before anybody hears of its holder's end,
 * so that a restarted agent finds its own free in `init`; after a hot swap the new version holds it. Every operation
 * is atomic. `V` is what a holder may say with its name. A registry lasts as long as its runtime.
 */
export class Registry<V = undefined, K = string> {
  readonly #runtime: AgentRuntime;
  readonly #entries = new Map<K, Entry<K, V>>();
  readonly #holdings: Holdings<K, Entry<K, V>>;

  constructor(runtime: AgentRuntime) {
    this.#runtime = runtime;
    this.#holdings = new Holdings(runtime, (holdings) => {
      for (const { key } of holdings) this.#entries.delete(key);
      return () => holdings.forEach((entry) => this.#report("name_released", entry));
    });
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Gives the key to the holder, an agent's address or a supervisor, if nobody has it. */
  register(key: K, holder: Holder, value?: V): RegisterOutcome {
    const present = this.#entries.get(key);
    if (present !== undefined) return { ok: false, reason: "taken", holder: present.holder };
    if (!this.#holdings.admits(holder, "register")) return { ok: false, reason: "noproc" };
    const entry: Entry<K, V> = { key, holder, pid: holder.pid, value };
    this.#entries.set(key, entry);
    this.#holdings.add(entry);
    this.#report("name_registered", entry);
    return { ok: true };
  }

  /** Whether the holder had the key; then it is free. */
  unregister(key: K, holder: Holder): boolean {
    const entry = this.#own(key, holder.pid);
    if (entry === undefined) return false;
    this.#entries.delete(key);
    this.#holdings.remove(entry);
    this.#report("name_released", entry);
    return true;
  }

  /** Changes what the holder says with its key. Answers whether it has the key. */
  updateValue(key: K, holder: Holder, update: (value: V | undefined) => V): boolean {
    const entry = this.#own(key, holder.pid);
    if (entry === undefined) return false;
    entry.value = update(entry.value);
    return true;
  }

  /** Who holds the key: an address unless the caller knows that it is something else, as a supervisor. */
  whereis<H extends Holder = Ref<never>>(key: K): H | undefined {
    return this.#entries.get(key)?.holder as H | undefined;
  }

  lookup(key: K): Registration<V> | undefined {
    const entry = this.#entries.get(key);
    return entry === undefined ? undefined : { holder: entry.holder, value: entry.value };
  }

  /** The keys that are held, in the order of registration. */
  keys(): K[] {
    return [...this.#entries.keys()];
  }

  /** The keys of one holder. */
  keysOf({ pid }: Holder): K[] {
    return this.#holdings.keysOf(pid);
  }

  /** The address by name: each send finds who holds the key then. The caller knows what it takes. */
  ref<M>(key: K): NameRef<M> {
    return new NameRef<M>(String(key), () => this.whereis<Ref<M>>(key));
  }

  #own(key: K, pid: Pid): Entry<K, V> | undefined {
    const entry = this.#entries.get(key);
    return entry?.pid === pid ? entry : undefined;
  }

  #report(type: "name_registered" | "name_released", { key, pid, holder }: Entry<K, V>): void {
    this.#runtime.report({ type, key, pid, agent: holder.name ?? String(key) });
  }
}

import type { AgentRuntime } from "../runtime.ts";
import type { Holder, Holding } from "./holdings.ts";
import { Memberships } from "./memberships.ts";
import type { Registration } from "./registry.ts";

interface Entry<K, V> extends Holding<K> {
  readonly values: (V | undefined)[];
}

/**
 * Names that any number of incarnations hold, each as often as it likes with a value each time. What an incarnation
 * held is gone before anybody hears of its end. A registry lasts as long as its runtime.
 */
export class DuplicateRegistry<V = undefined, K = string> {
  readonly #entries: Memberships<K, Entry<K, V>>;

  constructor(runtime: AgentRuntime) {
    this.#entries = new Memberships(runtime);
  }

  /** Registers once more. Answers whether it did: nobody who has ended is registered. */
  register(key: K, holder: Holder, value?: V): boolean {
    const { byHolder } = this.#entries;
    if (!byHolder.admits(holder, "register")) return false;
    const present = byHolder.get(holder.pid, key);
    if (present === undefined) this.#entries.add({ key, holder, pid: holder.pid, values: [value] });
    else present.values.push(value);
    return true;
  }

  /** Removes all registrations of the holder under the key and answers how many they were. */
  unregister(key: K, { pid }: Holder): number {
    const entry = this.#entries.byHolder.get(pid, key);
    if (entry === undefined) return 0;
    this.#entries.remove(entry);
    return entry.values.length;
  }

  /** All registrations under the key, holder by holder, in the order of each one's first. */
  lookup(key: K): Registration<V>[] {
    return [...(this.#entries.at(key) ?? [])].flatMap(({ holder, values }) =>
      values.map((value) => ({ holder, value })),
    );
  }

  /** The keys that anybody holds. */
  keys(): K[] {
    return this.#entries.keys();
  }

  /** The keys of one holder. */
  keysOf({ pid }: Holder): K[] {
    return this.#entries.byHolder.keysOf(pid);
  }
}

import type { AgentRuntime } from "../runtime.ts";
import { Holdings } from "./holdings.ts";
import type { Holding } from "./holdings.ts";

/** Holdings of which each key has several: at most one of an incarnation, in the order they came. */
export class Memberships<K, H extends Holding<K>> {
  readonly #byKey = new Map<K, Set<H>>();
  readonly #holdings: Holdings<K, H>;

  /**
   * `released` hears what an incarnation that has ended held; what it returns is called when everything else has
   * forgotten the incarnation too.
   */
  constructor(runtime: AgentRuntime, released?: (holdings: readonly H[]) => () => void) {
    this.#holdings = new Holdings(runtime, (holdings) => {
      for (const holding of holdings) this.#unlist(holding);
      return released?.(holdings);
    });
  }

  /** See `Holdings`. */
  get byHolder(): Pick<Holdings<K, H>, "admits" | "get" | "keysOf"> {
    return this.#holdings;
  }

  /** What the key has; nothing once its last is gone. */
  at(key: K): ReadonlySet<H> | undefined {
    return this.#byKey.get(key);
  }

  keys(): K[] {
    return [...this.#byKey.keys()];
  }

  add(holding: H): void {
    this.#holdings.add(holding);
    const present = this.#byKey.get(holding.key);
    if (present === undefined) this.#byKey.set(holding.key, new Set([holding]));
    else present.add(holding);
  }

  remove(holding: H): void {
    this.#holdings.remove(holding);
    this.#unlist(holding);
  }

  #unlist(holding: H): void {
    const present = this.#byKey.get(holding.key);
    present?.delete(holding);
    if (present?.size === 0) this.#byKey.delete(holding.key);
  }
}

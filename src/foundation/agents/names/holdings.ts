import type { Pid } from "../agent.ts";
import type { AgentRuntime, Keeper } from "../runtime.ts";

/** What can hold a name: an agent's address, a supervisor. */
export interface Holder {
  readonly pid: Pid;
  /** For people: in events. */
  readonly name?: string;
  readonly isAlive: boolean;
}

/** One thing that an incarnation holds. */
export interface Holding<K> {
  readonly key: K;
  readonly holder: Holder;
  /** The incarnation it is filed under. */
  pid: Pid;
}

/**
 * What each incarnation holds, so that its end costs what it held and not what there is. Everything is let go before
 * anybody hears of the end; at a hot swap the new version takes it over, except what it holds already.
 */
export class Holdings<K, H extends Holding<K>> implements Keeper {
  readonly #runtime: AgentRuntime;
  readonly #byPid = new Map<Pid, Map<K, H>>();
  readonly #release: (holdings: readonly H[]) => (() => void) | undefined;

  /**
   * `release` takes holdings whose incarnation has ended out of their table; what it returns is called when everything
   * else has forgotten the incarnation too.
   */
  constructor(runtime: AgentRuntime, release: (holdings: readonly H[]) => (() => void) | undefined) {
    this.#runtime = runtime;
    this.#release = release;
    runtime.onForget(this);
  }

  /** Whether the holder may still take something. One that may not has ended: its attempt is counted. */
  admits(holder: Holder, effect: string): boolean {
    if (holder.isAlive) return true;
    this.#runtime.orphaned(holder.pid, holder.name ?? "unnamed", effect);
    return false;
  }

  get(pid: Pid, key: K): H | undefined {
    return this.#byPid.get(pid)?.get(key);
  }

  keysOf(pid: Pid): K[] {
    return [...(this.#byPid.get(pid)?.keys() ?? [])];
  }

  add(holding: H): void {
    const own = this.#byPid.get(holding.pid);
    if (own === undefined) this.#byPid.set(holding.pid, new Map([[holding.key, holding]]));
    else own.set(holding.key, holding);
  }

  remove({ pid, key }: H): void {
    const own = this.#byPid.get(pid);
    own?.delete(key);
    if (own?.size === 0) this.#byPid.delete(pid);
  }

  forget(pid: Pid): (() => void) | undefined {
    const own = this.#take(pid);
    return own.length === 0 ? undefined : this.#release(own);
  }

  passOn(pid: Pid, successor: Pid): void {
    const superseded: H[] = [];
    for (const holding of this.#take(pid)) {
      if (this.get(successor, holding.key) !== undefined) superseded.push(holding);
      else {
        holding.pid = successor;
        this.add(holding);
      }
    }
    if (superseded.length > 0) this.#release(superseded)?.();
  }

  #take(pid: Pid): H[] {
    const own = this.#byPid.get(pid);
    if (own === undefined) return [];
    this.#byPid.delete(pid);
    return [...own.values()];
  }
}

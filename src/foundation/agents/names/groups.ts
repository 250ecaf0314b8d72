import { EventStream } from "../../event-stream.ts";
import type { Ref } from "../ref.ts";
import type { AgentRuntime } from "../runtime.ts";
import type { Responsible } from "../stray-rejections.ts";
import type { Holding } from "./holdings.ts";
import { Memberships } from "./memberships.ts";

/** An agent came into a group or is out of it. */
export interface GroupChange<M = never, K = string> {
  readonly type: "joined" | "left";
  readonly at: number;
  readonly group: K;
  readonly member: Ref<M>;
  /** Counts the changes of all groups. */
  readonly serial: number;
}

export interface MonitorGroupOptions {
  /** Ends the monitoring. */
  readonly signal?: AbortSignal | undefined;
}

/** What a monitor starts from; the changes that it hears follow from there without a gap. */
export interface GroupMonitor<M = never> extends Disposable {
  readonly members: readonly Ref<M>[];
}

interface Membership<M, K> extends Holding<K> {
  readonly holder: Ref<M>;
  times: number;
}

/**
 * Groups of agents. Who joins twice has to leave twice, and is a member once all the same. Who ends has left before
 * anybody hears of its end; after a hot swap the new version is the member. A group without members is none. Groups
 * last as long as their runtime.
 */
export class Groups<M = never, K = string> {
  readonly #runtime: AgentRuntime;
  readonly #memberships: Memberships<K, Membership<M, K>>;
  readonly #listeners: Responsible;
  readonly #monitors = new Map<K, EventStream<GroupChange<M, K>>>();
  #serial = 0;

  constructor(runtime: AgentRuntime) {
    this.#runtime = runtime;
    this.#listeners = { stray: (error) => runtime.report({ type: "listener_failed", error }) };
    this.#memberships = new Memberships(runtime, (left) => {
      const changes = left.map(({ key, holder }) => this.#change("left", key, holder));
      return () => changes.forEach((change) => this.#announce(change));
    });
  }

  /** Joins once more. Answers whether it did: nobody who has ended joins. */
  join(group: K, member: Ref<M>): boolean {
    const { byHolder } = this.#memberships;
    if (!byHolder.admits(member, "join")) return false;
    const present = byHolder.get(member.pid, group);
    if (present !== undefined) present.times++;
    else {
      this.#memberships.add({ key: group, holder: member, pid: member.pid, times: 1 });
      this.#announce(this.#change("joined", group, member));
    }
    return true;
  }

  /** Takes one joining back. Answers whether it was a member. */
  leave(group: K, member: Ref<M>): boolean {
    const present = this.#memberships.byHolder.get(member.pid, group);
    if (present === undefined) return false;
    if (--present.times === 0) {
      this.#memberships.remove(present);
      this.#announce(this.#change("left", group, member));
    }
    return true;
  }

  /** The members, each once, in the order they came. */
  members(group: K): Ref<M>[] {
    return [...(this.#memberships.at(group) ?? [])].map(({ holder }) => holder);
  }

  /** The groups that have members. */
  groups(): K[] {
    return this.#memberships.keys();
  }

  /** The groups of one agent. */
  groupsOf({ pid }: Ref<M>): K[] {
    return this.#memberships.byHolder.keysOf(pid);
  }

  /** Gives the members as they are, and then calls the listener for every change, in order. */
  monitor(
    group: K,
    listener: (change: GroupChange<M, K>) => void,
    { signal }: MonitorGroupOptions = {},
  ): GroupMonitor<M> {
    const changes = this.#changesOf(group);
    const since = this.#serial;
    const unsubscribe = changes.subscribe((change) => {
      // A change from before the snapshot may still be on its way to the others.
      if (change.serial > since) listener(change);
    });
    const end = (): void => {
      unsubscribe();
      signal?.removeEventListener("abort", end);
      if (!changes.isObserved && this.#monitors.get(group) === changes) this.#monitors.delete(group);
    };
    if (signal?.aborted === true) end();
    signal?.addEventListener("abort", end, { once: true });
    return { members: this.members(group), [Symbol.dispose]: end };
  }

  #changesOf(group: K): EventStream<GroupChange<M, K>> {
    const present = this.#monitors.get(group);
    if (present !== undefined) return present;
    const changes = new EventStream<GroupChange<M, K>>((error) => this.#listeners.stray(error));
    this.#monitors.set(group, changes);
    return changes;
  }

  #change(type: "joined" | "left", group: K, member: Ref<M>): GroupChange<M, K> {
    return { type, at: this.#runtime.clock.now(), group, member, serial: ++this.#serial };
  }

  #announce(change: GroupChange<M, K>): void {
    const changes = this.#monitors.get(change.group);
    // What a listener leaves unawaited is not the agent's.
    if (changes !== undefined) this.#runtime.runFor(this.#listeners, () => changes.publish(change));
  }
}

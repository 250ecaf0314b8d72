import type { Pid } from "./agent.ts";
import type { DownReason } from "./exit-reason.ts";
import { Fifo } from "./mailbox.ts";

/** What must reach the agent whatever the room: an agent's end that it monitors or is linked to, a timer. */
export class Notice {
  readonly message: unknown;
  /** Of a linked agent's end: it goes to `exit` of the definition. */
  readonly isExit: boolean;
  /** Set by who takes it back: it is then skipped. */
  isCancelled = false;

  constructor(message: unknown, isExit = false) {
    this.message = message;
    this.isExit = isExit;
  }
}

/** A linked agent's end, for one that traps exits. */
export interface LinkedExit {
  readonly pid: Pid;
  readonly reason: DownReason;
}

export function isExit(item: unknown): item is Notice & { readonly message: LinkedExit } {
  return item instanceof Notice && item.isExit;
}

/**
 * The messages of one agent in the order in which they will be handled: those it put before all others, those it had
 * postponed, and those that came; and who waits for room to send one.
 */
export class Inbox {
  readonly #queue = new Fifo<unknown>();
  #first: unknown[] | undefined;
  #postponed: unknown[] | undefined;
  #waiting: Set<() => void> | undefined;

  get length(): number {
    return this.#queue.length;
  }

  push(item: unknown): void {
    this.#queue.push(item);
  }

  shift(): unknown {
    return this.#queue.shift();
  }

  /** Takes out the oldest message that may be dropped. */
  evict(): unknown {
    return this.#queue.takeFirst((item) => !(item instanceof Notice));
  }

  /** Puts a message before all others once the one at hand is done; several keep their order. */
  putFirst(item: unknown): void {
    (this.#first ??= []).push(item);
  }

  /** Keeps a message that came until the state has changed. */
  postpone(item: unknown): void {
    (this.#postponed ??= []).push(item);
  }

  /** After a message: puts back what was put first, and what was postponed if the state has changed. */
  settle(hasChanged: boolean): void {
    if (hasChanged && this.#postponed !== undefined) {
      this.#queue.unshift(this.#postponed);
      this.#postponed = undefined;
    }
    if (this.#first !== undefined) {
      this.#queue.unshift(this.#first);
      this.#first = undefined;
    }
  }

  /** Takes everything out, what is postponed first. */
  clear(): unknown[] {
    if (this.#first === undefined && this.#postponed === undefined) return this.#queue.clear();
    const all = [...(this.#first ?? []), ...this.clearPostponed(), ...this.#queue.clear()];
    this.#first = undefined;
    return all;
  }

  clearPostponed(): unknown[] {
    const postponed = this.#postponed ?? [];
    this.#postponed = undefined;
    return postponed;
  }

  /** Puts what another agent had waiting before one's own. */
  unshift(items: readonly unknown[]): void {
    this.#queue.unshift(items);
  }

  /** Calls back, in the order of asking, when there is room or nobody is left; disposing takes that back. */
  whenRoom(resume: () => void): Disposable {
    const own = (): void => resume();
    (this.#waiting ??= new Set()).add(own);
    return { [Symbol.dispose]: () => void this.#waiting?.delete(own) };
  }

  get isWaitedFor(): boolean {
    return this.#waiting !== undefined;
  }

  makeRoom(capacity: number): void {
    let room = capacity - this.#queue.length;
    for (const resume of this.#waiting ?? []) {
      if (room-- <= 0) return;
      this.#waiting?.delete(resume);
      resume();
    }
    this.#waiting = undefined;
  }
}

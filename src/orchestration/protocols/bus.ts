import { EventStream, UsageError } from "#foundation";
import type { Clock, Event, Json, JsonObject, Rng, SubscribeOptions } from "#foundation";
import type { Machine, MachineInput } from "./machine.ts";

export interface BusOptions {
  readonly members: readonly string[];
  readonly clock: Clock;
  readonly rng: Rng;
  /**
   * After how many milliseconds each copy of a message arrives: `[]` loses it. In this process every message arrives once and at once,
   * in the order of sending, unless told.
   */
  readonly link?: ((link: { readonly from: string; readonly to: string }) => readonly number[]) | undefined;
}

/** What a bus tells: what members have come to, and code of a machine that has thrown, which ends that member. */
export type BusEvent<Outcome> =
  | (Event & { readonly type: "outcome"; readonly member: string; readonly outcome: Outcome })
  | (Event & { readonly type: "failed"; readonly member: string; readonly error: unknown });

type UntimedInput<Message extends Json> =
  MachineInput<Message> extends infer Each ? (Each extends { readonly at: number } ? Omit<Each, "at"> : never) : never;

interface Participant<State> {
  state: State;
  readonly rng: Rng;
  readonly timers: Map<string, AbortController>;
}

/**
 * Runs a machine for each member in this process: carries their messages, keeps their timers by the clock, hands in
 * requests. One step at a time. Members share the process's fate: this gives agreement under an agent's crash or
 * misbehaviour, not durability.
 */
export class Bus<State, Message extends Json, Outcome> implements AsyncDisposable {
  readonly #machine: Machine<State, Message, Outcome>;
  readonly #options: BusOptions;
  readonly #events: EventStream<BusEvent<Outcome>> = new EventStream();
  readonly #participants = new Map<string, Participant<State>>();
  readonly #disks = new Map<string, JsonObject>();
  readonly #waiting: (() => void)[] = [];
  readonly #ended = new AbortController();
  #isStepping = false;

  constructor(machine: Machine<State, Message, Outcome>, options: BusOptions) {
    const { members } = options;
    if (members.length === 0 || new Set(members).size < members.length)
      throw new UsageError(`Bus: expected at least one member, each once, got ${members.join(", ") || "none"}`);
    this.#machine = machine;
    this.#options = options;
  }

  /** Begins those of the members that do not run; all unless told. One that was stopped begins from its disk. */
  start(members: readonly string[] = this.#options.members): void {
    for (const member of members) {
      this.#check(member);
      if (this.#ended.signal.aborted || this.#participants.has(member)) continue;
      const state = this.#firstState(member);
      this.#participants.set(member, { state, rng: this.#options.rng.fork(member), timers: new Map() });
      this.#post(() => this.#step(member, { type: "begin" }));
    }
  }

  /** Ends a member as a crash does: its timers and what is sent to it are lost, what its machine keeps is kept. */
  stop(member: string): void {
    this.#check(member);
    const participant = this.#participants.get(member);
    if (participant === undefined) return;
    const kept = this.#machine.persistent?.(participant.state);
    if (kept !== undefined) this.#disks.set(member, kept);
    this.#forget(member);
  }

  /** Hands a request to a member. `false`: it does not run, and nothing has happened. */
  request(member: string, request: Json): boolean {
    this.#check(member);
    if (!this.#participants.has(member)) return false;
    this.#post(() => this.#step(member, { type: "request", request }));
    return true;
  }

  /** The state of a member that runs. */
  stateOf(member: string): State | undefined {
    return this.#participants.get(member)?.state;
  }

  subscribe(listener: (event: BusEvent<Outcome>) => void, options: SubscribeOptions = {}): () => void {
    return this.#events.subscribe(listener, options);
  }

  /** Ends all members, their timers and what is on the way. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    for (const member of this.#options.members) this.#forget(member);
    this.#waiting.length = 0;
    return Promise.resolve();
  }

  #firstState(member: string): State {
    const { members } = this.#options;
    const disk = this.#disks.get(member);
    if (disk === undefined) return this.#machine.start(member, members);
    return this.#machine.restart?.(member, members, disk) ?? this.#machine.start(member, members);
  }

  #step(member: string, input: UntimedInput<Message>): void {
    const participant = this.#participants.get(member);
    if (participant === undefined) return;
    const at = this.#options.clock.now();
    try {
      const step = this.#machine.step(participant.state, { ...input, at }, participant.rng);
      participant.state = step.state;
      for (const [timer, ms] of Object.entries(step.timers ?? {})) this.#setTimer(member, timer, ms);
      for (const { to, message } of step.out ?? []) this.#send(member, to, message);
      for (const outcome of step.outcomes ?? []) this.#events.publish({ type: "outcome", at, member, outcome });
    } catch (error) {
      this.#forget(member);
      this.#events.publish({ type: "failed", at, member, error });
    }
  }

  #send(from: string, to: string, message: Message): void {
    const arrive = (): void => this.#step(to, { type: "message", from, message });
    for (const ms of this.#options.link?.({ from, to }) ?? [0]) {
      if (ms <= 0) this.#post(arrive);
      else this.#after(ms, this.#ended.signal, arrive);
    }
  }

  #setTimer(member: string, timer: string, ms: number | null): void {
    const timers = this.#participants.get(member)?.timers;
    timers?.get(timer)?.abort();
    timers?.delete(timer);
    if (timers === undefined || ms === null) return;
    const taken = new AbortController();
    timers.set(timer, taken);
    this.#after(ms, taken.signal, () => {
      if (timers.get(timer) !== taken) return;
      timers.delete(timer);
      this.#step(member, { type: "timer", timer });
    });
  }

  #after(ms: number, signal: AbortSignal, act: () => void): void {
    // A sleep that is broken off has nothing left to do.
    void this.#options.clock.sleep(ms, { signal }).then(
      () => this.#post(act),
      () => {},
    );
  }

  /** A step that comes while another runs waits for it: no machine is entered twice. */
  #post(act: () => void): void {
    if (this.#ended.signal.aborted) return;
    this.#waiting.push(act);
    if (this.#isStepping) return;
    this.#isStepping = true;
    queueMicrotask(() => this.#drain());
  }

  #drain(): void {
    try {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) next();
    } finally {
      this.#isStepping = false;
    }
  }

  #forget(member: string): void {
    for (const taken of this.#participants.get(member)?.timers.values() ?? []) taken.abort();
    this.#participants.delete(member);
  }

  #check(member: string): void {
    if (!this.#options.members.includes(member)) throw new UsageError(`Bus: expected a member, got "${member}"`);
  }
}

import { seededRng } from "#foundation";
import type { Json } from "#foundation";
import type { Machine } from "#orchestration";
import type { ForgedOutgoing, Lie } from "./byzantine.ts";
import { EventQueue } from "./event-queue.ts";
import { Network } from "./network.ts";
import type { LinkTime } from "./network.ts";
import type { Schedule } from "./schedule.ts";
import { SimulatedMember } from "./simulated-member.ts";
import type { UntimedInput } from "./simulated-member.ts";
import type { MemberOutcome, MessageCounts, SimulationView, TraceStep } from "./simulation-view.ts";

export interface SimulatedRoomOptions<State, Message extends Json, Outcome> {
  readonly machine: Machine<State, Message, Outcome>;
  readonly members: readonly string[];
  readonly linkTime?: LinkTime;
  readonly lie?: Lie<Message>;
}

type Happening<Message extends Json> =
  | { readonly type: "input"; readonly atMs: number; readonly member: string; readonly input: UntimedInput<Message> }
  | {
      readonly type: "timer";
      readonly atMs: number;
      readonly member: string;
      readonly timer: string;
      readonly id: number;
    }
  | { readonly type: "crash"; readonly atMs: number; readonly member: string; readonly keeps: "disk" | "nothing" }
  | { readonly type: "restart"; readonly atMs: number; readonly member: string };

/** The members of a run, what is on the way between them, and the virtual time. */
export class SimulatedRoom<State, Message extends Json, Outcome> {
  steps = 0;
  nowMs = 0;
  readonly #queue = new EventQueue<Happening<Message>>();
  readonly #members: ReadonlyMap<string, SimulatedMember<State, Message, Outcome>>;
  readonly #network: Network;
  readonly #trace: TraceStep<Message, Outcome>[] = [];
  readonly #outcomes: MemberOutcome<Outcome>[] = [];
  readonly #counts = { sent: 0, duplicated: 0, delivered: 0, dropped: 0, lost: 0 };
  readonly #states = new Map<string, State>();
  #timerCount = 0;

  constructor(schedule: Schedule, options: SimulatedRoomOptions<State, Message, Outcome>) {
    const { machine, members, lie, linkTime = { minMs: 1, maxMs: 10 } } = options;
    const { seed, faults, requests } = schedule;
    const rng = seededRng(seed);
    this.#network = new Network(faults, rng.fork("network"), linkTime);
    const room = { members, faults, rng, lie };
    this.#members = new Map(members.map((name) => [name, new SimulatedMember(name, machine, room)]));
    for (const member of members) this.#queue.add({ type: "input", atMs: 0, member, input: { type: "begin" } });
    for (const fault of faults) {
      if (fault.type !== "crash") continue;
      const { member, atMs, restartMs, keeps } = fault;
      this.#queue.add({ type: "crash", atMs, member, keeps });
      if (restartMs !== null) this.#queue.add({ type: "restart", atMs: restartMs, member });
    }
    for (const { atMs, member, request } of requests)
      this.#queue.add({ type: "input", atMs, member, input: { type: "request", request } });
  }

  /** Does what is due first and is no mere loss; `undefined` when nothing is due any more, or only later. */
  step(untilMs: number): SimulationView<State, Message, Outcome> | undefined {
    for (let due = this.#queue.next(); due !== undefined; due = this.#queue.next()) {
      if (due.atMs > untilMs) {
        this.#queue.add(due);
        return undefined;
      }
      this.nowMs = due.atMs;
      const last = this.#happen(due);
      if (last === undefined) continue;
      this.#trace.push(last);
      return { last, states: this.#states, outcomes: this.#outcomes, trace: this.#trace };
    }
    return undefined;
  }

  result(): {
    states: ReadonlyMap<string, State>;
    outcomes: readonly MemberOutcome<Outcome>[];
    messages: MessageCounts;
    trace: readonly TraceStep<Message, Outcome>[];
  } {
    const inFlight = this.#queue.events.filter(isMessage).length;
    return {
      states: this.#states,
      outcomes: this.#outcomes,
      messages: { ...this.#counts, inFlight },
      trace: this.#trace,
    };
  }

  #happen(due: Happening<Message>): TraceStep<Message, Outcome> | undefined {
    const member = this.#members.get(due.member);
    if (member === undefined) {
      if (isMessage(due)) this.#counts.lost++;
      return undefined;
    }
    if (due.type === "crash") return this.#crash(member, due.keeps);
    if (due.type === "restart") {
      if (member.isUp) return undefined;
      member.restart();
      return this.#perform(member, { type: "begin" });
    }
    const pausedUntilMs = member.pausedUntilMs(this.nowMs);
    if (pausedUntilMs !== undefined && member.isUp) {
      this.#queue.add({ ...due, atMs: pausedUntilMs });
      return undefined;
    }
    if (due.type === "timer") {
      if (member.timers.get(due.timer) !== due.id) return undefined;
      member.timers.delete(due.timer);
      return this.#perform(member, { type: "timer", timer: due.timer });
    }
    if (isMessage(due)) this.#counts[member.isUp ? "delivered" : "lost"]++;
    return member.isUp ? this.#perform(member, due.input) : undefined;
  }

  #crash(
    member: SimulatedMember<State, Message, Outcome>,
    keeps: "disk" | "nothing",
  ): TraceStep<Message, Outcome> | undefined {
    if (!member.isUp || !member.isCorrect) return undefined;
    const at = member.clockMs(this.nowMs);
    member.crash(keeps);
    this.#states.delete(member.name);
    return this.#traced(member.name, { type: "crash", at }, []);
  }

  #perform(
    member: SimulatedMember<State, Message, Outcome>,
    input: UntimedInput<Message>,
  ): TraceStep<Message, Outcome> {
    const { name } = member;
    const { out = [], timers = {}, outcomes = [] } = member.step(input, this.nowMs);
    if (member.isCorrect && member.state !== undefined) this.#states.set(name, member.state);
    for (const [timer, ms] of Object.entries(timers)) this.#setTimer(member, timer, ms);
    for (const outgoing of out) this.#send(name, outgoing);
    if (member.isCorrect)
      for (const outcome of outcomes) this.#outcomes.push({ atMs: this.nowMs, member: name, outcome });
    const timed = { ...input, at: member.clockMs(this.nowMs) } as TraceStep<Message, Outcome>["input"];
    return this.#traced(name, timed, out, outcomes);
  }

  #traced(
    member: string,
    input: TraceStep<Message, Outcome>["input"],
    sent: readonly ForgedOutgoing<Message>[],
    outcomes: readonly Outcome[] = [],
  ): TraceStep<Message, Outcome> {
    this.steps++;
    return { step: this.steps, atMs: this.nowMs, member, input, sent, outcomes };
  }

  #setTimer(member: SimulatedMember<State, Message, Outcome>, timer: string, ms: number | null): void {
    member.timers.delete(timer);
    if (ms === null) return;
    const id = ++this.#timerCount;
    member.timers.set(timer, id);
    const atMs = this.nowMs + member.timerMs(ms, this.nowMs);
    this.#queue.add({ type: "timer", atMs, member: member.name, timer, id });
  }

  #send(self: string, { from = self, to, message }: ForgedOutgoing<Message>): void {
    this.#counts.sent++;
    // To itself nothing goes by the network, and who lies is still where it is: the link is the liar's own.
    const arrivals = self === to ? [this.nowMs] : this.#network.arrivals(self, to, this.nowMs);
    if (arrivals.length === 0) this.#counts.dropped++;
    else this.#counts.duplicated += arrivals.length - 1;
    for (const atMs of arrivals)
      this.#queue.add({ type: "input", atMs, member: to, input: { type: "message", from, message } });
  }
}

function isMessage<Message extends Json>(due: Happening<Message>): boolean {
  return due.type === "input" && due.input.type === "message";
}

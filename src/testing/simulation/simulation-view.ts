import type { Json } from "#foundation";
import type { MachineInput } from "#orchestration";

/** One step of a run: who got what, and what came of it. */
export interface TraceStep<Message extends Json = Json, Outcome = unknown> {
  /** From 1. */
  readonly step: number;
  /** In virtual milliseconds of the run: the member's own clock may tell another time. */
  readonly atMs: number;
  readonly member: string;
  readonly input: MachineInput<Message> | { readonly type: "crash"; readonly at: number };
  readonly sent: readonly { readonly to: string; readonly message: Message }[];
  readonly outcomes: readonly Outcome[];
}

/** What an invariant sees after every step. */
export interface SimulationView<State, Message extends Json, Outcome> {
  readonly last: TraceStep<Message, Outcome>;
  /** Of the correct members that are up, in the order of members. */
  readonly states: ReadonlyMap<string, State>;
  /** All outcomes of correct members so far. */
  readonly outcomes: readonly MemberOutcome<Outcome>[];
  /** Everything so far, the last step included. */
  readonly trace: readonly TraceStep<Message, Outcome>[];
}

export interface MemberOutcome<Outcome> {
  readonly atMs: number;
  readonly member: string;
  readonly outcome: Outcome;
}

/** What is wrong, in words, or `undefined`. */
export type Invariant<State, Message extends Json, Outcome> = (
  view: SimulationView<State, Message, Outcome>,
) => string | undefined;

/** `sent + duplicated = delivered + dropped + lost + inFlight`. */
export interface MessageCounts {
  readonly sent: number;
  readonly duplicated: number;
  readonly delivered: number;
  readonly dropped: number;
  /** Arrived where nobody was up. */
  readonly lost: number;
  /** Still on the way at the end. */
  readonly inFlight: number;
}

export interface Violation {
  /** `"liveness"` when it was not done in time. */
  readonly invariant: string;
  readonly message: string;
  readonly step: number;
  readonly atMs: number;
}

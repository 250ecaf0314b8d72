import type { Json, JsonObject, Rng } from "#foundation";

/**
 * One participant of a protocol, without doing anything: what it makes of a message, of a timer that ran out, of a
 * client's request. Pure, and its state is JSON, so that a run can be stepped, cut, repeated and searched for faults. Whatever
 * carries messages (`Bus`) may drop, delay, repeat and reorder them.
 */
export interface Machine<State = unknown, Message extends Json = Json, Outcome = unknown> {
  /** Snake case, as configurations name it. */
  readonly name: string;
  /** The state before the first input. `members` are all participants, itself among them, in one order for all. */
  start(self: string, members: readonly string[]): State;
  step(state: State, input: MachineInput<Message>, rng: Rng): MachineStep<State, Message, Outcome>;
  /** What is on the disk before an answer leaves: all that a crash leaves. Nothing unless told. */
  persistent?(state: State): JsonObject;
  /** The state after a crash, from what was on the disk. As `start` unless told. */
  restart?(self: string, members: readonly string[], persisted: JsonObject): State;
}

export type MachineInput<Message extends Json> =
  /** It runs, for the first time or after a crash. */
  | { readonly type: "begin"; readonly at: number }
  | { readonly type: "message"; readonly at: number; readonly from: string; readonly message: Message }
  /** A timer that it has set ran out. `at` is in milliseconds, as its own clock tells them: clocks may differ. */
  | { readonly type: "timer"; readonly at: number; readonly timer: string }
  /** A client, or the agent that it stands for, wants something of it. */
  | { readonly type: "request"; readonly at: number; readonly request: Json };

export interface MachineStep<State, Message extends Json, Outcome> {
  readonly state: State;
  readonly out?: readonly Outgoing<Message>[];
  /** Set anew, or with `null` taken back; by name, one of each. In milliseconds from now. */
  readonly timers?: Readonly<Record<string, number | null>>;
  /** What it has come to with this step, in the protocol's own words; a protocol may come to several things in a row. */
  readonly outcomes?: readonly Outcome[];
}

export interface Outgoing<Message extends Json> {
  readonly to: string;
  readonly message: Message;
}

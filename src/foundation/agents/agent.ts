import type { Clock } from "../clock.ts";
import { describe, isPlainObject } from "../json.ts";
import { UsageError } from "../error.ts";
import type { DownReason, ExitReason } from "./exit-reason.ts";
import type { Overflow } from "./mailbox.ts";
import type { Ref } from "./ref.ts";

/**
 * What an agent does, as a value: it starts with a state, takes one message at a time and gives the next state. All of
 * it may be asynchronous; while a message is being handled, the others wait. `S` is the state, `M` what it is sent,
 * `A` what it is started with.
 */
export interface AgentDefinition<S = unknown, M = unknown, A = void> {
  /** For people: in events and errors. */
  readonly name: string;
  /** The first state. Throwing, or an aborted start, means that the agent never lived. */
  init(argument: A, context: AgentContext<M>): S | Ignore | Promise<S | Ignore>;
  /** The state after a message. Throwing ends the agent with a crash. */
  handle(message: M, state: S, context: AgentContext<M>): S | Promise<S>;
  /**
   * The state after a linked agent has ended. An agent that has this outlives its links (it traps exits); one that has
   * not ends with them when they end abnormally.
   */
  exit?(from: Pid, reason: DownReason, state: S, context: AgentContext<M>): S | Promise<S>;
  /**
   * The state to go on with after a hot swap, from the one the version before it ended with; `fresh` is what `init` of
   * this version gave. It carries data: what `init` opens, each version opens and `terminate` closes for itself.
   */
  migrate?(before: unknown, fresh: S, context: AgentContext<M>): S | Promise<S>;
  /** Cleans up. Runs at every end but a kill. */
  terminate?(reason: ExitReason, state: S): void | Promise<void>;
  readonly mailbox?: MailboxOptions;
  /**
   * An agent that has had nothing to do for so long sleeps: its state is given to `snapshot` and dropped; name and
   * mailbox stay, and the next message wakes it with what `restore` makes of the snapshot. Needs both.
   */
  readonly idleMs?: number;
  /** What to keep of a state: data, or where it has been put. */
  snapshot?(state: S): unknown;
  /** The state that a snapshot was taken of. */
  restore?(snapshot: unknown, context: AgentContext<M>): S | Promise<S>;
}

export interface MailboxOptions {
  /** How many messages may wait; 10,000 unless told. */
  readonly capacity?: number;
  /** What happens to the next one; `"block"` unless told. */
  readonly overflow?: Overflow;
}

/** The identity of one incarnation: a restarted agent has another. Unique within its runtime. */
export type Pid = number & { readonly pid: unique symbol };

declare const ignored: unique symbol;

/** What `init` answers when there is nothing to do: the start succeeds and nobody lives. */
export type Ignore = { readonly [ignored]: true };
export const ignore: Ignore = Object.freeze({ ignore: true }) as unknown as Ignore;

/** What an agent can do while it lives. A dead incarnation's context does nothing; what it tries is counted. */
export interface AgentContext<M> {
  readonly pid: Pid;
  /** The agent's own address. */
  readonly self: Ref<M>;
  readonly clock: Clock;
  /** Aborts when the incarnation ends: for whatever it has under way. */
  readonly signal: AbortSignal;
  /** Answers the call that is being handled. Nothing happens when the message is no call or was answered. */
  reply(value: unknown): void;
  /** Takes the call that is being handled out of the agent's hands: it is answered when the function is called. */
  replyLater(): (value: unknown) => void;
  /**
   * Ends the agent after this message; `normal` unless told. A `reply` answers the call at hand when `terminate` has
   * run, unless that fails.
   */
  stop(reason?: ExitReason, last?: { readonly reply: unknown }): void;
  /** Handles this message again after the next change of state, before newer ones. */
  postpone(): void;
  /** Handles a message before everything that waits: in `init`, before the first that comes. Several keep their order. */
  next(message: M): void;
  /** Handles a message when none has come for so long; any message takes that back. */
  whenQuiet(ms: number, message: M): void;
  /** Turns the end of another agent into a message of one's own, after everything that it had sent. */
  monitor(ref: Ref<never>, toMessage: (reason: DownReason, pid: Pid) => M): Disposable;
  /** Binds two lives: see `exit` of the definition. */
  link(ref: Ref<never>): void;
  unlink(ref: Ref<never>): void;
}

/** An agent's definition, checked. */
export function agent<S, M, A = void>(definition: AgentDefinition<S, M, A>): AgentDefinition<S, M, A> {
  if (!isPlainObject(definition)) throw new UsageError(`agent: expected a definition, got ${describe(definition)}`);
  const { name, mailbox = {} } = definition;
  if (typeof name !== "string" || name === "")
    throw new UsageError(`agent.name: expected a name, got ${describe(name)}`);
  for (const key of ["init", "handle"] as const) {
    const value: unknown = definition[key];
    if (typeof value !== "function")
      throw new UsageError(`agent ${name}.${key}: expected a function, got ${describe(value)}`);
  }
  const { capacity = 1, overflow = "block" } = mailbox;
  if (!Number.isInteger(capacity) || capacity < 1)
    throw new UsageError(`agent ${name}.mailbox.capacity: expected a whole number of at least 1, got ${capacity}`);
  if (!["block", "drop_new", "drop_old", "fail"].includes(overflow))
    throw new UsageError(`agent ${name}.mailbox.overflow: expected block, drop_new, drop_old or fail, got ${overflow}`);
  checkSleep(definition);
  return definition;
}

function checkSleep({
  name,
  idleMs,
  snapshot,
  restore,
}: Pick<AgentDefinition, "name" | "idleMs"> & { readonly snapshot?: unknown; readonly restore?: unknown }): void {
  if ((snapshot === undefined) !== (restore === undefined))
    throw new UsageError(`agent ${name}: expected both snapshot and restore, or neither`);
  if (idleMs === undefined) return;
  if (!(idleMs > 0)) throw new UsageError(`agent ${name}.idleMs: expected milliseconds above 0, got ${idleMs}`);
  if (snapshot === undefined) throw new UsageError(`agent ${name}.idleMs: expected snapshot and restore beside it`);
}

/** For the cell: handling as a plain function, which needs none made for each message to run in the agent's context. */
export function handleBy<S, M>(
  definition: AgentDefinition<S, M, never>,
  message: M,
  state: S,
  context: AgentContext<M>,
): S | Promise<S> {
  return definition.handle(message, state, context);
}

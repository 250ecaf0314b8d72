import { CodedError } from "../../error.ts";
import { describe, isPlainObject } from "../../json.ts";
import type { Ignore, Pid } from "../agent.ts";
import type { Watcher } from "../agent-cell.ts";
import type { ExitReason } from "../exit-reason.ts";
import type { AgentRuntime } from "../runtime.ts";

/** What a supervisor needs of what it supervises: an agent, another supervisor, a worker's or a process's host. */
export interface Child {
  readonly pid: Pid;
  readonly isAlive: boolean;
  /** Asks it to end; `killed` ends it at once. */
  exit(reason: ExitReason): void;
  /** Calls back once when it has ended; with `noproc` when it had before. */
  watch(watcher: Watcher): Disposable;
  /**
   * Like `watch`, for its supervisor: it hears after everybody else, and the reason even when the child had ended
   * before. Where it is missing the supervisor watches.
   */
  own?(owner: Watcher): void;
}

/** What a start gives: the child, and whatever else its starter should get; or that there is nothing to do. */
export type Started = { readonly child: Child; readonly info?: unknown } | Ignore;

export interface StartContext {
  readonly runtime: AgentRuntime;
  /** Aborts when the supervisor is told to end while the start is under way. */
  readonly signal: AbortSignal;
  readonly startTimeoutMs: number | undefined;
}

/** When a child that has ended is started again: always, after abnormal ends, never. */
export type Restart = "permanent" | "transient" | "temporary";

/** How a child is ended: at once, in so many milliseconds and then at once, or in its own time. */
export type Shutdown = number | "brutal" | "infinity";

/** How a supervisor starts, restarts and stops one child. */
export interface ChildSpec<A = void> {
  readonly id: string;
  readonly start: (context: StartContext, argument: A) => Started | Promise<Started>;
  /** `"permanent"` unless told. */
  readonly restart?: Restart;
  /** 5,000 ms unless told; `"infinity"` for supervisors. */
  readonly shutdownMs?: Shutdown;
  /** `"worker"` unless told. */
  readonly type?: "worker" | "supervisor";
  /** Whether its own, final end can end its supervisor; see `autoShutdown`. */
  readonly significant?: boolean;
  /** How long a start may take; for ever unless told. */
  readonly startTimeoutMs?: number;
}

/** A spec with everything said. */
export type CompleteSpec<A = unknown> = Required<Omit<ChildSpec<A>, "startTimeoutMs" | "start">> & {
  readonly start: (context: StartContext, argument: A) => Started | Promise<Started>;
  readonly startTimeoutMs: number | undefined;
};

export type Strategy = "one_for_one" | "one_for_all" | "rest_for_one";
export type AutoShutdown = "never" | "any_significant" | "all_significant";

/** What a supervisor does, beside its children. */
export interface SupervisorFlags {
  /** Which children are restarted when one ends: it, all, or it and those started after it. `"one_for_one"` unless told. */
  readonly strategy: Strategy;
  /** More restarts than this within `periodMs` end the supervisor. 3 unless told. */
  readonly intensity: number;
  /** 5,000 unless told. */
  readonly periodMs: number;
  /** Whether the own, final end of a significant child, or of the last one, ends the supervisor. `"never"` unless told. */
  readonly autoShutdown: AutoShutdown;
  /** The most dynamic children; no limit unless told. */
  readonly maxChildren: number;
  /**
   * How long to wait before a restart, by how many restarts there have been within `periodMs`, it included. No time
   * unless told. The wait can be called off; the restarts count the same.
   */
  readonly backoffMs: ((restarts: number) => number) | undefined;
}

export type SpecErrorCode =
  | "invalid_child_spec"
  | "missing_id"
  | "missing_start"
  | "bad_restart"
  | "bad_shutdown"
  | "bad_type"
  | "bad_significant"
  | "bad_start_timeout"
  | "bad_combination"
  | "duplicate_id"
  | "bad_strategy"
  | "bad_intensity"
  | "bad_period"
  | "bad_auto_shutdown"
  | "bad_max_children"
  | "bad_backoff";

/** A faulty supervisor or child definition: the caller's mistake, with a code of its own for each. */
export class SpecError extends CodedError<SpecErrorCode> {
  override readonly name = "SpecError";
}

/** The flags with everything said. Throws `SpecError`. Unknown keys are ignored. */
export function completeFlags(flags: Partial<SupervisorFlags>): SupervisorFlags {
  const {
    strategy = "one_for_one",
    intensity = 3,
    periodMs = 5000,
    autoShutdown = "never",
    maxChildren = Infinity,
    backoffMs,
  } = flags;
  check(
    ["one_for_one", "one_for_all", "rest_for_one"].includes(strategy),
    "bad_strategy",
    "strategy",
    "one_for_one, one_for_all or rest_for_one",
    strategy,
  );
  check(
    Number.isInteger(intensity) && intensity >= 0,
    "bad_intensity",
    "intensity",
    "a whole number of at least 0",
    intensity,
  );
  check(
    Number.isFinite(periodMs) && periodMs > 0,
    "bad_period",
    "periodMs",
    "a number of milliseconds above 0",
    periodMs,
  );
  check(
    ["never", "any_significant", "all_significant"].includes(autoShutdown),
    "bad_auto_shutdown",
    "autoShutdown",
    "never, any_significant or all_significant",
    autoShutdown,
  );
  check(
    maxChildren === Infinity || (Number.isInteger(maxChildren) && maxChildren >= 0),
    "bad_max_children",
    "maxChildren",
    "a whole number",
    maxChildren,
  );
  check(
    backoffMs === undefined || typeof backoffMs === "function",
    "bad_backoff",
    "backoffMs",
    "a function of the number of restarts",
    backoffMs,
  );
  return { strategy, intensity, periodMs, autoShutdown, maxChildren, backoffMs };
}

/** A spec with everything said. Throws `SpecError`. Unknown keys are ignored. */
export function completeSpec<A>(spec: ChildSpec<A>, autoShutdown: AutoShutdown): CompleteSpec<A> {
  check(isPlainObject(spec), "invalid_child_spec", "child", "a spec", spec);
  const { id, restart = "permanent", type = "worker", significant = false, startTimeoutMs } = spec;
  check(typeof id === "string" && id !== "", "missing_id", "child.id", "a name", id);
  check(typeof spec.start === "function", "missing_start", `child ${id}.start`, "a function", spec.start);
  check(
    ["permanent", "transient", "temporary"].includes(restart),
    "bad_restart",
    `child ${id}.restart`,
    "permanent, transient or temporary",
    restart,
  );
  check(["worker", "supervisor"].includes(type), "bad_type", `child ${id}.type`, "worker or supervisor", type);
  const shutdownMs = spec.shutdownMs ?? (type === "supervisor" ? "infinity" : 5000);
  const isTime = typeof shutdownMs === "number" && shutdownMs >= 0 && Number.isFinite(shutdownMs);
  check(
    isTime || shutdownMs === "brutal" || shutdownMs === "infinity",
    "bad_shutdown",
    `child ${id}.shutdownMs`,
    "milliseconds, brutal or infinity",
    shutdownMs,
  );
  check(typeof significant === "boolean", "bad_significant", `child ${id}.significant`, "true or false", significant);
  check(
    startTimeoutMs === undefined || startTimeoutMs > 0,
    "bad_start_timeout",
    `child ${id}.startTimeoutMs`,
    "milliseconds above 0",
    startTimeoutMs,
  );
  check(
    !significant || autoShutdown !== "never",
    "bad_combination",
    `child ${id}`,
    "no significant child where autoShutdown is never",
    "one",
  );
  check(
    !significant || restart !== "permanent",
    "bad_combination",
    `child ${id}`,
    "a significant child that can end: transient or temporary",
    restart,
  );
  return {
    id,
    start: (context, argument) => spec.start(context, argument),
    restart,
    shutdownMs,
    type,
    significant,
    startTimeoutMs,
  };
}

/** All specs with everything said, no id twice. */
export function completeSpecs(specs: readonly ChildSpec[], autoShutdown: AutoShutdown): CompleteSpec[] {
  const complete = specs.map((spec) => completeSpec(spec, autoShutdown) as CompleteSpec);
  const ids = new Set<string>();
  for (const { id } of complete) {
    check(!ids.has(id), "duplicate_id", `child ${id}`, "an id of its own", id);
    ids.add(id);
  }
  return complete;
}

function check(holds: boolean, code: SpecErrorCode, where: string, expected: string, value: unknown): void {
  if (!holds) throw new SpecError(code, `${where}: expected ${expected}, got ${describe(value)}`);
}

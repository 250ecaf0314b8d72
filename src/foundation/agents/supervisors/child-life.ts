import type { Watcher } from "../agent-cell.ts";
import { ignore } from "../agent.ts";
import { AgentError } from "../call.ts";
import type { Child, CompleteSpec, Shutdown, Started } from "./child-spec.ts";
import { killed, shutdown } from "../exit-reason.ts";
import type { DownReason, ExitReason } from "../exit-reason.ts";
import type { AgentRuntime } from "../runtime.ts";

/** What came of a start. */
export type StartOutcome =
  | { readonly ok: true; readonly child: Child | undefined; readonly info?: unknown }
  | { readonly ok: false; readonly error: unknown };

/**
 * Starts a child, at once where its start is; `onDown` hears once when it ends later. Never throws or rejects. `signal`
 * calls a pending start off; it then has the child's shutdown time to come to an end, none if its reason is a kill.
 */
export function startChild(
  runtime: AgentRuntime,
  spec: CompleteSpec,
  argument: unknown,
  signal: AbortSignal,
  onDown: Watcher,
): StartOutcome | Promise<StartOutcome> {
  if (signal.aborted) return failed(calledOff(spec));
  const { startTimeoutMs } = spec;
  const late = startTimeoutMs === undefined ? undefined : new AbortController();
  const either = late === undefined ? signal : AbortSignal.any([signal, late.signal]);
  try {
    const pending = spec.start({ runtime, signal: either, startTimeoutMs }, argument);
    if (!(pending instanceof Promise)) return watched(spec, pending, onDown);
    return new PendingStart(runtime, spec, signal, late)
      .follow(pending)
      .then((started) => watched(spec, started, onDown), failed);
  } catch (error) {
    return failed(error);
  }
}

function watched(spec: CompleteSpec, started: Started, onDown: Watcher): StartOutcome {
  if (started === ignore) return { ok: true, child: undefined };
  const child = childOf(started);
  if (child === undefined)
    return failed(new AgentError("start_failed", `child ${spec.id}: its start gave neither { child } nor ignore`));
  if (child.own === undefined) child.watch(onDown);
  else child.own(onDown);
  return { ok: true, child, info: (started as { readonly info?: unknown }).info };
}

function failed(error: unknown): StartOutcome {
  return { ok: false, error };
}

function calledOff({ id }: CompleteSpec): AgentError {
  return new AgentError("start_aborted", `the start of child ${id} was called off`);
}

function childOf(started: Started): Child | undefined {
  const child: unknown = typeof started === "object" && started !== null ? Reflect.get(started, "child") : undefined;
  return typeof child === "object" && child !== null && "pid" in child && "watch" in child
    ? (child as Child)
    : undefined;
}

/** A start that takes its time, until it has come to an end or nobody waits for it any more. */
class PendingStart {
  readonly #runtime: AgentRuntime;
  readonly #spec: CompleteSpec;
  readonly #signal: AbortSignal;
  readonly #late: AbortController | undefined;
  #refusal: AgentError | undefined;
  #isAbandoned = false;

  constructor(runtime: AgentRuntime, spec: CompleteSpec, signal: AbortSignal, late: AbortController | undefined) {
    this.#runtime = runtime;
    this.#spec = spec;
    this.#signal = signal;
    this.#late = late;
  }

  follow(pending: Promise<Started>): Promise<Started> {
    const { id, startTimeoutMs } = this.#spec;
    return new Promise((resolve, reject) => {
      const callOff = (): void => this.#refuse(calledOff(this.#spec), reject);
      const limit = {
        settled: false,
        expire: () => {
          this.#late?.abort();
          this.#refuse(
            new AgentError("start_timeout", `child ${id} did not start within ${startTimeoutMs} ms`),
            reject,
          );
        },
      };
      this.#signal.addEventListener("abort", callOff, { once: true });
      if (this.#signal.aborted) callOff();
      if (startTimeoutMs !== undefined) this.#runtime.deadlines.add(startTimeoutMs, limit);
      const end = (): void => {
        limit.settled = true;
        this.#signal.removeEventListener("abort", callOff);
      };
      pending.then(
        (started) => {
          end();
          if (this.#refusal === undefined) resolve(started);
          else void this.#endLate(started).then(() => reject(this.#refusal));
        },
        (error: unknown) => {
          end();
          reject(this.#refusal ?? error);
        },
      );
    });
  }

  /** Waits for the start to end, for as long as its child would have. */
  #refuse(refusal: AgentError, reject: (error: AgentError) => void): void {
    this.#refusal ??= refusal;
    const { shutdownMs } = this.#spec;
    const abandon = (): void => {
      this.#isAbandoned = true;
      reject(refusal);
    };
    const isKilled = (this.#signal.reason as ExitReason | undefined)?.kind === "killed";
    if (isKilled || shutdownMs === "brutal") abandon();
    else if (shutdownMs !== "infinity") this.#runtime.deadlines.add(shutdownMs, { settled: false, expire: abandon });
  }

  async #endLate(started: Started): Promise<void> {
    const child = childOf(started);
    if (child !== undefined)
      await stopChild(this.#runtime, child, this.#isAbandoned ? "brutal" : this.#spec.shutdownMs);
  }
}

/** Ends a child the way its spec says and resolves when it is gone. Waits for its end, not for its good will. */
export function stopChild(runtime: AgentRuntime, child: Child, how: Shutdown): Promise<DownReason> {
  return new Promise((resolve) => {
    const deadline = { settled: false, expire: () => child.exit(killed) };
    child.watch((reason) => {
      deadline.settled = true;
      resolve(reason);
    });
    if (how === "brutal") return child.exit(killed);
    if (how !== "infinity") runtime.deadlines.add(how, deadline);
    child.exit(shutdown);
  });
}

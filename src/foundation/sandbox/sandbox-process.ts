import { AgentError } from "../agents/call.ts";
import type { AgentHost } from "../agents/hosts/agent-host.ts";
import { agentModule } from "../agents/hosts/agent-module.ts";
import { HostError } from "../agents/hosts/host-error.ts";
import { processHost } from "../agents/hosts/process-host.ts";
import type { Ref } from "../agents/ref.ts";
import type { AgentRuntime } from "../agents/runtime.ts";
import { isPlainObject } from "../json.ts";
import { maxAttempts } from "./evaluation.ts";
import type { Evaluated, Evaluation } from "./evaluation.ts";
import type { evaluator } from "./evaluator.ts";
import { SandboxError } from "./sandbox-error.ts";
import type { SandboxResult } from "./sandbox-result.ts";

export interface ProcessLimits {
  readonly maxHeapMb: number;
  readonly maxResidentMb: number;
  /** How long past a program's time limit the process may stay away. */
  readonly overrunMs: number;
  /** After so many programs there is a new process. */
  readonly maxPrograms: number;
}

/** What a program's run gave: the process's answer, or what became of the process. */
export type Answer = Evaluated | Extract<SandboxResult, { ok: false }>;

const startTimeoutMs = 30_000;
const memoryCheckMs = 20;

const module = agentModule<typeof evaluator>(
  new URL(`./evaluator.${import.meta.url.endsWith(".ts") ? "ts" : "js"}`, import.meta.url),
  "evaluator",
);

/** One place of a pool: a process at a time, one program at a time. The next program after its end starts another. */
export class SandboxProcess implements AsyncDisposable {
  readonly #host: AgentHost;
  readonly #limits: ProcessLimits;
  #ref: Ref<Evaluation> | undefined;
  #programs = 0;

  constructor(runtime: AgentRuntime, limits: ProcessLimits) {
    this.#limits = limits;
    this.#host = processHost({
      runtime,
      maxHeapMb: limits.maxHeapMb,
      maxResidentMb: limits.maxResidentMb,
      memoryCheckMs,
      // A program may keep the process for as long as its limit says; the deadline of its call is the watch.
      maxBlockedMs: Infinity,
      permission: { read: [] },
      flags: flags(),
      graceMs: 100,
    });
  }

  get isWarm(): boolean {
    return this.#ref?.isAlive === true;
  }

  /**
   * Runs a program; once more where its process was lost for no reason of ours, because it may have been lost before it
   * heard of the program. Rejects with `SandboxError` (`not_started`), or with the signal's reason; the process is
   * killed then.
   */
  async evaluate(evaluation: Evaluation, signal: AbortSignal | undefined): Promise<Answer> {
    const answer = await this.#attempt(evaluation, signal);
    return "ok" in answer && answer.code === "crashed" ? this.#attempt(evaluation, signal) : answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#host[Symbol.asyncDispose]();
  }

  async #attempt(evaluation: Evaluation, signal: AbortSignal | undefined): Promise<Answer> {
    const ref = await this.#start(signal);
    this.#programs++;
    const timeoutMs = maxAttempts * evaluation.timeoutMs + this.#limits.overrunMs;
    try {
      return await this.#checked(await ref.call<unknown>(evaluation, { timeoutMs, signal }));
    } catch (error) {
      await this.#end();
      signal?.throwIfAborted();
      return failureOf(error, evaluation.timeoutMs);
    }
  }

  async #start(signal: AbortSignal | undefined): Promise<Ref<Evaluation>> {
    if (this.#ref?.isAlive === true) return this.#ref;
    try {
      const ref = await this.#host.start(module, undefined, { signal, startTimeoutMs });
      if (ref === undefined) throw new HostError("bad_module", "the evaluator did not start");
      this.#ref = ref;
      this.#programs = 0;
      return ref;
    } catch (cause) {
      await this.#end();
      signal?.throwIfAborted();
      throw new SandboxError("not_started", "no process for generated code could be started", {
        cause,
        retryable: true,
      });
    }
  }

  /** The answer, if it is one; the process is not needed any more when it has done enough or has grown. */
  async #checked(answer: unknown): Promise<Answer> {
    if (!isEvaluated(answer)) throw new HostError("exited", "the process answered what our code never answers");
    const { maxPrograms, maxResidentMb } = this.#limits;
    const hasGrown = answer.residentBytes > (maxResidentMb * 2 ** 20 * 2) / 3;
    if (hasGrown || this.#programs >= maxPrograms) await this.#end();
    return answer;
  }

  async #end(): Promise<void> {
    this.#ref = undefined;
    await this.#host.terminate();
  }
}

/** What keeps the realm of our own code as it is: no text becomes code there, and nothing in it can be changed. */
function flags(): string[] {
  const frozen = "--frozen-intrinsics";
  // An experiment of Node's: a version without it would refuse to start.
  const isKnown = process.allowedNodeEnvironmentFlags.has(frozen);
  return ["--no-warnings", "--disallow-code-generation-from-strings", ...(isKnown ? [frozen] : [])];
}

/** What a program that got out might answer is data from a stranger. */
function isEvaluated(answer: unknown): answer is Evaluated {
  if (!isPlainObject(answer)) return false;
  const { defect, isStuck, outcomes, residentBytes } = answer;
  return (
    (defect === undefined || typeof defect === "string") &&
    typeof isStuck === "boolean" &&
    typeof residentBytes === "number" &&
    Array.isArray(outcomes) &&
    outcomes.every((outcome) => typeof outcome === "string")
  );
}

function failureOf(error: unknown, timeoutMs: number): Extract<SandboxResult, { ok: false }> {
  if (error instanceof AgentError && error.code === "timeout")
    return {
      ok: false,
      code: "timeout",
      message: `the program did not heed its limit of ${timeoutMs} ms and its process was killed`,
    };
  const cause = error instanceof AgentError && error.reason?.kind === "crash" ? error.reason.error : error;
  const code = cause instanceof HostError && cause.code === "out_of_memory" ? "out_of_memory" : "crashed";
  return { ok: false, code, message: cause instanceof Error ? cause.message : String(cause) };
}

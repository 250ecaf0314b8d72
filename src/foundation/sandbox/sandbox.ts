import { AgentRuntime } from "../agents/runtime.ts";
import type { Clock } from "../clock.ts";
import { describe, isPlainObject } from "../json.ts";
import { UsageError } from "../error.ts";
import type { Evaluation } from "./evaluation.ts";
import { inputText, sourceDefect } from "./program.ts";
import type { SandboxProgram } from "./program.ts";
import { resultOf } from "./result-of.ts";
import { SandboxError } from "./sandbox-error.ts";
import { SandboxProcess } from "./sandbox-process.ts";
import type { SandboxResult } from "./sandbox-result.ts";

export interface SandboxOptions {
  /** Times the processes; the machine's unless told. Not together with `runtime`, which brings its own. */
  readonly clock?: Clock;
  /** Where the processes are started; one of its own unless told. */
  readonly runtime?: AgentRuntime;
  /** How many programs run at the same time, each in a process of its own; 1 unless told. */
  readonly processes?: number;
  /**
   * How long one program may take in all, by the wall clock, waiting in the queue not counted; 50 unless told. One that
   * was cut off because the machine gave it less than half of that is run again, at most twice.
   */
  readonly timeoutMs?: number;
  /** How long past its limit a program may keep its process away, which is killed then; 2,000 unless told. */
  readonly overrunMs?: number;
  /** The most that a process may have on its JavaScript heap, in MiB; 64 unless told. */
  readonly maxHeapMb?: number;
  /** The most memory that a process may hold, buffers included, in MiB; 320 unless told. */
  readonly maxResidentMb?: number;
  /** After so many programs a process is replaced; 5,000 unless told. */
  readonly maxPrograms?: number;
  /** How long a source may be, in characters; 65,536 unless told. */
  readonly maxSourceChars?: number;
  /** How long the JSON text of a program's inputs may be, in characters; 4,194,304 unless told. */
  readonly maxInputChars?: number;
  /** How long the JSON texts of a program's values may be together, in characters; 1,048,576 unless told. */
  readonly maxResultChars?: number;
}

export interface RunProgramOptions {
  /** The limit of this program. */
  readonly timeoutMs?: number;
  /** Takes the program out of the queue, or kills its process; `run` rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

interface Job {
  readonly evaluation: Evaluation;
  readonly signal: AbortSignal;
  readonly resolve: (result: SandboxResult) => void;
  readonly reject: (reason: unknown) => void;
}

const defaults = {
  processes: 1,
  timeoutMs: 50,
  overrunMs: 2000,
  maxHeapMb: 64,
  maxResidentMb: 320,
  maxPrograms: 5000,
  maxSourceChars: 2 ** 16,
  maxInputChars: 2 ** 22,
  maxResultChars: 2 ** 20,
} as const satisfies SandboxOptions;

type Limits = { readonly [K in keyof typeof defaults]: number };

/**
 * Runs generated JavaScript where it can do nothing but compute: in child processes without files, network, children,
 * threads and environment, each program in a realm of its own, within limits of time and memory. Processes start when
 * they are needed and keep this one alive until the sandbox is disposed of. What is guarded by what, and what is not
 * promised, is in the folder's README.
 */
export class Sandbox implements AsyncDisposable {
  readonly #limits: Limits;
  readonly #ownRuntime: AgentRuntime | undefined;
  readonly #idle: SandboxProcess[];
  readonly #processes: readonly SandboxProcess[];
  readonly #queue: Job[] = [];
  readonly #disposal = new AbortController();

  constructor({ clock, runtime, ...limits }: SandboxOptions = {}) {
    if (clock !== undefined && runtime !== undefined)
      throw new UsageError("Sandbox: expected a clock or a runtime, got both");
    this.#limits = { ...defaults, ...limits };
    for (const [name, value] of Object.entries(this.#limits)) checkCount(`Sandbox.${name}`, value);
    const used = runtime ?? new AgentRuntime(clock === undefined ? {} : { clock });
    this.#ownRuntime = runtime === undefined ? used : undefined;
    this.#processes = Array.from({ length: this.#limits.processes }, () => new SandboxProcess(used, this.#limits));
    this.#idle = [...this.#processes];
  }

  /**
   * Calls the function that the source evaluates to once for each argument list. Whatever the code does is in the
   * result. Programs wait in order of arrival. Throws `UsageError` for inputs that are not JSON or too long. Rejects
   * with `SandboxError`: `disposed`, `not_started`; and with the signal's reason.
   */
  run(program: SandboxProgram, options: RunProgramOptions = {}): Promise<SandboxResult> {
    if (!isPlainObject(program))
      throw new UsageError(`Sandbox.run: expected { source, inputs }, got ${describe(program)}`);
    const { source, inputs } = program;
    const { timeoutMs = this.#limits.timeoutMs, signal } = options;
    const { maxSourceChars, maxInputChars, maxResultChars } = this.#limits;
    if (typeof source !== "string")
      throw new UsageError(`Sandbox.run: expected a source text, got ${describe(source)}`);
    checkCount("Sandbox.run: timeoutMs", timeoutMs);
    const text = inputText(inputs, maxInputChars);
    const message = sourceDefect(source, maxSourceChars);
    if (this.#disposal.signal.aborted) return Promise.reject(this.#disposal.signal.reason);
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    if (message !== undefined) return Promise.resolve({ ok: false, code: "bad_source", message });
    return this.#enqueue({ source, inputs: text, calls: inputs.length, timeoutMs, maxResultChars }, signal);
  }

  /** Ends the processes at once; programs that wait or run reject with `SandboxError` (`disposed`). */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposal.abort(new SandboxError("disposed", "the sandbox was disposed of"));
    await Promise.all(this.#processes.map((process) => process[Symbol.asyncDispose]()));
    this.#ownRuntime?.[Symbol.dispose]();
  }

  #enqueue(evaluation: Evaluation, given: AbortSignal | undefined): Promise<SandboxResult> {
    const { promise, resolve, reject } = Promise.withResolvers<SandboxResult>();
    const over = this.#disposal.signal;
    const signal = given === undefined ? over : AbortSignal.any([given, over]);
    const job: Job = { evaluation, signal, resolve, reject };
    const onAbort = (): void => {
      const place = this.#queue.indexOf(job);
      if (place !== -1) this.#queue.splice(place, 1);
      reject(signal.reason);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    this.#queue.push(job);
    this.#serve();
    return promise.finally(() => signal.removeEventListener("abort", onAbort));
  }

  /** Gives waiting programs to idle processes; to one that has been started, if there is any. */
  #serve(): void {
    while (this.#queue.length > 0 && this.#idle.length > 0) {
      const warm = this.#idle.findIndex(({ isWarm }) => isWarm);
      const [process] = this.#idle.splice(Math.max(0, warm), 1);
      const job = this.#queue.shift();
      if (process !== undefined && job !== undefined) void this.#perform(job, process);
    }
  }

  async #perform({ evaluation, signal, resolve, reject }: Job, process: SandboxProcess): Promise<void> {
    try {
      resolve(resultOf(await process.evaluate(evaluation, signal), evaluation));
    } catch (error) {
      reject(error);
    }
    this.#idle.push(process);
    this.#serve();
  }
}

/** The longest that Node can time. */
const maxCount = 2 ** 31 - 1;

function checkCount(what: string, value: unknown): void {
  if (!Number.isInteger(value) || (value as number) < 1 || (value as number) > maxCount)
    throw new UsageError(`${what}: expected a whole number from 1 to ${maxCount}, got ${describe(value)}`);
}

import { Worker } from "node:worker_threads";
import { crash, normal } from "../exit-reason.ts";
import type { ExitReason } from "../exit-reason.ts";
import type { AgentRuntime } from "../runtime.ts";
import type { AgentHost } from "./agent-host.ts";
import { entryUrl, moduleFlags } from "./code-location.ts";
import { HostError } from "./host-error.ts";
import { Isolate } from "./isolate.ts";
import type { Enclosure, EnclosureEvents } from "./isolate.ts";
import { PlaceHost } from "./place.ts";
import { beatInterval, watchPulse } from "./watch.ts";
import type { WorkerSetup } from "./worker-entry.ts";
import type { Report } from "./wire.ts";

/** What a worker may take, in MB: Node's `ResourceLimits`. */
export interface WorkerLimits {
  readonly maxOldGenerationSizeMb?: number;
  readonly maxYoungGenerationSizeMb?: number;
  readonly codeRangeSizeMb?: number;
  readonly stackSizeMb?: number;
}

export interface WorkerHostOptions {
  readonly runtime: AgentRuntime;
  /** How long the thread's event loop may stand still: longer, and it is ended. 10,000 unless told, `Infinity` for ever. */
  readonly maxBlockedMs?: number;
  /** Limits of the thread's heap. They do not cover buffers, and one huge allocation still ends the whole process. */
  readonly resourceLimits?: WorkerLimits;
  /** How long the agents may take to end when the host is disposed of; 5,000 unless told. */
  readonly graceMs?: number;
}

/**
 * Agents in one worker thread: for work that keeps a processor busy. An endless loop is found and ended; the agents of
 * the thread end with `crash` (`HostError`, `blocked`) and a supervisor starts them again in a new thread.
 */
export function workerHost({
  runtime,
  maxBlockedMs = 10_000,
  resourceLimits,
  graceMs = 5000,
}: WorkerHostOptions): AgentHost {
  const options = { runtime, maxBlockedMs, resourceLimits };
  return new PlaceHost(() => new Isolate(runtime, (events) => thread(events, options)), { runtime, graceMs });
}

interface ThreadOptions {
  readonly runtime: AgentRuntime;
  readonly maxBlockedMs: number;
  readonly resourceLimits: WorkerLimits | undefined;
}

function thread(events: EnclosureEvents, { runtime, maxBlockedMs, resourceLimits }: ThreadOptions): Enclosure {
  const pulse = new Int32Array(new SharedArrayBuffer(4));
  const gone = new AbortController();
  const worker = new Worker(entryUrl("worker-entry"), {
    workerData: { pulse, beatMs: beatInterval(maxBlockedMs) } satisfies WorkerSetup,
    execArgv: moduleFlags(),
    ...(resourceLimits === undefined ? {} : { resourceLimits }),
  });
  let failure: ExitReason | undefined;
  worker.on("message", (batch: readonly Report[]) => events.received(batch));
  worker.on("error", (error) => (failure ??= crash(errorOf(error))));
  worker.on("exit", (code) => {
    gone.abort();
    events.ended(failure ?? exitOf(code));
  });
  const blocked = (): void =>
    events.condemned(crash(new HostError("blocked", `the worker's event loop stood still for ${maxBlockedMs} ms`)));
  if (maxBlockedMs !== Infinity)
    void watchPulse(() => Atomics.load(pulse, 0), maxBlockedMs, blocked, {
      clock: runtime.clock,
      signal: gone.signal,
    });
  return {
    id: worker.threadId,
    post: (batch) => worker.postMessage(batch),
    destroy: () => void worker.terminate(),
  };
}

function errorOf(error: unknown): unknown {
  const isOutOfMemory = error instanceof Error && Reflect.get(error, "code") === "ERR_WORKER_OUT_OF_MEMORY";
  return isOutOfMemory ? new HostError("out_of_memory", "the worker had no memory left", { cause: error }) : error;
}

function exitOf(code: number): ExitReason {
  return code === 0 ? normal : crash(new HostError("exited", `the worker ended with code ${code}`));
}

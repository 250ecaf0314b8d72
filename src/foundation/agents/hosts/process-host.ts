import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { crash } from "../exit-reason.ts";
import type { AgentRuntime } from "../runtime.ts";
import type { AgentHost } from "./agent-host.ts";
import { codeFolder, entryUrl, moduleFlags } from "./code-location.ts";
import { HostError } from "./host-error.ts";
import { Isolate } from "./isolate.ts";
import type { Enclosure, EnclosureEvents } from "./isolate.ts";
import { PlaceHost } from "./place.ts";
import { afterExit } from "./process-exit.ts";
import { isReports } from "./process-report.ts";
import { beatInterval, watchMemory, watchPulse } from "./watch.ts";
import type { Report } from "./wire.ts";

export interface ProcessHostOptions {
  readonly runtime: AgentRuntime;
  /** The most that the process may have on its JavaScript heap, in MiB; Node's own limit unless told. */
  readonly maxHeapMb?: number;
  /** The most memory that the process may hold, buffers included, in MiB: more, and it is ended. No limit unless told. */
  readonly maxResidentMb?: number;
  /** How often the memory is looked at; every 100 ms unless told. */
  readonly memoryCheckMs?: number;
  /** How long its event loop may stand still: longer, and it is ended. 10,000 unless told, `Infinity` for ever. */
  readonly maxBlockedMs?: number;
  /**
   * For code that is not trusted: no files but these and our own code to read, no child, thread or addon. The network
   * stays open: Node 24 cannot close it from outside. `Sandbox` closes it from inside.
   */
  readonly permission?: { readonly read: readonly string[] };
  /** Flags of Node for the process; unless told, those of this one that decide how modules are found. */
  readonly flags?: readonly string[];
  /** The process's environment; this process's unless told, an empty one with `permission`. */
  readonly env?: Readonly<Record<string, string>>;
  /** What the process writes: `"ignore"` unless told. */
  readonly output?: "inherit" | "ignore";
  /** How long the agents may take to end when the host is disposed of; 5,000 unless told. */
  readonly graceMs?: number;
}

type ProcessOptions = Omit<ProcessHostOptions, "graceMs">;

/**
 * Agents in one child process: for work that takes much memory or is not trusted. When the process runs out of memory
 * or is killed it dies alone; its agents end with `crash` (`HostError`) and a supervisor starts them again in a new one.
 */
export function processHost({ graceMs = 5000, ...options }: ProcessHostOptions): AgentHost {
  const { runtime } = options;
  return new PlaceHost(() => new Isolate(runtime, (events) => childProcess(events, options)), { runtime, graceMs });
}

function childProcess(events: EnclosureEvents, options: ProcessOptions): Enclosure {
  const { maxBlockedMs = 10_000, output = "ignore", permission, env } = options;
  const child = fork(fileURLToPath(entryUrl("process-entry")), [String(beatInterval(maxBlockedMs))], {
    execArgv: flagsOf(options),
    serialization: "advanced",
    stdio: ["ignore", output, "pipe", "ipc"],
    env: env ?? (permission === undefined ? process.env : {}),
  });
  if (output === "inherit") child.stderr?.pipe(process.stderr, { end: false });
  const watching = new AbortController();
  let beats = 0;
  child.on("message", (batch) => {
    beats++;
    hear(batch, events, permission);
  });
  afterExit(child, options.runtime.clock, (reason) => {
    watching.abort();
    events.ended(reason);
  });
  watch(child, () => beats, events, { ...options, signal: watching.signal });
  return {
    id: child.pid,
    // Without a callback a closed channel would be an error event; its end is heard of anyway.
    post: (batch) => void child.send([...batch], () => {}),
    destroy: () => void child.kill("SIGKILL"),
  };
}

function watch(
  { pid }: ChildProcess,
  beats: () => number,
  events: EnclosureEvents,
  options: ProcessOptions & { readonly signal: AbortSignal },
): void {
  const { runtime, signal, maxBlockedMs = 10_000, maxResidentMb, memoryCheckMs = 100 } = options;
  const { clock } = runtime;
  const blocked = (): void =>
    events.condemned(crash(new HostError("blocked", `the process's event loop stood still for ${maxBlockedMs} ms`)));
  if (maxBlockedMs !== Infinity) void watchPulse(beats, maxBlockedMs, blocked, { clock, signal });
  if (maxResidentMb === undefined || pid === undefined) return;
  const exceeded = (bytes: number): void =>
    events.condemned(
      crash(
        new HostError(
          "out_of_memory",
          `the process held ${Math.ceil(bytes / 2 ** 20)} MiB, more than ${maxResidentMb} MiB`,
        ),
      ),
    );
  void watchMemory(pid, { maxBytes: maxResidentMb * 2 ** 20, intervalMs: memoryCheckMs }, exceeded, {
    clock,
    signal,
  });
}

/** One that is not trusted may say anything: that must not end this process. */
function hear(batch: unknown, events: EnclosureEvents, permission: ProcessOptions["permission"]): void {
  if (permission === undefined || isReports(batch)) return events.received(batch as readonly Report[]);
  events.condemned(crash(new HostError("exited", "the process said what our code never says")));
}

function flagsOf({ maxHeapMb, permission, flags }: ProcessOptions): string[] {
  return [
    ...(flags === undefined ? moduleFlags() : [...moduleFlags([]), ...flags]),
    ...(maxHeapMb === undefined ? [] : [`--max-old-space-size=${maxHeapMb}`]),
    ...(permission === undefined ? [] : ["--permission"]),
    ...(permission === undefined ? [] : [codeFolder, ...permission.read].map((path) => `--allow-fs-read=${path}`)),
  ];
}

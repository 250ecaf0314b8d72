import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import type { Clock } from "../../clock.ts";

export interface WatchOptions {
  readonly clock: Clock;
  /** Ends the watch. */
  readonly signal: AbortSignal;
}

const beatsPerSilence = 4;

/** How often an event loop has to beat so that a silence of so many milliseconds says something. */
export function beatInterval(maxBlockedMs: number): number {
  return Math.min(1000, Math.max(10, Math.floor(maxBlockedMs / beatsPerSilence)));
}

/**
 * Calls back once when the count has not changed for `maxBlockedMs`, counted from the first beat. The time is counted
 * in intervals slept, so that neither a clock that is set nor a sleep of the machine looks like a silence.
 */
export async function watchPulse(
  beats: () => number,
  maxBlockedMs: number,
  blocked: () => void,
  { clock, signal }: WatchOptions,
): Promise<void> {
  const intervalMs = beatInterval(maxBlockedMs);
  let last = beats();
  let silentMs = 0;
  await every(intervalMs, { clock, signal }, async () => {
    // Beats by message that came while this thread itself was busy are read in the next turn.
    await nextTurn();
    const now = beats();
    silentMs = now === last ? silentMs + intervalMs : 0;
    last = now;
    if (now === 0 || silentMs < maxBlockedMs) return false;
    blocked();
    return true;
  });
}

/** Calls back once when the process holds more than `maxBytes`. Looks every `intervalMs`. */
export async function watchMemory(
  pid: number,
  { maxBytes, intervalMs }: { readonly maxBytes: number; readonly intervalMs: number },
  exceeded: (bytes: number) => void,
  options: WatchOptions,
): Promise<void> {
  await every(intervalMs, options, async () => {
    const bytes = await residentBytes(pid);
    if (bytes === undefined || bytes <= maxBytes || options.signal.aborted) return false;
    exceeded(bytes);
    return true;
  });
}

async function every(ms: number, { clock, signal }: WatchOptions, isDone: () => Promise<boolean>): Promise<void> {
  try {
    do await clock.sleep(ms, { signal });
    while (!(await isDone()));
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** What the process holds in memory; `undefined` where it cannot be asked. */
async function residentBytes(pid: number): Promise<number | undefined> {
  try {
    const kilobytes =
      process.platform === "linux"
        ? /VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, "utf8"))?.[1]
        : (await promisify(execFile)("ps", ["-o", "rss=", "-p", String(pid)])).stdout.trim();
    return kilobytes === undefined || kilobytes === "" ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

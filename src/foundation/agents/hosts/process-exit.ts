import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { Clock } from "../../clock.ts";
import { crash, normal } from "../exit-reason.ts";
import type { ExitReason } from "../exit-reason.ts";
import { HostError } from "./host-error.ts";

const tailLength = 16_384;

/** What V8 writes before it aborts the process for want of memory. */
const outOfMemory = /out of memory|heap limit|Allocation failed/i;

/** How long what the process wrote may still be on its way; a child of its own may hold the pipe for ever. */
const readingMs = 1000;

/** Calls back once when the process has ended and everything that it said has been read. */
export function afterExit(child: ChildProcess, clock: Clock, ended: (reason: ExitReason) => void): void {
  let lastWords = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    lastWords = (lastWords + text).slice(-tailLength);
  });
  const isRead = Promise.allSettled([
    child.stderr === null ? undefined : once(child.stderr, "close"),
    once(child, "disconnect"),
  ]);
  let failure: ExitReason | undefined;
  child.on("error", (error) => {
    failure = crash(error);
    // A process that never was has no exit.
    if (child.pid === undefined) ended(failure);
  });
  child.on("exit", (code, signal) => {
    const over = new AbortController();
    const isLate = clock.sleep(readingMs, { signal: over.signal }).catch(() => {});
    void Promise.race([isRead, isLate]).then(() => {
      over.abort();
      ended(failure ?? reasonOf(code, signal, lastWords));
    });
  });
}

function reasonOf(code: number | null, signal: NodeJS.Signals | null, lastWords: string): ExitReason {
  if (code === 0) return normal;
  const how = signal === null ? `with code ${code}` : `by ${signal}`;
  return outOfMemory.test(lastWords)
    ? crash(new HostError("out_of_memory", `the process had no memory left and ended ${how}`))
    : crash(new HostError("exited", `the process ended ${how}${lastWords === "" ? "" : `:\n${lastWords}`}`));
}

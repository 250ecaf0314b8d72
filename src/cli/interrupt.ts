import { systemClock } from "#foundation";
import { CliError } from "./cli-error.ts";
import { exitCodes } from "./exit-code.ts";

/** Signals closer together than this are one Ctrl-C: a terminal and a parent process may both pass it on. */
const echoMs = 400;

/** A signal that aborts at the first Ctrl-C (or SIGTERM); the second one ends the process at once. */
export function interruptSignal(note: (text: string) => void): AbortSignal {
  const interrupt = new AbortController();
  let since = 0;
  const onSignal = (): void => {
    if (interrupt.signal.aborted) {
      if (systemClock.now() - since > echoMs) process.exit(exitCodes.interrupted);
      return;
    }
    since = systemClock.now();
    note("interrupted: putting things down; press Ctrl-C again to leave at once");
    interrupt.abort(new CliError("interrupted", "interrupted"));
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return interrupt.signal;
}

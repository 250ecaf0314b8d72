import { systemClock } from "#foundation";
import { CliError } from "./cli-error.ts";
import type { CliErrorCode } from "./cli-error.ts";
import { exitCodeOf } from "./exit-code.ts";

/** Signals closer together than this are one Ctrl-C: a terminal and a parent process may both pass it on. */
const echoMs = 400;

const codes = { SIGINT: "interrupted", SIGTERM: "terminated", SIGHUP: "hung_up" } as const satisfies Partial<
  Record<NodeJS.Signals, CliErrorCode>
>;

/** A signal that aborts at the first Ctrl-C, SIGTERM or SIGHUP; the second one ends the process at once. */
export function interruptSignal(note: (text: string) => void): AbortSignal {
  const interrupt = new AbortController();
  let since = 0;
  const onSignal = (name: keyof typeof codes): void => {
    const interruption = new CliError(codes[name], codes[name].replace("_", " "));
    if (interrupt.signal.aborted) {
      if (systemClock.now() - since > echoMs) process.exit(exitCodeOf(interruption));
      return;
    }
    since = systemClock.now();
    note(`${interruption.message}: ending in good order; press Ctrl-C again to leave at once`);
    interrupt.abort(interruption);
  };
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => onSignal(name));
  return interrupt.signal;
}

/** What a command that was interrupted ends with: the signal's own code with the command's words. */
export function interruption({ reason }: AbortSignal, message: string): CliError {
  return new CliError(isInterruption(reason) ? reason.code : "interrupted", message);
}

export function isInterruption(thrown: unknown): thrown is CliError {
  return thrown instanceof CliError && Object.values<string>(codes).includes(thrown.code);
}

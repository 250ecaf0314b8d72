import { styleText } from "node:util";
import { messageOf, systemClock } from "#foundation";
import { errorCode } from "../exit-code.ts";
import { isInterruption } from "../interrupt.ts";
import { barProgress, lineProgress, noProgress, wipe } from "./progress.ts";
import type { Progress } from "./progress.ts";

/** Where a command speaks: results on stdout, everything else on stderr. */
export interface Output {
  /** A part of the result, for people; nothing with `--json`. */
  print(...lines: readonly string[]): void;
  /** One JSON object on a line of stdout; nothing without `--json`. */
  event(event: JsonEvent): void;
  /** What a person should know and no result is. */
  note(text: string): void;
  error(thrown: unknown): void;
  progress(): Progress;
  /** How many characters a line of stdout has; `undefined` where it is no terminal. */
  readonly width: number | undefined;
  bold(text: string): string;
  dim(text: string): string;
}

/** Events carry what was measured, as it stands in the floors' own types. */
interface JsonEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** The output of this process. */
export function processOutput({ json }: { readonly json: boolean }): Output {
  const { stdout, stderr, env } = process;
  const isBar = stderr.isTTY && !json && (env["CI"] ?? "") === "" && env["TERM"] !== "dumb";
  const onStdout = (format: "bold" | "dim", text: string): string => styleText(format, text, { stream: stdout });
  let isBarDrawn = false;
  const complain = (text: string): void => void stderr.write(`${isBarDrawn ? wipe : ""}${text}\n`);
  const event = (fields: JsonEvent): void => {
    if (json) stdout.write(`${JSON.stringify(fields)}\n`);
  };
  return {
    print(...lines) {
      if (!json) stdout.write(lines.map((line) => `${line}\n`).join(""));
    },
    event,
    note: (text) => complain(json ? text : styleText("dim", text, { stream: stderr })),
    error(thrown) {
      const [first = "", ...rest] = textOf(thrown, env["TUTTI_DEBUG"] === "1").split("\n");
      const code = errorCode(thrown);
      // Whoever pressed Ctrl-C got what they asked for.
      const word = isInterruption(thrown)
        ? ""
        : json
          ? "error: "
          : `${styleText("red", "error:", { stream: stderr })} `;
      complain([`${word}${first}`, ...rest].join("\n"));
      event({ type: "error", code, message: messageOf(thrown) });
    },
    progress() {
      if (json) return noProgress;
      if (!isBar) return lineProgress(stderr);
      isBarDrawn = true;
      const bar = barProgress(stderr, systemClock);
      return {
        show: (share, text) => bar.show(share, text),
        [Symbol.dispose]() {
          bar[Symbol.dispose]();
          isBarDrawn = false;
        },
      };
    },
    width: stdout.isTTY ? stdout.columns : undefined,
    bold: (text) => onStdout("bold", text),
    dim: (text) => onStdout("dim", text),
  };
}

function textOf(thrown: unknown, withStack: boolean): string {
  if (!withStack || !(thrown instanceof Error)) return messageOf(thrown);
  const cause = thrown.cause instanceof Error ? `\ncaused by ${thrown.cause.stack}` : "";
  return `${thrown.stack ?? thrown.message}${cause}`;
}

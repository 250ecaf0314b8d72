import { CommanderError } from "commander";
import type { Command } from "commander";
import { describeCommands } from "./describe-commands.ts";
import type { Perform } from "./describe-commands.ts";
import { exitCodeOf, exitCodes } from "./exit-code.ts";
import type { ExitCode } from "./exit-code.ts";
import { interruptSignal } from "./interrupt.ts";
import { storePathOf } from "./session.ts";
import { processOutput } from "./terminal/output.ts";

interface GlobalOptions {
  readonly store?: string;
  readonly json?: boolean;
  readonly model?: string;
}

/** Runs the command that the words name and answers with the exit code; it never rejects. */
export async function runCommandLine(words: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = exitCodes.ok;
  const perform: Perform =
    (act) =>
    async (...call) => {
      const command = call.at(-1) as Command;
      const { store, json = false, model } = command.optsWithGlobals<GlobalOptions>();
      const out = processOutput({ json });
      const signal = interruptSignal((text) => out.note(text));
      code = await act({ out, storePath: storePathOf(store), model, signal }, command.args, command.opts());
    };
  try {
    await describeCommands(perform).parseAsync(words, { from: "user" });
    return code;
  } catch (error) {
    return explain(error, words.includes("--json"));
  }
}

function explain(error: unknown, json: boolean): ExitCode {
  const out = processOutput({ json });
  if (!(error instanceof CommanderError)) {
    out.error(error);
    return exitCodeOf(error);
  }
  // Help and version come this way too; commander has already said everything for people.
  if (error.exitCode === 0) return exitCodes.ok;
  out.event({ type: "error", code: "usage", message: error.message.replace(/^error: /, "") });
  return exitCodes.usage;
}

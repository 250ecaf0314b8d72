import { execute } from "#programs";
import { chooseModel } from "../code/model-named.ts";
import { loadUserFile } from "../code/user-file.ts";
import { exitCodes } from "../exit-code.ts";
import type { ExitCode } from "../exit-code.ts";
import { readInputs } from "../input/program-inputs.ts";
import type { InputOptions } from "../input/program-inputs.ts";
import type { Session } from "../session.ts";
import { counted, duration } from "../terminal/words.ts";
import { systemClock } from "#foundation";
import { chosenConfiguration } from "../code/chosen-configuration.ts";

export interface RunOptions extends InputOptions {
  readonly program?: string;
  /** A run whose chosen configuration is used. */
  readonly from?: string;
}

/** `tutti run FILE`: executes a program once. */
export async function runCommand(file: string, options: RunOptions, session: Session): Promise<ExitCode> {
  const { out, signal } = session;
  const { program, modules, model: exported } = await loadUserFile(file, options.program);
  const inputs = await readInputs(program.signature, options);
  const overrides = await chosenConfiguration(options.from, program, session);
  const { model, note } = await chooseModel(session.model, exported, file);
  if (note !== undefined) out.note(note);
  const start = systemClock.now();
  const { outputs, usage } = await execute(program, inputs, { model, modules, signal, overrides });
  for (const [name, value] of Object.entries(outputs))
    out.print(`${out.bold(`${name}:`)} ${typeof value === "string" ? value : JSON.stringify(value)}`);
  const tokens = usage.inputTokens + usage.outputTokens;
  const took = duration(systemClock.now() - start);
  out.note(`${model.id}: ${counted(usage.calls, "call")}, ${counted(tokens, "token")}, ${took}`);
  out.event({ type: "result", outputs, usage, model: model.id });
  return exitCodes.ok;
}

import { evaluateExample } from "#programs";
import { chooseModel } from "../code/model-named.ts";
import { loadUserFile } from "../code/user-file.ts";
import { exitCodes } from "../exit-code.ts";
import type { ExitCode } from "../exit-code.ts";
import { readInputs } from "../input/program-inputs.ts";
import type { InputOptions } from "../input/program-inputs.ts";
import type { Session } from "../session.ts";
import { counted, duration } from "../terminal/words.ts";
import { chosenProgram } from "../code/chosen-program.ts";

export interface RunOptions extends InputOptions {
  readonly program?: string;
  /** A run whose chosen configuration is used. */
  readonly from?: string;
}

/** How often a call is made that the provider refuses for the moment. */
const maxTries = 3;

/** `tutti run FILE`: executes a program once. */
export async function runCommand(file: string, options: RunOptions, session: Session): Promise<ExitCode> {
  const { out, signal } = session;
  const { program: own, modules, model: exported } = await loadUserFile(file, options.program);
  const inputs = await readInputs(own.signature, options);
  const { program, overrides } = await chosenProgram(options.from, own, session);
  const { model, note } = await chooseModel(session.model, exported, file);
  if (note !== undefined) out.note(note);
  // An evaluation of one example without a metric: it tries again as eval does when the provider asks for it.
  const outcome = await evaluateExample(program, { inputs, expected: {} }, () => 0, 0, {
    model,
    modules,
    signal,
    overrides,
    retries: maxTries - 1,
  });
  if (!outcome.ok) throw outcome.error;
  const { outputs, usage, latencyMs } = outcome;
  for (const [name, value] of Object.entries(outputs))
    out.print(`${out.bold(`${name}:`)} ${typeof value === "string" ? value : JSON.stringify(value)}`);
  const tokens = usage.inputTokens + usage.outputTokens;
  out.note(`${model.id}: ${counted(usage.calls, "call")}, ${counted(tokens, "token")}, ${duration(latencyMs)}`);
  out.event({ type: "result", outputs, usage, model: model.id });
  return exitCodes.ok;
}

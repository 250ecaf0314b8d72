import { describe, isPlainObject, present, UsageError } from "#foundation";
import { languageModelFrom } from "#models";
import type { ModelLike } from "#models";
import { checkProgram, program as makeProgram } from "#programs";
import type { ExecuteOptions, Program } from "#programs";

/** How a program is run that others call: the options of `execute`, with any model; the rest is told by each call. */
export interface RunOptions extends Pick<ExecuteOptions, "overrides" | "merge" | "modules" | "cache"> {
  /** The model for every stage whose configuration names none: whatever `languageModelFrom` takes. */
  readonly model?: ModelLike | undefined;
  /** The models that a configuration may name in its `model` setting. */
  readonly models?: Readonly<Record<string, ModelLike>> | undefined;
}

/**
 * The options as `execute` takes them. Throws `UsageError` for what is no program, for a model that cannot be reached
 * and for what `checkProgram` refuses: whoever offers a program learns it before somebody calls it.
 */
export function runnable(where: string, program: Program, options: RunOptions): ExecuteOptions {
  if (!isProgram(program)) throw new UsageError(`${where}: expected program(…), got ${describe(program)}`);
  const { model, models, overrides, merge, modules, cache } = options;
  const executing: ExecuteOptions = present({
    model: model === undefined ? undefined : languageModelFrom(model),
    models: models === undefined ? undefined : allFrom(models),
    overrides,
    merge,
    modules,
    cache,
  });
  const configuration = { ...program.configuration, ...overrides };
  checkProgram(overrides === undefined ? program : makeProgram({ ...program, configuration }), executing);
  return executing;
}

function isProgram(value: unknown): boolean {
  return isPlainObject(value) && isPlainObject(value["signature"]) && Array.isArray(value["pipeline"]);
}

function allFrom(models: Readonly<Record<string, ModelLike>>): ExecuteOptions["models"] {
  return Object.fromEntries(Object.entries(models).map(([name, like]) => [name, languageModelFrom(like)]));
}

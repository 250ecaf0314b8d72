import { describe, isPlainObject, UsageError } from "#foundation";
import type { Configuration } from "#variables";
import type { Signature } from "./signatures/signature.ts";
import type { ConfigurationDraft, Stage, StageDraft } from "./stage.ts";
import { checkParallels, draftedConfiguration, flatConfiguration, nameStages } from "./stages.ts";

/** What to do, as plain data: a signature, a pipeline of modules by name and a configuration. It holds no code. */
export interface Program<I extends object = object, O extends object = object> {
  readonly name: string;
  readonly signature: Signature<I, O>;
  readonly pipeline: readonly Stage[];
  /** Flat: a value for each path. Call overrides win over it, per path. */
  readonly configuration: Configuration;
}

export interface ProgramOptions<I extends object, O extends object> {
  readonly name: string;
  readonly signature: Signature<I, O>;
  /** Modules by name or by their factories; `["predict"]` unless told. */
  readonly pipeline?: readonly (string | StageDraft)[];
  readonly configuration?: ConfigurationDraft;
}

/**
 * A program. Throws `UsageError` for an empty pipeline, a stage id used twice, two stages of a `parallel` that promise the
 * same output, and a configuration that is not JSON.
 */
export function program<I extends object, O extends object>(options: ProgramOptions<I, O>): Program<I, O> {
  if (!isPlainObject(options))
    throw new UsageError(`program: expected { name, signature, pipeline, configuration }, got ${describe(options)}`);
  const { name, signature, pipeline = ["predict"], configuration = {} } = options;
  if (typeof name !== "string" || name === "")
    throw new UsageError(`program.name: expected a name, got ${describe(name)}`);
  if (!isPlainObject(signature) || !Array.isArray(signature.inputs) || !Array.isArray(signature.outputs))
    throw new UsageError(`program ${name}: expected signature(…) as its signature, got ${describe(signature)}`);
  if (!Array.isArray(pipeline) || pipeline.length === 0)
    throw new UsageError(`program ${name}.pipeline: expected at least one module, got ${describe(pipeline)}`);
  const stages = nameStages(pipeline, `program ${name}.pipeline`);
  checkParallels(stages, signature, `program ${name}.pipeline`);
  const drafted = draftedConfiguration(pipeline, stages);
  const told = flatConfiguration(stages, configuration);
  return { name, signature, pipeline: stages, configuration: { ...drafted, ...told } };
}

import { describe, isPlainObject, jsonDefect, UsageError } from "#foundation";
import type { Json } from "#foundation";
import type { Configuration } from "#variables";
import type { Signature } from "./signature.ts";

/** What to do, as plain data: a signature, a pipeline of modules by name and a configuration. It holds no code. */
export interface Program<I extends object = object, O extends object = object> {
  readonly name: string;
  readonly signature: Signature<I, O>;
  readonly pipeline: readonly Stage[];
  /** Flat: a value for each path. Call overrides win over it, per path. */
  readonly configuration: Configuration;
}

/** One step of a pipeline. */
export interface Stage {
  /** The prefix of its paths in a configuration: `predict.temperature`. */
  readonly id: string;
  /** The name of its module. */
  readonly module: string;
  /** Its own signature; the program's unless told. */
  readonly signature?: Signature;
}

/** A stage without an id gets its module's name, with a number from the second one on: `predict`, `predict_2`. */
export interface StageOptions {
  readonly id?: string;
  readonly signature?: Signature;
}

export interface StageDraft extends StageOptions {
  readonly module: string;
}

/** A configuration as people write it: paths, or a module's settings as an object. */
export type ConfigurationDraft = { readonly [path: string]: Json };

export interface ProgramOptions<I extends object, O extends object> {
  readonly name: string;
  readonly signature: Signature<I, O>;
  /** Modules by name or by their factories; `["predict"]` unless told. */
  readonly pipeline?: readonly (string | StageDraft)[];
  readonly configuration?: ConfigurationDraft;
}

/** A program. Throws `UsageError` for an empty pipeline, a stage id used twice or a configuration that is not JSON. */
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
  const stages = nameStages(name, pipeline);
  return { name, signature, pipeline: stages, configuration: flatConfiguration(stages, configuration) };
}

/**
 * A draft as a flat configuration: the settings object of a stage becomes one path per setting, everything else stays
 * as it is. Throws `UsageError` when a value is not JSON.
 */
export function flatConfiguration(stages: readonly Stage[], draft: ConfigurationDraft): Configuration {
  const defect = isPlainObject(draft) ? jsonDefect(draft) : `${describe(draft)} came`;
  if (defect !== undefined) throw new UsageError(`configuration: expected an object of JSON values, but ${defect}`);
  const entries = Object.entries(draft).flatMap(([path, value]): [path: string, value: Json][] =>
    isPlainObject(value) && stages.some(({ id }) => id === path)
      ? Object.entries(value).map(([setting, inner]) => [`${path}.${setting}`, inner as Json])
      : [[path, value]],
  );
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function nameStages(program: string, pipeline: readonly (string | StageDraft)[]): Stage[] {
  const ids = new Set<string>();
  return pipeline.map((entry, index) => {
    const draft = typeof entry === "string" ? { module: entry } : entry;
    if (!isPlainObject(draft) || typeof draft.module !== "string")
      throw new UsageError(`program ${program}.pipeline[${index}]: expected a module, got ${describe(entry)}`);
    const id = draft.id ?? freeId(draft.module, ids);
    if (ids.has(id)) throw new UsageError(`program ${program}.pipeline[${index}]: two stages have the id ${id}`);
    ids.add(id);
    return { ...draft, id };
  });
}

function freeId(module: string, taken: ReadonlySet<string>): string {
  let [id, number] = [module, 2];
  while (taken.has(id)) id = `${module}_${number++}`;
  return id;
}

import { describe, messageOf, UsageError } from "#foundation";
import type { Json } from "#foundation";
import type { Configuration } from "#variables";
import { checkPaths } from "./check-paths.ts";
import type { Step } from "./check-paths.ts";
import type { ValueIssue } from "./field-type.ts";
import { addUsage, noUsage } from "./language-model.ts";
import type { LanguageModel, Usage } from "./language-model.ts";
import { normalizedName } from "./module.ts";
import type { Context, HistoryEntry, Module, StageCall, StageResult, Values } from "./module.ts";
import { askingModules } from "./modules/asking-modules.ts";
import { FailedAfterSpending } from "./modules/predict.ts";
import { ProgramError } from "./program-error.ts";
import { flatConfiguration } from "./program.ts";
import type { ConfigurationDraft, Program, Stage } from "./program.ts";
import { checkInputs, checkOutputs } from "./signature.ts";

export interface ExecuteOptions {
  /** The model for every stage whose configuration names none. */
  readonly model?: LanguageModel | undefined;
  /** The models that a configuration may name in its `model` setting. */
  readonly models?: Readonly<Record<string, LanguageModel>> | undefined;
  /** Values that win over the program's configuration, for this call. */
  readonly overrides?: ConfigurationDraft | undefined;
  /** `"path"` (default): an override replaces its path. `"shallow"`: a module's settings object replaces all of them. */
  readonly merge?: "path" | "shallow" | undefined;
  /** Modules of one's own; they win over built-in ones of the same name. */
  readonly modules?: readonly Module[] | undefined;
  /** Which of several independent answers this is; 0 unless told. */
  readonly rollout?: number | undefined;
  /** Aborts the call in flight; the execution rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** A finished execution. */
export interface Execution<O extends object = object> {
  /** Exactly the signature's outputs. */
  readonly outputs: O;
  /** Every stage with all that it produced, reasoning included. */
  readonly history: readonly HistoryEntry[];
  readonly usage: Usage;
  /** The configuration as it was used. */
  readonly config: Configuration;
}

/**
 * Runs a program: checks the inputs, merges the configuration, passes one context through the stages and checks the
 * outputs. The program is not changed and executions share nothing. Throws `UsageError` before any stage runs when the
 * call is wrong (inputs, unknown module); rejects with `ProgramError` at the first stage that fails.
 */
export async function execute<I extends object, O extends object>(
  program: Program<I, O>,
  inputs: I,
  options: ExecuteOptions = {},
): Promise<Execution<O>> {
  const { signature, pipeline } = program;
  const steps = stepsOf(pipeline, options.modules);
  const issues = await checkInputs(signature, inputs);
  if (issues.length > 0) throw new UsageError(`${program.name}: the inputs do not fit`, issues.map(inputIssue));
  const config = effectiveConfiguration(program, options);
  if (options.overrides !== undefined)
    checkPaths(steps, Object.keys(flatConfiguration(pipeline, options.overrides)), `${program.name}: overrides`);
  let context: Context = { inputs: inputs as Values, outputs: {}, config, history: [], status: "ok" };
  for (const { stage, module } of steps) {
    options.signal?.throwIfAborted();
    const call = stageCall(stage, program, context, options);
    try {
      const result = module.run(context, call);
      context = afterStage(context, stage, module, await untilAborted(result, options.signal));
    } catch (thrown) {
      throw stageError(thrown, stage, context, options.signal);
    }
  }
  const outputs = signedOutputs(program, context);
  const defects = await checkOutputs(signature, outputs);
  if (defects.length > 0) throw wrongOutputs(program, context, defects);
  return { outputs: outputs as O, history: context.history, usage: totalUsage(context.history), config };
}

/**
 * Throws what `execute` would refuse a program for, whatever its inputs: unknown modules and models, and settings in its
 * configuration, or further `paths`, that nobody reads.
 */
export function checkProgram(program: Program, options: ExecuteOptions, paths: readonly string[] = []): void {
  const { name, pipeline, configuration } = program;
  const steps = stepsOf(pipeline, options.modules);
  checkPaths(steps, Object.keys(configuration), `${name}: configuration`);
  checkPaths(steps, paths, `${name}: space`);
  for (const stage of pipeline) {
    const model = configuration[`${stage.id}.model`] ?? configuration["model"];
    if (model !== undefined) chooseModel(stage.id, model, options);
  }
}

function stepsOf(pipeline: readonly Stage[], modules: readonly Module[] | undefined): Step[] {
  return pipeline.map((stage) => ({ stage, module: findModule(stage, modules) }));
}

/** What a stage gives, unless the signal aborts first: then its late result is dropped. */
function untilAborted<T>(result: T | Promise<T>, signal: AbortSignal | undefined): T | Promise<T> {
  if (signal === undefined || !(result instanceof Promise)) return result;
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    result.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}

function afterStage(context: Context, stage: Stage, module: Module, result: StageResult): Context {
  const { outputs, usage = noUsage } = result;
  return {
    inputs: context.inputs,
    outputs: { ...context.outputs, ...outputs },
    config: context.config,
    history: [...context.history, { stage: stage.id, module: module.name, outputs, usage }],
    status: "ok",
  };
}

function stageCall(stage: Stage, program: Program, { config }: Context, options: ExecuteOptions): StageCall {
  const { id, signature = program.signature } = stage;
  const paths = settingPaths(stage);
  const valueAt = (path: string): Json | undefined => (Object.hasOwn(config, path) ? config[path] : undefined);
  const setting = (name: string): Json | undefined => valueAt(paths(name)) ?? valueAt(name);
  return {
    id,
    signature,
    signal: options.signal,
    rollout: options.rollout ?? 0,
    setting,
    model: () => chooseModel(id, setting("model"), options),
  };
}

const knownPaths = new WeakMap<Stage, (name: string) => string>();

/** `<stage>.<name>`, remembered: a text that is put together anew for every call is hashed anew for every lookup. */
function settingPaths(stage: Stage): (name: string) => string {
  let paths = knownPaths.get(stage);
  if (paths === undefined) {
    const known = new Map<string, string>();
    paths = (name) => {
      let path = known.get(name);
      if (path === undefined) known.set(name, (path = `${stage.id}.${name}`));
      return path;
    };
    knownPaths.set(stage, paths);
  }
  return paths;
}

/** What a stage threw, with the stage's name and the spending so far. Misuse and aborts pass unchanged. */
function stageError(thrown: unknown, stage: Stage, context: Context, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted === true) return signal.reason;
  const spending = thrown instanceof FailedAfterSpending ? thrown.usage : noUsage;
  const cause = thrown instanceof FailedAfterSpending ? thrown.cause : thrown;
  if (cause instanceof UsageError) return cause;
  const before = totalUsage(context.history);
  if (thrown instanceof ProgramError) {
    const { code, message, raw, usage, retryable } = thrown;
    return new ProgramError(code, `stage ${stage.id}: ${message}`, {
      stage: stage.id,
      ...(raw === undefined ? {} : { raw }),
      usage: addUsage(before, usage),
      retryable,
      cause: thrown,
    });
  }
  const retryable = typeof cause === "object" && cause !== null && Reflect.get(cause, "retryable") === true;
  return new ProgramError("stage_failed", `stage ${stage.id} failed: ${messageOf(cause)}`, {
    stage: stage.id,
    usage: addUsage(before, spending),
    retryable,
    cause,
  });
}

function signedOutputs({ signature }: Program, { outputs }: Context): Values {
  const signed: Record<string, unknown> = {};
  for (const { name } of signature.outputs) if (outputs[name] !== undefined) signed[name] = outputs[name];
  return signed;
}

function wrongOutputs(program: Program, { history }: Context, issues: readonly ValueIssue[]): ProgramError {
  const defects = issues.map(({ path, expected, received }) => `${path}: expected ${expected}, got ${received}`);
  const message = `${program.name}: the pipeline's outputs do not fit: ${defects.join("; ")}`;
  return new ProgramError("wrong_outputs", message, { usage: totalUsage(history) });
}

function effectiveConfiguration({ pipeline, configuration }: Program, options: ExecuteOptions): Configuration {
  const { overrides, merge = "path" } = options;
  if (overrides === undefined) return configuration;
  const flat = flatConfiguration(pipeline, overrides);
  if (merge === "path") return { ...configuration, ...flat };
  const replaced = pipeline.filter(({ id }) => typeof overrides[id] === "object").map(({ id }) => `${id}.`);
  const kept = Object.entries(configuration).filter(([path]) => !replaced.some((prefix) => path.startsWith(prefix)));
  return { ...Object.fromEntries(kept), ...flat };
}

function findModule(stage: Stage, own: readonly Module[] | undefined): Module {
  const name = comparableName(stage);
  const matches = (module: Module): boolean => comparableName(module) === name;
  const found = own?.find(matches) ?? askingModules.find(matches);
  if (found !== undefined) return found;
  const known = [...(own ?? []), ...askingModules].map((module) => module.name).join(", ");
  throw new UsageError(`stage ${stage.id}: unknown module "${stage.module}"; known are ${known}`);
}

const comparableNames = new WeakMap<Module | Stage, string>();

/** The name of a module, or of the module that a stage wants, as names are compared; remembered, for every call asks. */
function comparableName(named: Module | Stage): string {
  let name = comparableNames.get(named);
  if (name === undefined) {
    name = normalizedName("module" in named ? named.module : named.name);
    comparableNames.set(named, name);
  }
  return name;
}

function chooseModel(stage: string, name: Json | undefined, { model, models = {} }: ExecuteOptions): LanguageModel {
  if (name === undefined) {
    if (model !== undefined) return model;
    throw new UsageError(`stage ${stage}: no model to ask. Pass one: execute(program, inputs, { model })`);
  }
  const named = typeof name === "string" && Object.hasOwn(models, name) ? models[name] : undefined;
  if (named !== undefined) return named;
  if (model !== undefined && model.id === name) return model;
  const known = [...Object.keys(models), ...(model === undefined ? [] : [model.id])].join(", ") || "none";
  throw new UsageError(`configuration ${stage}.model: unknown model ${describe(name)}; known are ${known}`);
}

function totalUsage(history: readonly HistoryEntry[]): Usage {
  return history.length === 1
    ? (history[0] as HistoryEntry).usage
    : history.reduce((total, { usage }) => addUsage(total, usage), noUsage);
}

function inputIssue({ path, expected, received }: ValueIssue): string {
  return received === "an unknown field"
    ? `${path}: not an input; inputs are ${expected.replace(/^only /, "")}`
    : `${path}: expected ${expected}, got ${received}`;
}

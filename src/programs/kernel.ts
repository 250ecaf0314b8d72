import { describe, messageOf, UsageError } from "#foundation";
import type { Json } from "#foundation";
import type { Configuration } from "#variables";
import type { ValueIssue } from "./signatures/field-type.ts";
import { FailedAfterSpending } from "./failed-after-spending.ts";
import { addUsage, noUsage } from "./language-model.ts";
import type { LanguageModel, Usage } from "./language-model.ts";
import type {
  Context,
  HistoryEntry,
  InnerResult,
  InnerStage,
  Module,
  StageCall,
  StageResult,
  Values,
} from "./module.ts";
import { ProgramError } from "./program-error.ts";
import type { Program } from "./program.ts";
import type { ConfigurationDraft } from "./stage.ts";
import { checkInputs, checkOutputs } from "./signatures/signature.ts";
import type { Signature } from "./signatures/signature.ts";
import { flatConfiguration } from "./stages.ts";
import { allSteps, checkPaths, settingOf, stepsOf } from "./steps.ts";
import type { Step } from "./steps.ts";

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
  /** `false` keeps caches on the way to the models from answering this execution's calls. */
  readonly cache?: boolean | undefined;
  /** Told outputs in the making while models write them; `executeStream` makes an iterable of it. */
  readonly onPartial?: ((partial: PartialOutputs) => void) | undefined;
}

/** What changed of a stage's outputs while its model writes them. */
export interface PartialOutputs<O extends object = object> {
  readonly stage: string;
  /** The attempt they belong to, from 1. When it rises, what the stage's former attempt said is void. */
  readonly attempt: number;
  /**
   * The changed ones with their value so far, always of their field's type: texts grow, lists grow by whole items,
   * anything else comes when it is complete. Limits and assertions are checked, and a schema's own transformation is
   * made, only when the stage is done.
   */
  readonly outputs: Partial<O> & Values;
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
 * call is wrong (inputs, unknown module, settings that nobody reads); rejects with `ProgramError` at the first stage that fails.
 */
export async function execute<I extends object, O extends object>(
  program: Program<I, O>,
  inputs: I,
  options: ExecuteOptions = {},
): Promise<Execution<O>> {
  const { signature, pipeline } = program;
  const steps = stepsOf(pipeline, options.modules);
  const given = await checkInputs(signature, inputs);
  if (!given.ok) throw new UsageError(`${program.name}: the inputs do not fit`, given.issues.map(inputIssue));
  const config = effectiveConfiguration(program, options);
  checkSettings(program, steps, options);
  if (options.overrides !== undefined)
    checkPaths(steps, Object.keys(flatConfiguration(pipeline, options.overrides)), `${program.name}: overrides`);
  let context: Context = { inputs: given.values, outputs: {}, config, history: [], status: "ok" };
  for (const step of steps) {
    options.signal?.throwIfAborted();
    const call = stageCall(step, step.stage.signature ?? signature, config, options);
    try {
      const result = step.module.run(context, call);
      context = afterStage(context, step, await untilAborted(result, options.signal));
    } catch (thrown) {
      throw stageError(thrown, step, totalUsage(context.history), options.signal);
    }
  }
  const answer = await checkOutputs(signature, signedOutputs(program, context), context.inputs);
  if (!answer.ok) throw wrongOutputs(program, context, answer.issues);
  return { outputs: answer.values as O, history: context.history, usage: totalUsage(context.history), config };
}

const checkedWith = new WeakMap<Configuration, Pick<ExecuteOptions, "modules"> & Pick<Program, "pipeline">>();

/** Throws for settings of a program that nobody reads. Remembered: a program is called more often than it is written. */
function checkSettings(
  program: Pick<Program, "name" | "pipeline" | "configuration">,
  steps: readonly Step[],
  { modules }: ExecuteOptions,
): void {
  const { name, pipeline, configuration } = program;
  const checked = checkedWith.get(configuration);
  if (checked?.pipeline === pipeline && checked.modules === modules) return;
  checkPaths(steps, Object.keys(configuration), `${name}: configuration`);
  checkedWith.set(configuration, { pipeline, modules });
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
  for (const step of allSteps(steps)) {
    const model = settingOf(step, configuration, "model");
    if (model !== undefined) chooseModel(step.path, model, options);
  }
}

/** What a stage gives, unless the signal aborts first: then its late result is dropped. */
function untilAborted<T>(result: T | Promise<T>, signal: AbortSignal | undefined): T | Promise<T> {
  if (signal === undefined || !(result instanceof Promise)) return result;
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    result.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
    if (signal.aborted) onAbort();
  });
}

function afterStage(context: Context, step: Step, result: StageResult): Context {
  return {
    inputs: context.inputs,
    outputs: { ...context.outputs, ...result.outputs },
    config: context.config,
    history:
      result.history === undefined
        ? [...context.history, entryOf(step, result)]
        : [...context.history, ...result.history, entryOf(step, result)],
    status: "ok",
  };
}

function entryOf({ path, module }: Step, { outputs, usage = noUsage }: StageResult): HistoryEntry {
  return { stage: path, module: module.name, outputs, usage };
}

function stageCall(step: Step, signature: Signature, config: Configuration, options: CallOptions): StageCall {
  const { path } = step;
  const { onPartial, defaults } = options;
  const told = (name: string): Json | undefined => settingOf(step, config, name);
  const setting = defaults === undefined ? told : (name: string): Json | undefined => told(name) ?? defaults[name];
  return {
    id: path,
    signature,
    signal: options.signal,
    cache: options.cache,
    onPartial: onPartial && ((outputs, attempt) => onPartial({ stage: path, attempt, outputs })),
    rollout: options.rollout ?? 0,
    stages:
      step.inner.length === 0 ? undefined : step.inner.map((each) => innerStage(each, signature, config, options)),
    setting,
    model: () => chooseModel(path, setting("model"), options),
  };
}

type CallOptions = ExecuteOptions & { readonly defaults?: Readonly<Record<string, Json>> | undefined };

function innerStage(step: Step, around: Signature, config: Configuration, options: CallOptions): InnerStage {
  const { id, signature = around } = step.stage;
  return {
    id,
    signature,
    async run(context, run = {}): Promise<InnerResult> {
      const { signal = options.signal, tellsPartial = true } = run;
      signal?.throwIfAborted();
      const own: CallOptions = {
        ...options,
        signal,
        rollout: run.rollout ?? options.rollout,
        onPartial: tellsPartial ? options.onPartial : undefined,
        defaults: run.defaults === undefined ? options.defaults : { ...options.defaults, ...run.defaults },
      };
      try {
        const call = stageCall(step, run.signature ?? signature, config, own);
        const result = await untilAborted(step.module.run(context, call), signal);
        const history = [...(result.history ?? []), entryOf(step, result)];
        return { outputs: result.outputs, history, usage: totalUsage(history) };
      } catch (thrown) {
        throw stageError(thrown, step, noUsage, signal);
      }
    },
  };
}

/** What a stage threw, with the stage's name and the spending so far. Misuse and aborts pass unchanged. */
function stageError(thrown: unknown, { path }: Step, before: Usage, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted === true) return signal.reason;
  const spending = thrown instanceof FailedAfterSpending ? thrown.usage : noUsage;
  const cause = thrown instanceof FailedAfterSpending ? thrown.cause : thrown;
  if (cause instanceof UsageError) return cause;
  const spent = addUsage(before, spending);
  if (cause instanceof ProgramError) {
    const { code, message, raw, usage, retryable } = cause;
    // One from inside this stage has said where.
    const inside = cause.stage?.startsWith(`${path}.`) === true ? cause.stage : undefined;
    return new ProgramError(code, inside === undefined ? `stage ${path}: ${message}` : message, {
      stage: inside ?? path,
      ...(raw === undefined ? {} : { raw }),
      usage: addUsage(spent, usage),
      retryable,
      cause,
    });
  }
  const retryable = typeof cause === "object" && cause !== null && Reflect.get(cause, "retryable") === true;
  return new ProgramError("stage_failed", `stage ${path} failed: ${messageOf(cause)}`, {
    stage: path,
    usage: spent,
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

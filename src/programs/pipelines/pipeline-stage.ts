import { describe, isPlainObject, UsageError } from "#foundation";
import type { Field } from "../signatures/field-type.ts";
import { execute } from "../kernel.ts";
import type { ExecuteOptions } from "../kernel.ts";
import { noUsage } from "../language-model.ts";
import type { Usage } from "../language-model.ts";
import type { Values } from "../module.ts";
import type { Program } from "../program.ts";
import type { ConfigurationDraft } from "../stage.ts";

/** A step of a pipeline of whole programs. */
export type PipelineStage = ProgramStage | FunctionStage | ValidationStage;

interface StageBase {
  /** Where its result is found. Its program's name, or its type, unless told; with a number from the second one on. */
  readonly id?: string;
  /** The ids of the stages that must be done before. The stage before it in the list unless told; `[]`: none. */
  readonly needs?: readonly string[];
}

/** Executes a program on those of the values that its signature takes. */
export interface ProgramStage extends StageBase {
  readonly type: "program";
  readonly program: Program;
  /** Win over the program's configuration. */
  readonly overrides?: ConfigurationDraft;
}

export interface FunctionStage extends StageBase {
  readonly type: "function";
  readonly run: (values: Values, call: StageRun) => Values | Promise<Values>;
}

/** Gives no outputs. It fails with what it finds wrong; an empty list is well. */
export interface ValidationStage extends StageBase {
  readonly type: "validation";
  readonly check: (values: Values, call: StageRun) => readonly string[] | Promise<readonly string[]>;
}

/** What a stage gets besides the values, which are the pipeline's inputs and, over them, what came before. */
export interface StageRun {
  readonly inputs: Values;
  /** The outputs of every stage that it needs, directly or not, by id; a failed stage has none. */
  readonly stages: Readonly<Record<string, Values>>;
  /** 1 the first time; one more with every retry. */
  readonly attempt: number;
  /** Aborts when the pipeline is given up. */
  readonly signal: AbortSignal;
}

/** What program stages are executed with. */
export type StageMeans = Pick<ExecuteOptions, "model" | "models" | "modules" | "rollout">;

export interface StageYield {
  readonly outputs: Values;
  readonly usage: Usage;
}

type Of<T extends PipelineStage["type"]> = Extract<PipelineStage, { type: T }>;

interface StageKind<T extends PipelineStage["type"]> {
  /** What is wrong with a definition. */
  readonly defect: (stage: Of<T>) => string | undefined;
  readonly run: (stage: Of<T>, values: Values, call: StageRun, means: StageMeans) => Promise<StageYield>;
}

const kinds: { readonly [T in PipelineStage["type"]]: StageKind<T> } = {
  program: {
    defect: ({ program }) =>
      isPlainObject(program) && isPlainObject(program.signature)
        ? undefined
        : `expected program(…) as its program, got ${describe(program)}`,
    run: runProgram,
  },
  function: {
    defect: ({ run }) =>
      typeof run === "function" ? undefined : `expected a function as its run, got ${describe(run)}`,
    async run(stage, values, call) {
      const outputs = await stage.run(values, call);
      if (!isPlainObject(outputs)) throw new TypeError(`expected an object of outputs, got ${describe(outputs)}`);
      return { outputs, usage: noUsage };
    },
  },
  validation: {
    defect: ({ check }) =>
      typeof check === "function" ? undefined : `expected a function as its check, got ${describe(check)}`,
    async run(stage, values, call) {
      const issues = await stage.check(values, call);
      if (!Array.isArray(issues)) throw new TypeError(`expected a list of issues, got ${describe(issues)}`);
      if (issues.length > 0) throw new Error(`not valid: ${issues.join("; ")}`);
      return { outputs: {}, usage: noUsage };
    },
  },
};

/** Throws `UsageError` for what is no stage. */
export function checkStage(stage: unknown, at: string): asserts stage is PipelineStage {
  const known = Object.keys(kinds).join(", ");
  if (!isPlainObject(stage) || typeof stage["type"] !== "string" || !Object.hasOwn(kinds, stage["type"]))
    throw new UsageError(
      `${at}: expected a stage of type ${known}, got ${isPlainObject(stage) ? describe(stage["type"]) : describe(stage)}`,
    );
  const typed = stage as unknown as PipelineStage;
  const defect = kindOf(typed).defect(typed);
  if (defect !== undefined) throw new UsageError(`${at}: ${defect}`);
}

/** Runs a stage once. Rejects with what it failed with. */
export function runStage(stage: PipelineStage, values: Values, call: StageRun, means: StageMeans): Promise<StageYield> {
  return kindOf(stage).run(stage, values, call, means);
}

function kindOf<T extends PipelineStage["type"]>(stage: Of<T>): StageKind<T> {
  return kinds[stage.type];
}

async function runProgram(
  { program, overrides }: ProgramStage,
  values: Values,
  call: StageRun,
  means: StageMeans,
): Promise<StageYield> {
  const { signal, attempt } = call;
  const { model, models, modules, rollout = 0 } = means;
  const taken = program.signature.inputs
    .map((field) => inputOf(field, values, call))
    .filter((given) => given !== undefined);
  const missing = program.signature.inputs.filter(
    ({ name, optional }) => optional !== true && !taken.some(([given]) => given === name),
  );
  if (missing.length > 0)
    throw new Error(`${program.name} takes ${missing.map(({ name }) => name).join(", ")}, which nobody before it gave`);
  const { outputs, usage } = await execute(program, Object.fromEntries(taken), {
    model,
    models,
    modules,
    overrides,
    signal,
    // Asked the same again, a cache would repeat the answer that failed.
    rollout: rollout + attempt - 1,
  });
  return { outputs: outputs as Values, usage };
}

/** A value of this name; for a field of any JSON also all outputs of a stage of this name. */
function inputOf({ name, type }: Field, values: Values, { stages }: StageRun): [string, unknown] | undefined {
  if (Object.hasOwn(values, name) && values[name] !== undefined) return [name, values[name]];
  return type.kind === "json" && Object.hasOwn(stages, name) ? [name, stages[name]] : undefined;
}

import { describe, isPlainObject, UsageError } from "#foundation";
import type { Json } from "#foundation";
import type { Configuration } from "#variables";
import type { LanguageModel, Usage } from "./language-model.ts";
import type { Signature } from "./signature.ts";

/** Named values on their way through a pipeline. */
export type Values = Readonly<Record<string, unknown>>;

/** What a pipeline passes from stage to stage. Nobody changes it: every stage gets a new one. */
export interface Context {
  readonly inputs: Values;
  /** What the stages so far have produced; a later stage's value of the same name wins. */
  readonly outputs: Values;
  readonly config: Configuration;
  readonly history: readonly HistoryEntry[];
  readonly status: "ok";
}

/** One executed stage. */
export interface HistoryEntry {
  readonly stage: string;
  readonly module: string;
  readonly outputs: Values;
  readonly usage: Usage;
}

/** A step of a pipeline: turns the context into outputs. Stateless; looked up by name. */
export interface Module {
  /** Names are compared without case and underscores: `chain_of_thought`, `chainOfThought`, `ChainOfThought`. */
  readonly name: string;
  /** The settings it reads from the configuration. Where they are told, a path with another name is a mistake. */
  readonly settings?: readonly string[];
  run(context: Context, stage: StageCall): StageResult | Promise<StageResult>;
}

export interface StageResult {
  readonly outputs: Values;
  readonly usage?: Usage;
}

/** What a module gets besides the context. */
export interface StageCall {
  readonly id: string;
  readonly signature: Signature;
  readonly signal: AbortSignal | undefined;
  /** Which of several independent executions this is; it reaches the model's request. */
  readonly rollout: number;
  /** The configuration's value for this stage: `<stage>.<name>`, else `<name>`, else `undefined`. */
  setting(name: string): Json | undefined;
  /** The model to ask. Throws `UsageError` when the caller gave none or the configuration names an unknown one. */
  model(): LanguageModel;
}

/** A module of one's own from a function of the context. */
export function module(name: string, run: (context: Context, stage: StageCall) => Values | Promise<Values>): Module {
  if (typeof name !== "string" || name === "") throw new UsageError(`module: expected a name, got ${describe(name)}`);
  const result = (outputs: Values): StageResult => {
    if (isPlainObject(outputs)) return { outputs };
    throw new UsageError(`module ${name}: expected an object of outputs, got ${describe(outputs)}`);
  };
  return {
    name,
    run: (context, stage) => {
      const outputs = run(context, stage);
      return outputs instanceof Promise ? outputs.then(result) : result(outputs);
    },
  };
}

/** A module's name as names are compared. */
export function normalizedName(name: string): string {
  return name.replaceAll("_", "").toLowerCase();
}

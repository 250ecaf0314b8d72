import { describe, isPlainObject, UsageError } from "#foundation";
import type { Json } from "#foundation";
import type { Configuration } from "#variables";
import type { LanguageModel, Usage } from "./language-model.ts";
import type { StageDraft } from "./stage.ts";
import type { Signature } from "./signatures/signature.ts";

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
  /** The stages inside a stage of it that has none told. */
  readonly stages?: readonly StageDraft[];
  run(context: Context, stage: StageCall): StageResult | Promise<StageResult>;
}

export interface StageResult {
  readonly outputs: Values;
  /** What it cost, beyond what `history` says. */
  readonly usage?: Usage;
  /** What the stages inside it did; it comes before the stage's own entry. */
  readonly history?: readonly HistoryEntry[];
}

/** A stage inside a stage, to be run by the module around it, as often as that wants. */
export interface InnerStage {
  /** The last part of its path. */
  readonly id: string;
  readonly signature: Signature;
  /** Rejects as the stage does, with `ProgramError` that carries what was spent on it. */
  run(context: Context, options?: InnerRunOptions): Promise<InnerResult>;
}

export interface InnerRunOptions {
  /** The stage's signature with what the module around it adds for this run. */
  readonly signature?: Signature | undefined;
  /** Below any configuration, for this run. */
  readonly defaults?: Readonly<Record<string, Json>> | undefined;
  /** That of the stage around it unless told. */
  readonly rollout?: number | undefined;
  /** That of the stage around it unless told. */
  readonly signal?: AbortSignal | undefined;
  /** `false` keeps outputs in the making to itself. */
  readonly tellsPartial?: boolean | undefined;
}

export interface InnerResult {
  readonly outputs: Values;
  /** The entries of the stages inside it and, last, its own. */
  readonly history: readonly HistoryEntry[];
  /** What all of it cost. */
  readonly usage: Usage;
}

/** What a module gets besides the context. */
export interface StageCall {
  /** The stage's path: of one inside another, with the ids of those around it. */
  readonly id: string;
  readonly signature: Signature;
  readonly signal: AbortSignal | undefined;
  /** `false` keeps caches from answering this execution's model calls. */
  readonly cache?: boolean | undefined;
  /**
   * Where outputs in the making are told, when somebody listens: what changed, and the number of the attempt they belong
   * to. The first attempt is 1; what a former attempt said is void.
   */
  readonly onPartial?: ((outputs: Values, attempt: number) => void) | undefined;
  /** Which of several independent executions this is; it reaches the model's request. */
  readonly rollout: number;
  /** The stages inside this one, in their order. */
  readonly stages?: readonly InnerStage[] | undefined;
  /**
   * The configuration's value for this stage: `<stage>.<name>`, else that of the stage around it unless its module reads
   * the name for itself, else `<name>`, else `undefined`.
   */
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

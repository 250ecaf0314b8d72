import { integerBelow, jsonDefect, present } from "#foundation";
import type { Clock, Json, JsonObject, Rng } from "#foundation";
import { evaluateExample, noUsage, placedStages } from "#programs";
import type { Example, HistoryEntry, LanguageModel, Metric, Module, Outcome, Program, Usage } from "#programs";
import type { Configuration, Space } from "#variables";
import { appliedConfiguration } from "./applied-configuration.ts";
import type { Resource } from "./account/budget.ts";
import type { Ledger } from "./account/ledger.ts";
import { promptTokens } from "../proposing/prompt-length.ts";
import type { CompleteResult, CompleteWork, EvaluateWork, ExampleResult, Split, TraceStep } from "../teleprompter.ts";

/** What work is performed with. */
export interface Workshop {
  readonly program: Program;
  readonly space: Space;
  readonly metric: Metric;
  readonly model: LanguageModel;
  readonly models: Readonly<Record<string, LanguageModel>>;
  /** Answers the calls that propose text. */
  readonly promptModel: LanguageModel;
  readonly modules: readonly Module[];
  readonly examples: Readonly<Record<Split, readonly Example[]>>;
  /** Where the models' seeds come from in a deterministic run; otherwise the models keep their own chance. */
  readonly seeds: Rng | undefined;
  readonly clock: Clock;
  readonly metricTimeoutMs: number | undefined;
  /** With longer texts and demonstrations nothing is run. */
  readonly maxPromptTokens: number | undefined;
  readonly signal: AbortSignal;
}

/** The budget did not cover a call: there is no result. `usage` is what was spent before. */
export interface Refusal {
  readonly refused: Resource;
  readonly usage: Usage;
}

export async function performExample(
  shop: Workshop,
  { work, index }: { readonly work: EvaluateWork; readonly index: number },
  ledger: Ledger,
): Promise<ExampleResult | Refusal> {
  const example = shop.examples[work.split][index] as Example;
  const { space, metric, modules, clock, metricTimeoutMs, signal } = shop;
  const tooLong = lengthDefect(shop, work.configuration);
  if (tooLong !== undefined) return { ok: false, failure: "candidate", message: tooLong, index, usage: noUsage };
  const configuration = appliedConfiguration(space, shop.program.configuration, work.configuration);
  const program = { ...shop.program, configuration };
  const model = ledger.counting(shop.model);
  const models = Object.fromEntries(Object.entries(shop.models).map(([name, each]) => [name, ledger.counting(each)]));
  const overrides = { ...seedOf(shop, shop.program, `${work.id}/${index}`), ...work.configuration };
  const options = {
    model,
    models,
    modules,
    clock,
    signal,
    overrides,
    ...present({ metricTimeoutMs, rollout: work.rollout }),
  };
  const outcome = await evaluateExample(program, example, metric, index, options);
  const { refused, usage } = ledger;
  if (refused !== undefined) return { refused, usage };
  return { ...storable(resultOf(outcome, program, example, work.trace === true), index), usage };
}

function lengthDefect({ program, space, maxPromptTokens }: Workshop, configuration: Configuration): string | undefined {
  if (maxPromptTokens === undefined) return undefined;
  const tokens = promptTokens({ program, space }, configuration);
  return tokens > maxPromptTokens
    ? `its texts and demonstrations have ${tokens} tokens, more than the ${maxPromptTokens} of maxPromptTokens: nothing was run`
    : undefined;
}

/** Infrastructure faults are tried again as for an example; what then still fails is told. */
export async function performCompletion(
  shop: Workshop,
  work: CompleteWork,
  ledger: Ledger,
): Promise<CompleteResult | Refusal> {
  const { modules, clock, signal } = shop;
  const overrides = { ...seedOf(shop, work.program, work.id), ...work.overrides };
  const options = { model: ledger.counting(shop.promptModel), modules, clock, signal, overrides };
  const outcome = await evaluateExample(work.program, { inputs: work.inputs, expected: {} }, () => 0, 0, options);
  const { refused, usage } = ledger;
  if (refused !== undefined) return { refused, usage };
  return outcome.ok
    ? { ok: true, outputs: outcome.outputs as { readonly [name: string]: Json }, usage }
    : { ok: false, failure: outcome.failure, message: outcome.error.message, usage };
}

/** One seed per job, whatever was run before it; a seed in the program's configuration stays. */
function seedOf({ seeds }: Workshop, program: Program, label: string): Configuration {
  if (seeds === undefined || program.configuration["seed"] !== undefined) return {};
  return { seed: integerBelow(seeds.fork(label), 2 ** 31) };
}

type Unpaid<R> = R extends ExampleResult ? Omit<R, "usage"> : never;

function resultOf(outcome: Outcome, program: Program, example: Example, withTrace: boolean): Unpaid<ExampleResult> {
  const { index } = outcome;
  if (!outcome.ok) return { ok: false, failure: outcome.failure, message: outcome.error.message, index };
  const { score, feedback, objectives, history } = outcome;
  return {
    ok: true,
    score,
    ...(feedback === undefined ? {} : { feedback }),
    ...(objectives === undefined ? {} : { objectives }),
    ...(withTrace ? { trace: traceOf(program, example, history) } : {}),
    index,
  };
}

/** A result that is no JSON (a module's outputs, a metric's feedback) cannot be kept: that is the candidate's failure. */
function storable(result: Unpaid<ExampleResult>, index: number): Unpaid<ExampleResult> {
  const defect = jsonDefect(result);
  if (defect === undefined) return result;
  return { ok: false, failure: "candidate", message: `the result is not JSON: ${defect}`, index };
}

/** Per stage, the part of what was known before it that its signature takes, and what it produced. */
function traceOf(program: Program, example: Example, history: readonly HistoryEntry[]): TraceStep[] {
  let known = example.inputs as JsonObject;
  const stages = placedStages(program);
  return history.map(({ stage, outputs }) => {
    const { inputs } = stages.find(({ path }) => path === stage)?.signature ?? program.signature;
    const taken = inputs.filter(({ name }) => known[name] !== undefined).map(({ name }) => [name, known[name]]);
    known = { ...known, ...(outputs as JsonObject) };
    return { stage, inputs: Object.fromEntries(taken) as JsonObject, outputs: outputs as JsonObject };
  });
}

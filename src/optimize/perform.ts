import { integerBelow, messageOf } from "#foundation";
import type { Clock, JsonObject, Rng } from "#foundation";
import { evaluateExample, execute, ProgramError } from "#programs";
import type { Example, HistoryEntry, LanguageModel, Metric, Module, Outcome, Program, Usage } from "#programs";
import type { Configuration } from "#variables";
import { BudgetError } from "./budgeted-model.ts";
import type { Resource } from "./budget.ts";
import type { CompleteResult, CompleteWork, EvaluateWork, ExampleResult, Split, TraceStep } from "./teleprompter.ts";

/** What work is performed with. */
export interface Workshop {
  readonly program: Program;
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
  readonly signal: AbortSignal;
}

/** The budget did not cover a call: there is no result. `usage` is what was spent before. */
export interface Refusal {
  readonly refused: Resource;
  readonly usage: Usage;
}

export async function performExample(
  shop: Workshop,
  work: EvaluateWork,
  index: number,
): Promise<ExampleResult | Refusal> {
  const example = shop.examples[work.split][index] as Example;
  const { program, metric, model, models, modules, clock, signal } = shop;
  const overrides = { ...seedOf(shop, `${work.id}/${index}`), ...work.configuration };
  const options = { model, models, modules, clock, signal, overrides };
  const outcome = await evaluateExample(program, example, metric, index, options);
  const refused = outcome.ok ? undefined : refusedLimit(outcome.error);
  if (refused !== undefined) return { refused, usage: outcome.usage };
  return resultOf(outcome, program, example, work.trace === true);
}

export async function performCompletion(shop: Workshop, work: CompleteWork): Promise<CompleteResult | Refusal> {
  const { promptModel: model, modules, signal } = shop;
  try {
    const execution = await execute(work.program, work.inputs, { model, modules, signal, overrides: work.overrides });
    return { ok: true, outputs: execution.outputs as { readonly [name: string]: string }, usage: execution.usage };
  } catch (thrown) {
    if (!(thrown instanceof ProgramError)) throw thrown;
    const refused = refusedLimit(thrown);
    return refused === undefined
      ? { ok: false, message: messageOf(thrown), usage: thrown.usage }
      : { refused, usage: thrown.usage };
  }
}

/** One seed per example, whatever was run before it; a seed in the program's configuration stays. */
function seedOf({ seeds, program }: Workshop, label: string): Configuration {
  if (seeds === undefined || program.configuration["seed"] !== undefined) return {};
  return { seed: integerBelow(seeds.fork(label), 2 ** 31) };
}

function resultOf(outcome: Outcome, program: Program, example: Example, withTrace: boolean): ExampleResult {
  const { index, usage } = outcome;
  if (!outcome.ok) return { ok: false, failure: outcome.failure, message: outcome.error.message, index, usage };
  const { score, feedback, objectives, history } = outcome;
  return {
    ok: true,
    score,
    ...(feedback === undefined ? {} : { feedback }),
    ...(objectives === undefined ? {} : { objectives }),
    ...(withTrace ? { trace: traceOf(program, example, history) } : {}),
    index,
    usage,
  };
}

/** Per stage, the part of what was known before it that its signature takes, and what it produced. */
function traceOf(program: Program, example: Example, history: readonly HistoryEntry[]): TraceStep[] {
  let known = example.inputs as JsonObject;
  return history.map(({ stage, outputs }) => {
    const { inputs } = program.pipeline.find(({ id }) => id === stage)?.signature ?? program.signature;
    const taken = inputs.filter(({ name }) => known[name] !== undefined).map(({ name }) => [name, known[name]]);
    known = { ...known, ...(outputs as JsonObject) };
    return { stage, inputs: Object.fromEntries(taken) as JsonObject, outputs: outputs as JsonObject };
  });
}

function refusedLimit({ cause }: Error): Resource | undefined {
  return cause instanceof BudgetError ? cause.limit : undefined;
}

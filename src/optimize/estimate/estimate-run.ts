import { present, seededRng } from "#foundation";
import type { Program, Usage } from "#programs";
import { placedStages } from "#programs";
import { spendOf } from "../run/account/budget.ts";
import type { Budget } from "../run/account/budget.ts";
import { defaultMaxTokens } from "../run/account/worst-case.ts";
import { planOf } from "../run/open-run.ts";
import { prepared } from "../run/prepared-run.ts";
import type { StartOptions } from "../run/start-options.ts";
import type { Task } from "../teleprompter.ts";
import { playRun } from "./played-run.ts";
import type { PlayedRun } from "./played-run.ts";
import { standIn } from "./stand-in.ts";
import type { CostedStandIn, Luck } from "./stand-in.ts";

/** What a run would take, in the budget's units. */
export interface EstimatedCost {
  /** Evaluations of a configuration, the baseline and the final comparison included. */
  readonly evaluations: number;
  /** Examples that the program is run on; what is answered from the run's own log is not among them. */
  readonly examples: number;
  /** Calls for the teleprompter's own prompts. */
  readonly proposals: number;
  readonly calls: number;
  /** Input and output tokens together. */
  readonly tokens: number;
  /** Absent where a model that is asked tells no price. */
  readonly usd?: number;
}

/** What a run is likely to cost, and how that is known. */
export interface RunEstimate {
  readonly likely: EstimatedCost;
  /** Where everything that is assumed comes out dearest; never more than the budget allows. */
  readonly most: EstimatedCost;
  /** Why the played run ended, as the report of the run would say it. */
  readonly reason: string;
  /** `false`: the search does not end by itself as far as anybody looked, and a budget has to end it. */
  readonly ends: boolean;
  /** One example with the baseline. */
  readonly perExample: Pick<Usage, "calls" | "inputTokens" | "outputTokens">;
  /** What was taken for granted, in words. */
  readonly assumptions: readonly string[];
}

/** More work than this is played by nobody: the search has no end of its own. */
const maxWork = 1000;

/**
 * What a run with these options would cost, without asking a model: the search is played by the run's own decisions with
 * made-up answers, and prompts are rendered to be measured. Throws `UsageError` where `startRun` would; rejects with the
 * reason of the options' signal when that aborts.
 */
export async function estimateRun<I extends object, O extends object>(
  options: Omit<StartOptions<I, O>, "store">,
): Promise<RunEstimate> {
  const play = playerOf(options);
  const even = await play("even");
  const others = [await play("none"), await play("rising")];
  const all = [even, ...others];
  const priced = isPriced(options);
  const { state, hasEnded } = even.played;
  const { calls, inputTokens, outputTokens } = even.answers.costOf(even.baseline).likely;
  const perExample = { calls, inputTokens: Math.round(inputTokens), outputTokens: Math.round(outputTokens) };
  return {
    likely: costOf(even.played, even.played.state.usage, priced),
    most: within(
      options.budget ?? {},
      all.map((each) => costOf(each.played, each.answers.most, priced)).reduce(greater),
    ),
    reason: state.reason ?? `the search had not ended after ${state.evaluations} evaluations`,
    ends: hasEnded,
    perExample,
    assumptions: assumptionsOf(options, { priced, hasEnded }),
  };
}

/**
 * What a run with these options is likely to cost, for a third of the effort of `estimateRun` and without its other
 * answers; `undefined` where the search has no end by itself.
 */
export async function likelyCost<I extends object, O extends object>(
  options: Omit<StartOptions<I, O>, "store">,
): Promise<EstimatedCost | undefined> {
  const { played } = await playerOf(options)("even");
  return played.hasEnded ? costOf(played, played.state.usage, isPriced(options)) : undefined;
}

interface Played {
  readonly played: PlayedRun;
  readonly answers: CostedStandIn;
  readonly baseline: Task["baseline"];
}

function playerOf<I extends object, O extends object>(
  options: Omit<StartOptions<I, O>, "store">,
): (luck: Luck) => Promise<Played> {
  const { space, model, models = {}, promptModel = model, seed = 0, deterministic = false, signal } = options;
  const { teleprompter, examples, baseline, budget } = prepared(options, seed);
  const program = options.program as unknown as Program;
  const { train, validation, test } = examples;
  const { maxPromptTokens } = options;
  const task: Task = { program, space, baseline, train, validation, ...present({ maxPromptTokens }) };
  // Nothing takes time here.
  const { ms: _ms, ...limits } = budget;
  const plan = planOf({ program, baseline, budget: limits, deterministic, teleprompter, model, testSize: test.length });
  const rng = seededRng(seed).fork("run");
  return async (luck) => {
    const answers = standIn({ program, space, examples, asked: { model, models }, promptModel, luck });
    const played = await playRun(plan, task, { rng, standIn: answers, signal, maxWork });
    return { played, answers, baseline };
  };
}

function costOf({ state, examples, proposals }: PlayedRun, usage: Usage, priced: boolean): EstimatedCost {
  const { calls, tokens, usd } = spendOf(usage);
  return {
    evaluations: state.evaluations,
    examples,
    proposals,
    calls: Math.round(calls),
    tokens: Math.round(tokens),
    ...(priced ? { usd } : {}),
  };
}

function greater(a: EstimatedCost, b: EstimatedCost): EstimatedCost {
  return {
    evaluations: Math.max(a.evaluations, b.evaluations),
    examples: Math.max(a.examples, b.examples),
    proposals: Math.max(a.proposals, b.proposals),
    calls: Math.max(a.calls, b.calls),
    tokens: Math.max(a.tokens, b.tokens),
    ...(a.usd === undefined || b.usd === undefined ? {} : { usd: Math.max(a.usd, b.usd) }),
  };
}

function within(budget: Budget, cost: EstimatedCost): EstimatedCost {
  const { evaluations = Infinity, calls = Infinity, tokens = Infinity, usd = Infinity } = budget;
  return {
    ...cost,
    evaluations: Math.min(cost.evaluations, evaluations),
    calls: Math.min(cost.calls, calls),
    tokens: Math.min(cost.tokens, tokens),
    ...(cost.usd === undefined ? {} : { usd: Math.min(cost.usd, usd) }),
  };
}

function isPriced<I extends object, O extends object>(options: Omit<StartOptions<I, O>, "store">): boolean {
  const { model, models = {}, promptModel = model } = options;
  return [model, promptModel, ...Object.values(models)].every(
    ({ usdPerMillionTokens }) => usdPerMillionTokens !== undefined,
  );
}

function assumptionsOf<I extends object, O extends object>(
  { program, budget = {}, learn, warmStart }: Omit<StartOptions<I, O>, "store">,
  { priced, hasEnded }: { readonly priced: boolean; readonly hasEnded: boolean },
): string[] {
  const stages = placedStages(program).filter(({ stage }) => stage.stages === undefined);
  const asking = stages.map(({ path }) => path).join(", ");
  return [
    `an example makes ${stages.length === 1 ? "one call" : `${stages.length} calls, one for each of`} ${stages.length === 1 ? `(${asking})` : asking}; stages that ask more often by themselves, such as agents and votes, cost more`,
    "half of the examples succeed, and every proposal of the teleprompter can be used",
    "prompts have a token for each four bytes, answers are as long as those of the examples",
    `at the most: the dearest of three searches (half of the examples succeed, none, ever more), every stage needs all its attempts, and answers take all of maxTokens (${defaultMaxTokens} where none is told)`,
    ...(priced ? [] : ["a model that is asked tells no price: money is not estimated"]),
    ...(budget.ms === undefined ? [] : ["the budget's time ends nothing: nobody knows how long an answer takes"]),
    ...(learn === undefined && warmStart === undefined ? [] : ["nothing is learned from earlier runs"]),
    ...(hasEnded ? [] : ["the search goes on beyond what is counted here, until a budget ends it"]),
  ];
}

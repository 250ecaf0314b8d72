import { canonicalJson, describe, seededRng, shuffle, UsageError } from "#foundation";
import type { Rng } from "#foundation";
import { untriedProposal } from "#optimize";
import type { EvaluateWork, Proposal, Teleprompter } from "#optimize";
import { sampleConfiguration } from "#variables";
import { checkStrategies } from "./mutation-strategy.ts";
import type { MutationStrategiesOption } from "./mutation-strategy.ts";
import { restrictedSearch } from "./restricted-search.ts";
import type { RestrictedState } from "./restricted-search.ts";
import { childOf } from "./simba-child.ts";
import type { Parents } from "./simba-child.ts";
import { gainOver, incumbentOf, isFull, tell, workId } from "./simba-state.ts";
import type { Member, Origin, SimbaState } from "./simba-state.ts";
import { creditsOf } from "./strategy-credit.ts";
import { rankedPool, sampleByScore } from "./weighted-pool.ts";

export interface SimbaOptions extends MutationStrategiesOption {
  /** How many steps are made; 20 unless told. */
  readonly generations?: number;
  /** How many children each step has, and how many of the pool each child learns from; 6 unless told. */
  readonly candidatesPerGeneration?: number;
  /**
   * On how many validation examples the children of a step are run first. Unless told 32, or all where there are at
   * most 64: running the winners on the rest would cost more evaluations than it saves.
   */
  readonly minibatch?: number;
  /** How many random configurations are run before the first step, besides the baseline; 12 unless told. */
  readonly spread?: number;
}

type Options = Required<Omit<SimbaOptions, "mutationStrategies" | "minibatch">> & { readonly minibatch?: number };

const usualMinibatch = 32;

type Next = EvaluateWork | "wait";

/**
 * SIMBA (stochastic introspective mini-batch ascent, after DSPy 3) across agents. It keeps every configuration with its
 * score on each example, so that nothing is run twice on one example. Each step has a minibatch of examples; where the
 * members of the pool differ most on one, what the best of them has is transplanted into another, or something moves:
 * each child by one strategy, the likelier the more often it has helped. A child that beats its parent on the same
 * examples is run on all of them, and only such full scores choose the result. The baseline stays in the pool.
 */
export function simba({ mutationStrategies, ...told }: SimbaOptions = {}): Teleprompter<RestrictedState<SimbaState>> {
  const strategies = checkStrategies("simba", mutationStrategies);
  const { generations = 20, candidatesPerGeneration = 6, spread = 12, minibatch } = told;
  const options: Options = {
    generations,
    candidatesPerGeneration,
    spread,
    ...(minibatch !== undefined && { minibatch }),
  };
  for (const [name, value] of Object.entries(options))
    if (!Number.isInteger(value) || value < 1)
      throw new UsageError(`simba.${name}: expected a whole number of at least 1, got ${describe(value)}`);
  const search: Teleprompter<SimbaState> = {
    name: "simba",
    options: { ...options },
    start: (task) => ({ task, pool: [] }),
    ask: (state, rng, capacity) => nextWork(state, options, rng, capacity),
    tell,
    finished: (state) => finished(state, options),
    incumbent: (state) => {
      const found = incumbentOf(state);
      return found && { configuration: found.configuration, score: found.score, work: found.work };
    },
  };
  return restrictedSearch(search, { name: "team_simba", mutationStrategies: strategies });
}

/** Each item is asked for in the state in which the items before it are out. */
function nextWork(state: SimbaState, options: Options, rng: Rng, capacity: number): EvaluateWork[] {
  const work: EvaluateWork[] = [];
  let issued = state;
  while (work.length < capacity) {
    const item = nextItem(issued, options, rng.fork(`item ${work.length}`));
    if (item === undefined || item === "wait") break;
    work.push(item);
    issued = tell(issued, { type: "issued", work: [item] });
  }
  return work;
}

function nextItem(state: SimbaState, options: Options, rng: Rng): Next | undefined {
  const { task, pool } = state;
  const all = task.validation.keys().toArray();
  if (pool.length === 0) return firstRun(state, all, { configuration: task.baseline, purpose: "the baseline" });
  const winner = pool.findIndex((member) => deservesAll(state, member));
  if (winner >= 0) return furtherRun(state, winner, all);
  const step = stepOf(state, options);
  if (step >= options.generations) return undefined;
  const batch = batchOf(state, options, Math.max(0, step));
  if (step < 0) return randomRun(state, batch, rng);
  return toBeKnown(state, options, batch, rng.fork("known")) ?? childRun(state, options, batch, rng.fork("child"));
}

/** The step that is next; below 0 as long as the random configurations are not all issued. */
function stepOf({ pool }: SimbaState, { spread, candidatesPerGeneration }: Options): number {
  return Math.floor((pool.length - 1 - spread) / candidatesPerGeneration);
}

/** The step's minibatch: the next examples of an order that is drawn anew whenever it is used up. */
function batchOf({ task }: SimbaState, { minibatch }: Options, step: number): number[] {
  const all = task.validation.keys().toArray();
  const size = minibatch ?? (all.length <= 2 * usualMinibatch ? all.length : usualMinibatch);
  if (size >= all.length) return all;
  const perEpoch = Math.floor(all.length / size);
  const epoch = Math.floor(step / perEpoch);
  const from = (step % perEpoch) * size;
  // The same for every run, so that it is no part of the state.
  return shuffle(seededRng("simba").fork(`epoch ${epoch}`), all).slice(from, from + size);
}

/** Whether a member was better than its parent, and no worse than the best, on the examples known of both. */
function deservesAll(state: SimbaState, member: Member): boolean {
  const parent = state.pool[member.origin?.parent ?? 0];
  if (member.isOut || isFull(state, member) || parent === undefined) return false;
  const best = incumbentOf(state)?.member ?? parent;
  return (gainOver(parent, member) ?? 0) > 0 && (gainOver(best, member) ?? 0) >= 0;
}

/** So many of the pool are run on the step's examples before children are made from what they did there. */
function toBeKnown(state: SimbaState, options: Options, batch: readonly number[], rng: Rng): Next | undefined {
  const scored = rankedPool(state.pool);
  const isIssued = ({ examples }: Member): boolean => batch.every((example) => examples.includes(example));
  const wanted = Math.min(options.candidatesPerGeneration, scored.length);
  const issued = state.pool.filter(isIssued);
  if (issued.length < wanted) {
    const others = scored.filter(({ member }) => !member.isOut && !isIssued(member));
    const [chosen] = sampleByScore(rng, others, 1);
    if (chosen !== undefined) return furtherRun(state, chosen.place, batch);
  }
  const isWaiting = issued.filter(({ isOut }) => !isOut).length < wanted && state.pool.some(({ isOut }) => isOut);
  return isWaiting || scored.length === 0 ? "wait" : undefined;
}

/** The rest of these examples, for a member of the pool. */
function furtherRun({ pool }: SimbaState, place: number, wanted: readonly number[]): EvaluateWork {
  const { configuration, examples, runs } = pool[place] as Member;
  return {
    kind: "evaluate",
    id: workId(place, runs + 1),
    purpose: `configuration ${place} on further examples`,
    configuration,
    split: "validation",
    examples: wanted.filter((example) => !examples.includes(example)),
  };
}

interface SimbaProposal extends Proposal {
  readonly purpose: string;
  readonly origin?: Origin;
}

function firstRun({ pool }: SimbaState, examples: readonly number[], proposal: SimbaProposal): EvaluateWork {
  const { configuration, purpose, origin } = proposal;
  return {
    kind: "evaluate",
    id: workId(pool.length, 1, origin),
    purpose,
    configuration,
    split: "validation",
    examples,
  };
}

function randomRun(state: SimbaState, batch: readonly number[], rng: Rng): EvaluateWork | undefined {
  const { task, pool } = state;
  const proposal = untriedProposal(task, tried(state), rng, (chance) => {
    return { configuration: sampleConfiguration(task.space, chance), purpose: `random configuration ${pool.length}` };
  });
  return proposal && firstRun(state, batch, proposal);
}

function childRun(state: SimbaState, options: Options, batch: readonly number[], rng: Rng): EvaluateWork | undefined {
  const { task, pool } = state;
  const parents: Parents = {
    space: task.space,
    ranked: rankedPool(pool),
    credits: creditsOf(pool),
    batch,
    learntFrom: options.candidatesPerGeneration,
  };
  const proposal = untriedProposal(task, tried(state), rng, (chance) => {
    const { configuration, origin } = childOf(parents, chance);
    return { configuration, origin, purpose: `a child of configuration ${origin.parent} by ${origin.strategy}` };
  });
  return proposal === undefined ? randomRun(state, batch, rng.fork("random")) : firstRun(state, batch, proposal);
}

function tried({ pool }: SimbaState): string[] {
  return pool.map(({ configuration }) => canonicalJson(configuration));
}

function finished(state: SimbaState, options: Options): string | undefined {
  const { generations } = options;
  const isDone =
    stepOf(state, options) >= generations && !state.pool.some((member) => member.isOut || deservesAll(state, member));
  return isDone ? `${generations} generations were tried` : undefined;
}

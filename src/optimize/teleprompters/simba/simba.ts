import { seededRng, shuffle, UsageError } from "#foundation";
import type { Rng } from "#foundation";
import { sampleConfiguration } from "#variables";
import type { Configuration, Demo } from "#variables";
import { restrictSpace } from "#variables/search";
import { checkCounts } from "../../candidate-search.ts";
import { completeConfiguration } from "../../proposal.ts";
import { demoSet, demosTargets } from "../../proposing/demo-set.ts";
import type { DemosTarget } from "../../proposing/demo-set.ts";
import type { Task, Teleprompter, Work } from "../../teleprompter.ts";
import { askInTurn } from "../pool/ask-in-turn.ts";
import { firstRun, furtherRun, unasked } from "../pool/member.ts";
import type { Draft, Member } from "../pool/member.ts";
import { shrunkenMeans } from "../pool/shrunken-means.ts";
import { baselineRun, incumbentOf, validationRun } from "../pool/validation-race.ts";
import { drawnByWorth } from "../pool/weighted-draw.ts";
import { hasMaterial, lessonCall, movableNames, nextChild } from "./simba-child.ts";
import { isTried, startState, tell, withWork } from "./simba-state.ts";
import type { SimbaState } from "./simba-state.ts";
import { checkSimbaStrategies, gainOverParent, simbaStrategies } from "./simba-strategy.ts";
import type { SimbaStrategy } from "./simba-strategy.ts";

export type { SimbaState } from "./simba-state.ts";
export type { SimbaStrategy } from "./simba-strategy.ts";

export interface SimbaOptions {
  /** How many children are made in all; 48 unless told. One whose text came to nothing counts and costs no evaluation. */
  readonly candidates?: number;
  /** How many children a step has, and how many of the pool are run on its minibatch; 6 unless told. */
  readonly perStep?: number;
  /** How many training examples a step has; 32 unless told, or all where there are fewer. */
  readonly minibatch?: number;
  /** How many random values and demos are run in the first step beside the baseline; 5 unless told. */
  readonly spread?: number;
  /** The most demos of a stage, where its variable does not say less; 16 unless told. */
  readonly maxDemos?: number;
  /** The most rules behind one text: the oldest goes where a further one comes; 16 unless told. */
  readonly maxRules?: number;
  /** Only these are ever applied; all five unless told. */
  readonly strategies?: readonly SimbaStrategy[];
}

type Options = Required<SimbaOptions>;

/**
 * SIMBA (stochastic introspective mini-batch ascent, after DSPy 3). Each step has a minibatch of training examples. Some
 * of the pool are run on it, then children are made from the examples on which what was done differs most: a demo of the
 * best (`append_a_demo`), a rule from the contrast of best and worst for the stage that is to blame (`append_a_rule`),
 * another wording of a rule (`edit_a_rule`), one rule less (`drop_a_rule`), other values of numbers, choices and models
 * (`move_values`). The children run on the same minibatch.
 *
 * What differs from DSPy: the baseline is measured like all others; every run counts for the program that made it, and
 * what a program is worth is estimated over all its minibatches, how hard they were taken out, and shrunken. Rules are
 * kept apart from the instruction, each once, and their number is bounded. Nothing runs twice on one example, and an
 * unchanged program not at all. Strategies that help are drawn more often. Where nobody was right, the labels teach.
 * A child that leads the pool races the incumbent on the validation examples, and at the end the best few do; only who
 * was measured on all of them can win.
 */
export function simba(options: SimbaOptions = {}): Teleprompter<SimbaState> {
  const { candidates = 48, perStep = 6, minibatch = 32, spread = 5, maxDemos = 16, maxRules = 16 } = options;
  const counts = { candidates, perStep, minibatch, spread, maxDemos, maxRules };
  checkCounts("simba", counts);
  const all: Options = { ...counts, strategies: checkSimbaStrategies(options.strategies ?? simbaStrategies) };
  return {
    name: "simba",
    options: { ...all },
    start: (task) => {
      if (task.train.length === 0) throw new UsageError("simba: expected training examples, got none");
      if (!hasMaterial(task))
        throw new UsageError(
          'simba: the space has no text or demos variable that is active in the baseline; add text("predict.instructions") or demos("predict.demos")',
        );
      return startState(task);
    },
    ask: (state, rng, capacity) =>
      askInTurn(state, capacity, {
        next: (reached, number) => nextItem(reached, all, rng.fork(`item ${number}`)),
        issue: withWork,
      }),
    tell: (state, told) => tell(state, told, all),
    finished: (state) => (isFinished(state, all) ? `${candidates} children were made` : undefined),
    incumbent: ({ task, pool }) => incumbentOf(task, pool),
  };
}

function nextItem(state: SimbaState, options: Options, rng: Rng): Work | undefined {
  const { task, pool } = state;
  if (pool.length === 0) return baselineRun(task);
  return (
    promisingDue(state) ??
    draftDue(state, options) ??
    lessonDue(state) ??
    stepWork(state, options, rng) ??
    finalistDue(state, options)
  );
}

/** The child that waits for its first run. */
function draftDue({ task, pool, drafts }: SimbaState, options: Options): Work | undefined {
  const [draft] = drafts;
  if (draft === undefined) return undefined;
  const examples = batchOf(task, options, Math.floor(Number(draft.origin.note["child"]) / options.perStep));
  return firstRun(pool, draft, { split: "train", examples, trace: true });
}

/** The next call of a child that wants several rules. */
function lessonDue(state: SimbaState): Work | undefined {
  const order = state.orders.find(({ issued, lessons }) => issued < lessons.length);
  return order && lessonCall(state, order, order.issued);
}

function stepWork(state: SimbaState, options: Options, rng: Rng): Work | undefined {
  const { task, pool, begun } = state;
  if (begun >= options.candidates) return undefined;
  const step = Math.floor(begun / options.perStep);
  const batch = batchOf(task, options, step);
  const run = { split: "train", examples: batch, trace: true } as const;
  const baseline = pool[0] as Member;
  if (baseline.asked.train.length === 0) return furtherRun(pool, 0, run);
  const random = step === 0 ? randomDraft(state, options, rng.fork("random")) : undefined;
  if (random !== undefined) return firstRun(pool, random, run);
  const known = toBeKnown(state, options, { batch, rng: rng.fork("known") });
  if (known !== undefined) return known === "wait" ? undefined : known;
  const { strategies, maxDemos } = options;
  const turn = begun % options.perStep;
  const child = nextChild(state, { strategies, maxDemos, turn, batch, rng: rng.fork("child") });
  if (child === undefined) return undefined;
  return "ask" in child ? child.ask : firstRun(pool, child.draft, run);
}

/** The step's examples: the next ones of an order that is drawn anew whenever it is used up. */
function batchOf({ train }: SimbaState["task"], { minibatch }: Options, step: number): readonly number[] {
  const all = train.keys().toArray();
  if (minibatch >= all.length) return all;
  const perEpoch = Math.floor(all.length / minibatch);
  const from = (step % perEpoch) * minibatch;
  // The same for every run, so that it is no part of the state.
  const rng = seededRng("simba").fork(`epoch ${Math.floor(step / perEpoch)}`);
  return shuffle(rng, all).slice(from, from + minibatch);
}

const randomName = "random";

/** Different programs to learn from in the first step, where there is anything to draw. */
function randomDraft(state: SimbaState, { spread, maxDemos }: Options, rng: Rng): Draft | undefined {
  const { task, pool } = state;
  const { space, baseline } = task;
  const number = pool.filter(({ origin }) => origin.by === randomName).length;
  if (number >= spread) return undefined;
  const targets = demosTargets(task);
  const names = movableNames(task, baseline);
  if (names.length + targets.length === 0) return undefined;
  const among = restrictSpace(space, names, baseline);
  for (let draw = 0; draw < spread; draw++) {
    const chance = rng.fork(`draw ${draw}`);
    const shown = targets.map((target) => [target.name, randomDemos(task, target, { maxDemos, number, rng: chance })]);
    const sampled = { ...sampleConfiguration(among, chance), ...(Object.fromEntries(shown) as Configuration) };
    const configuration = completeConfiguration(task, { ...baseline, ...sampled });
    const origin = { parents: [0], by: randomName, note: {} };
    const purpose = `random values ${pool.length}`;
    if (!isTried(state, configuration)) return { configuration, origin, purpose };
  }
  return undefined;
}

const maxDemoTokens = 4000;

/** Labelled demos that cover different answers: as many as may be, then half, a quarter, and so on anew. */
function randomDemos(
  task: Task,
  target: DemosTarget,
  { maxDemos, number, rng }: { readonly maxDemos: number; readonly number: number; readonly rng: Rng },
): readonly Demo[] {
  const most = Math.min(maxDemos, target.variable.max ?? maxDemos);
  const size = Math.ceil(most / 2 ** (number % 3));
  return demoSet(rng.fork(target.name), target, task, [], { size, bootstrapped: 0, maxTokens: maxDemoTokens });
}

/** So many of the pool are run on the step's examples before children are made from what they did there. */
function toBeKnown(
  { pool }: SimbaState,
  { perStep }: Options,
  { batch, rng }: { readonly batch: readonly number[]; readonly rng: Rng },
): Work | "wait" | undefined {
  const isIssued = (member: Member): boolean => unasked(member, "train", batch).length === 0;
  const worths = shrunkenMeans(pool, "train");
  const wanted = Math.min(perStep, worths.filter((worth) => worth !== undefined).length);
  const issued = pool.filter(isIssued);
  if (issued.length < wanted) {
    const others = worths.map((worth, place) => {
      const member = pool[place] as Member;
      return member.out > 0 || isIssued(member) ? undefined : worth;
    });
    const [place] = drawnByWorth(rng, others, 1);
    if (place !== undefined)
      return furtherRun(pool, place, {
        split: "train",
        examples: unasked(pool[place] as Member, "train", batch),
        trace: true,
      });
  }
  const isOut = pool.some(({ out }) => out > 0);
  const answered = issued.filter(({ out }) => out === 0).length;
  return (answered < wanted || wanted === 0) && isOut ? "wait" : undefined;
}

/** The next validation examples of whoever beat its parent and leads the pool. */
function promisingDue(state: SimbaState): Work | undefined {
  return firstDue(state, (place) => isPromising(state.pool, place));
}

/** When nothing else is to come: the next validation examples of the best. */
function finalistDue(state: SimbaState, options: Options): Work | undefined {
  if (!isQuiet(state)) return undefined;
  const finalists = finalistsOf(state, options);
  return firstDue(state, (place) => finalists.includes(place));
}

function firstDue({ task, pool }: SimbaState, deserves: (place: number) => boolean): Work | undefined {
  for (const place of pool.keys()) {
    const run = place > 0 && deserves(place) ? validationRun(task, pool, place) : undefined;
    if (run !== undefined) return run;
  }
  return undefined;
}

function isQuiet({ orders, drafts, pool }: SimbaState): boolean {
  return orders.length + drafts.length === 0 && pool.every(({ out }) => out === 0);
}

/** Whether a member was better than its parent, and is worth as much as anybody in the pool. */
function isPromising(pool: readonly Member[], place: number): boolean {
  const member = pool[place] as Member;
  if (member.answered.train.length === 0 || (gainOverParent(pool, member) ?? 0) <= 0) return false;
  const worths = shrunkenMeans(pool, "train");
  return worths.every((worth) => worth === undefined || worth <= (worths[place] ?? -Infinity));
}

/** The best of the pool, if they are better than the baseline. */
function finalistsOf({ pool }: SimbaState, { perStep }: Options): readonly number[] {
  const worths = shrunkenMeans(pool, "train");
  const least = worths[0] ?? -Infinity;
  const above = [...worths.entries()].filter(([, worth]) => worth !== undefined && worth > least);
  return above
    .toSorted((a, b) => (b[1] ?? 0) - (a[1] ?? 0))
    .slice(0, perStep)
    .map(([place]) => place);
}

function isFinished(state: SimbaState, options: Options): boolean {
  if (state.begun < options.candidates || !isQuiet(state)) return false;
  return (promisingDue(state) ?? finalistDue(state, options)) === undefined;
}

import { UsageError } from "#foundation";
import type { Rng } from "#foundation";
import { checkCounts } from "../../check-counts.ts";
import type { Teleprompter, Work } from "../../teleprompter.ts";
import { askInTurn } from "../pool/ask-in-turn.ts";
import { firstRun, furtherRun, unasked } from "../pool/member.ts";
import type { Draft, Member } from "../pool/member.ts";
import { shrunkenMeans } from "../pool/shrunken-means.ts";
import { baselineRun, incumbentOf, leaderPlace } from "../pool/validation-race.ts";
import { drawnByWorth } from "../pool/weighted-draw.ts";
import { lessonCall } from "./lessons.ts";
import { randomDraft } from "./random-draft.ts";
import { hasMaterial, nextChild } from "./simba-child.ts";
import { finalistDue, isQuiet, promisingDue } from "./simba-races.ts";
import { startState, tell, withWork } from "./simba-state.ts";
import type { SimbaState } from "./simba-state.ts";
import { checkSimbaStrategies, gainOverParent, simbaStrategies } from "./simba-strategy.ts";
import type { SimbaStrategy } from "./simba-strategy.ts";
import { batchOf, firstLessons, firstPart, stepOfChild } from "./step-examples.ts";

export type { SimbaState } from "./simba-state.ts";
export type { SimbaStrategy } from "./simba-strategy.ts";

export interface SimbaOptions {
  /** How many children are made in all; 48 unless told. One whose text came to nothing counts and costs no evaluation. */
  readonly candidates?: number;
  /** How many children a step has; 4 unless told. */
  readonly perStep?: number;
  /** How many training examples a step has; 32 unless told, or all where there are fewer. */
  readonly minibatch?: number;
  /** How many random values and demos are run in the first step beside the baseline; 2 unless told. */
  readonly spread?: number;
  /** The most demos of a stage, where its variable does not say less; 16 unless told. */
  readonly maxDemos?: number;
  /** The most rules behind one text: the oldest goes where a further one comes; 64 unless told. */
  readonly maxRules?: number;
  /** The most tokens of training examples that a call is shown, estimated; 4,000 unless told. */
  readonly shownTokens?: number;
  /** Only these are ever applied; all six unless told. */
  readonly strategies?: readonly SimbaStrategy[];
}

type Options = Required<SimbaOptions>;

/**
 * SIMBA (stochastic introspective mini-batch ascent, after DSPy 3). Each step has a minibatch of training examples on which
 * the incumbent and another member of the pool are run; both get children, which are tried there. A child is made from
 * what was done on other training examples, those first on which it differs most: rules for the stage that is to blame
 * (`append_a_rule`), demos of the best (`append_a_demo`), what another member gained (`combine_two`), another wording of a
 * rule (`edit_a_rule`), one rule less (`drop_a_rule`), other values of numbers, choices and models (`move_values`).
 *
 * What differs from DSPy: the baseline is measured like all others; every run counts for the program that made it, and
 * what a program is worth is estimated over all its minibatches, how hard they were taken out, and shrunken. No child is
 * tried on an example that it was taught, and one that is worse than its parent on half of the minibatch is not run on
 * the other half. Where enough members differ in values alone, a model of these says which are next. A call for rules is shown a contrast and, within its tokens, many further cases, and a child asks several
 * times: a rule that holds for one example is noise. Demos cover different answers. Rules are kept apart from the
 * instruction, each once, and their number is bounded. Nothing runs twice on one example, and an unchanged program not at
 * all. Strategies that gain more are drawn more often, those whose calls come to nothing less. Where nobody was right, the labels teach. After each step the best
 * child races the incumbent on the validation examples, and at the end the best few do; only who was measured on all of
 * them can win.
 */
export function simba(options: SimbaOptions = {}): Teleprompter<SimbaState> {
  const { candidates = 48, perStep = 4, minibatch = 32, spread = 2, maxDemos = 16, maxRules = 64 } = options;
  const { shownTokens = 4000 } = options;
  const counts = { candidates, perStep, minibatch, spread, maxDemos, maxRules, shownTokens };
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
    draftDue(state, options) ??
    restDue(state, options) ??
    lessonDue(state, options, rng.fork("lesson")) ??
    promisingDue(state, options) ??
    stepWork(state, options, rng) ??
    finalistDue(state, options)
  );
}

/** The child that waits for its first run. */
function draftDue({ task, pool, drafts }: SimbaState, options: Options): Work | undefined {
  const [draft] = drafts;
  if (draft === undefined) return undefined;
  const batch = batchOf(task, options, stepOf(draft, options));
  return firstRun(pool, draft, { split: "train", examples: firstPart(batch), trace: true });
}

function stepOf({ origin }: Pick<Draft, "origin">, options: Options): number {
  return stepOfChild(Number(origin.note["child"] ?? 0), options);
}

/** The other examples of its step for a child that was no worse than its parent on the first part of them. */
function restDue({ task, pool }: SimbaState, options: Options): Work | undefined {
  for (const [place, member] of pool.entries()) {
    if (place === 0 || member.out > 0 || member.answered.train.length === 0) continue;
    const examples = unasked(member, "train", batchOf(task, options, stepOf(member, options)));
    if (examples.length === 0 || (gainOverParent(pool, member) ?? 0) < 0) continue;
    return furtherRun(pool, place, { split: "train", examples, trace: true });
  }
  return undefined;
}

/** The next call of a child that wants several rules. */
function lessonDue(state: SimbaState, options: Options, rng: Rng): Work | undefined {
  const order = state.orders.find(({ issued, lessons }) => issued < lessons.length);
  if (order === undefined) return undefined;
  const batch = batchOf(state.task, options, stepOfChild(order.child, options));
  return lessonCall({ state, batch, shownTokens: options.shownTokens, rng }, order, order.issued);
}

function stepWork(state: SimbaState, options: Options, rng: Rng): Work | undefined {
  const { task, pool, begun } = state;
  if (begun >= options.candidates) return undefined;
  const step = stepOfChild(begun, options);
  const batch = batchOf(task, options, step);
  const baseline = pool[0] as Member;
  if (baseline.asked.train.length === 0)
    return furtherRun(pool, 0, { split: "train", examples: firstLessons(task, options), trace: true });
  const run = { split: "train", examples: firstPart(batch), trace: true } as const;
  const random = step === 0 ? randomDraft(state, { ...options, without: batch }, rng.fork("random")) : undefined;
  if (random !== undefined) return firstRun(pool, random, run);
  const turn = begun % options.perStep;
  // What the children of a step taught is known before those of the next are made.
  if (turn === 0 && isStepOut(state, batch)) return undefined;
  const parents = parentsOn(state, batch, rng.fork("parents"));
  if (parents === undefined || "kind" in parents) return parents;
  const child = nextChild(state, { ...options, parents, turn, batch, rng: rng.fork("child") });
  if (child === undefined) return undefined;
  return "ask" in child ? child.ask : firstRun(pool, child.draft, run);
}

/** Whether a text or a run is out, other than that of a parent on a step's examples. */
function isStepOut({ task, orders, drafts, pool }: SimbaState, batch: readonly number[]): boolean {
  // Where a step has all examples, no parent needs a run on them.
  const isAll = batch.length === task.train.length;
  const isOther = (member: Member): boolean => member.out > 0 && (isAll || unasked(member, "train", batch).length > 0);
  return orders.length + drafts.length > 0 || pool.some(isOther);
}

/**
 * So many of the pool are run on all examples of a step, the incumbent among them: they may have children. None that is
 * worse than its own parent.
 */
const parentsPerStep = 2;

/** Those who may have a child in a step, the run that makes one of them known there, or nothing while one is out. */
function parentsOn(
  { task, pool }: SimbaState,
  batch: readonly number[],
  rng: Rng,
): readonly number[] | Work | undefined {
  const places = [...pool.keys()];
  const issued = places.filter((place) => unasked(pool[place] as Member, "train", batch).length === 0);
  const worths = shrunkenMeans(pool, "train").map((worth, place) =>
    (gainOverParent(pool, pool[place] as Member) ?? 0) < 0 ? undefined : worth,
  );
  const wanted = Math.min(parentsPerStep, worths.filter((worth) => worth !== undefined).length);
  const leader = leaderPlace(task, pool);
  const isFree = (place: number): boolean => !issued.includes(place) && pool[place]?.out === 0;
  const drawn = drawnByWorth(rng, worths.map((worth, place) => (isFree(place) ? worth : undefined)), 1); // prettier-ignore
  const fit = issued.filter((place) => worths[place] !== undefined);
  const due = leader !== undefined && isFree(leader) ? leader : fit.length < wanted ? drawn[0] : undefined;
  if (due !== undefined) {
    const examples = unasked(pool[due] as Member, "train", batch);
    return furtherRun(pool, due, { split: "train", examples, trace: true });
  }
  const known = fit.filter((place) => pool[place]?.out === 0);
  return known.length === 0 || known.length < Math.min(wanted, fit.length) ? undefined : known;
}

function isFinished(state: SimbaState, options: Options): boolean {
  if (state.begun < options.candidates || !isQuiet(state)) return false;
  return (promisingDue(state, options) ?? finalistDue(state, options)) === undefined;
}

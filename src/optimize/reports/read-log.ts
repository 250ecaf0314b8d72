import { mean } from "#programs";
import type { Configuration } from "#variables";
import type { Spend } from "../run/account/budget.ts";
import { spend } from "../run/run-decision.ts";
import type { RunEvent } from "../run/run-event.ts";
import { advance, initialState } from "../run/run-state.ts";
import type { RunState } from "../run/run-state.ts";
import type { EvaluateWork, Teleprompter } from "../teleprompter.ts";
import { exampleScores, issuedTrial, toldTrial, trialKey } from "./trial-tally.ts";
import type { TrialTally } from "./trial-tally.ts";

/** The run after one more measurement on validation examples. */
export interface CurvePoint {
  /**
   * Which candidate was measured, and the mean of all its scores so far, less their costs where these are weighed; null
   * where none counted.
   */
  readonly candidate: number;
  readonly score: number | null;
  /**
   * The best so far: the highest mean of those measured on at least half as many examples as any. It can fall when the
   * best is measured on further examples.
   */
  readonly best: { readonly candidate: number; readonly score: number } | null;
  readonly spend: Spend;
}

/** What a log tells without its teleprompter's code. */
export interface LogReading {
  readonly state: RunState;
  /** In the order in which they were asked for. */
  readonly trials: readonly TrialTally[];
  readonly curve: readonly CurvePoint[];
  /** What the final comparison took as the winner; `undefined` where there was none. */
  readonly compared: Configuration | undefined;
}

/** Stands in for the teleprompter, whose code may be the user's own: nothing of its state is needed. */
export const unknownTeleprompter: Teleprompter = {
  name: "unknown",
  options: {},
  start: () => undefined,
  ask: () => [],
  tell: (state) => state,
  finished: () => undefined,
  incumbent: () => undefined,
};

/** Folds the log of a run, as far as it goes. */
export function readLog(events: readonly RunEvent[]): LogReading {
  const trials = new Map<string, TrialTally>();
  const scores = new Map<number, Scored>();
  const curve: CurvePoint[] = [];
  let state = initialState(undefined);
  let [known, compared]: [number, Configuration | undefined] = [0, undefined];
  for (const event of events) {
    const item = event.type === "told" ? state.pending.find(({ work }) => work.id === event.work) : undefined;
    state = advance(unknownTeleprompter, state, event);
    if (event.type === "issued") {
      const work = event.work.filter((each) => each.kind === "evaluate");
      compared = comparedIn(work) ?? compared;
      issue(trials, work, known);
    }
    if (item?.work.kind !== "evaluate" || item.work.split === "test") continue;
    known++;
    const key = trialKey(item.work.configuration);
    const before = trials.get(key);
    if (before === undefined) continue;
    const outcome = { ...item, number: known, spent: spend(state), costWeight: state.costWeight };
    const trial = toldTrial(before, item.work, outcome);
    trials.set(key, trial);
    if (item.work.split === "train") continue;
    scores.set(trial.number, worthOf(trial));
    curve.push({
      candidate: trial.number,
      score: scores.get(trial.number)?.score ?? null,
      best: bestOf(scores),
      spend: outcome.spent,
    });
  }
  return { state, trials: [...trials.values()], curve, compared };
}

function issue(trials: Map<string, TrialTally>, work: readonly EvaluateWork[], known: number): void {
  for (const each of work) {
    const key = trialKey(each.configuration);
    if (each.split !== "test" && !trials.has(key)) trials.set(key, issuedTrial(each, { number: trials.size, known }));
  }
}

/** The winner of the final comparison; the baseline is compared alone where it won. */
function comparedIn(work: readonly EvaluateWork[]): Configuration | undefined {
  const held = work.filter(({ split }) => split === "test");
  return (held.find(({ id }) => id === "held-out-winner") ?? held[0])?.configuration;
}

/** A candidate's mean on validation examples, and on how many. */
interface Scored {
  readonly score: number | null;
  readonly examples: number;
}

export function scoredOf(trial: TrialTally): Scored {
  const counted = exampleScores(trial, "validation");
  return { score: counted.length === 0 ? null : mean(counted), examples: counted.length };
}

/** The same less costs, where these are weighed: what candidates are chosen by. */
function worthOf(trial: TrialTally): Scored {
  const scored = scoredOf(trial);
  return { ...scored, score: weightedScore(trial) ?? scored.score };
}

/** The mean score less cost on validation examples; `undefined` where costs are not weighed, or nothing counted. */
export function weightedScore({ worths }: TrialTally): number | undefined {
  const all = Object.values(worths).map(mean);
  return all.length === 0 ? undefined : mean(all);
}

/** Of equal ones the first, as searches have it. */
function bestOf(scores: ReadonlyMap<number, Scored>): CurvePoint["best"] {
  let most = 0;
  for (const { examples } of scores.values()) most = Math.max(most, examples);
  let best: CurvePoint["best"] = null;
  for (const [candidate, { score, examples }] of scores) {
    if (score === null || 2 * examples < most || (best !== null && score <= best.score)) continue;
    best = { candidate, score };
  }
  return best;
}

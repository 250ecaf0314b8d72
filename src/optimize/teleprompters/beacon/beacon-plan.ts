import { demosTargets } from "../../proposing/demo-set.ts";
import type { DemosTarget } from "../../proposing/demo-set.ts";
import { textTargets } from "../../proposing/text-target.ts";
import type { TextTarget } from "../../proposing/text-target.ts";
import { halvingRungs } from "../../racing/halving.ts";
import type { Task } from "../../teleprompter.ts";
import { stageCalls } from "../mipro/mipro-plan.ts";
import { checkedOptions } from "./beacon-options.ts";
import type { BeaconOptions, BeaconSettings } from "./beacon-options.ts";

/** All numbers of a run: the options' own, and those that follow from the task. */
export interface BeaconPlan extends BeaconSettings {
  readonly texts: readonly TextTarget[];
  readonly demos: readonly DemosTarget[];
  readonly candidates: number;
  readonly startup: number;
  /** How many examples a candidate has run at each rung; the last are all. */
  readonly rungs: readonly number[];
  /** Training examples that are run before the search, at most. */
  readonly teaching: number;
  /** Training examples that the best runs after a round. */
  readonly reviewed: number;
  readonly maxTokens: number | undefined;
}

const usualCandidates = 30;
const usualValidation = 100;
const usualTeaching = 32;

/** How many candidates of a rung one goes on of. */
const eta = 3;

/** How many candidates are measured on all examples at the end, at most. */
export const finalists = 2;

/** The plan of a task. Demonstrations that a condition or constraint asks about are searched as the space has them. */
export function planOf(options: BeaconOptions, task: Task): BeaconPlan {
  const told = checkedOptions(options);
  const texts = textTargets(task);
  const isAsked = askedNames(task);
  const demos = demosTargets(task).filter(({ name }) => !isAsked(name));
  const varied = task.space.variables.filter(({ kind }) => kind !== "composite").length;
  const candidates = told.candidates ?? Math.max(usualCandidates, 6 * varied);
  const validation = Math.min(told.validation ?? usualValidation, task.validation.length);
  const runs = demos.length > 0 ? (told.teaching ?? usualTeaching) : texts.length > 0 ? told.batch : 0;
  return {
    ...told,
    texts,
    demos,
    candidates,
    startup: told.startup ?? Math.min(4, Math.max(3, Math.ceil(candidates / 4))),
    rungs: halvingRungs(validation),
    teaching: Math.min(runs, task.train.length),
    reviewed: texts.length + demos.length === 0 ? 0 : Math.min(told.batch, task.train.length),
    maxTokens: told.maxTokens,
  };
}

function askedNames({ space: { when = {}, constraints = [] } }: Task): (name: string) => boolean {
  const asked = new Set(Object.values(when).flatMap((conditions) => Object.keys(conditions)));
  const claims = JSON.stringify(constraints);
  return (name) => asked.has(name) || claims.includes(JSON.stringify(name));
}

/** What a run costs at most, without the final comparison on held-out examples (twice as many runs as there are). */
export interface BeaconCost {
  /** Work items that evaluate: what a budget's `evaluations` counts. */
  readonly evaluations: number;
  /** Examples that the program runs. */
  readonly programRuns: number;
  /** Calls that propose texts or describe the data. */
  readonly proposals: number;
  /** Calls in all where each stage of the program makes one and every reply can be used. */
  readonly calls: number;
}

/**
 * What `beacon(options)` costs on a task at most: nothing is spent beyond it. Stages that call more than once by themselves,
 * such as agents with tools, cost more calls for each run. Throws what `beacon(options).start(task)` throws.
 */
export function beaconCost(options: BeaconOptions, task: Task): BeaconCost {
  const plan = planOf(options, task);
  const { rungs, candidates, texts, reviewed, teaching, batch } = plan;
  const rounds = roundsOf(plan);
  const all = rungs.at(-1) ?? 0;
  const climbs = rungs.slice(1).map((count, at) => {
    const size = climbersOf(plan.round, at + 1);
    return { items: size * rounds, runs: size * rounds * (count - (rungs[at] as number)) };
  });
  const last = rungs.length > 1 ? finalists : 0;
  const climbed = climbs.reduce((sum, { items, runs }) => ({ items: sum.items + items, runs: sum.runs + runs }), {
    items: last,
    runs: last * (all - (rungs[0] as number)),
  });
  const reviews = reviewed > 0 ? rounds - 1 : 0;
  const programRuns = all + teaching + candidates * (rungs[0] ?? 0) + climbed.runs + reviews * reviewed;
  const [first, further] = [0, 1].map((round) => plannedCalls(plan, round)) as [number, number];
  const proposals = texts.length === 0 ? 0 : 1 + texts.length * (first + (rounds - 1) * further);
  return {
    evaluations: 1 + Math.ceil(teaching / batch) + candidates + climbed.items + reviews,
    programRuns,
    proposals,
    calls: programRuns * stageCalls(task.program).stages + proposals,
  };
}

/** How many calls propose for each text before a round. */
function plannedCalls(plan: BeaconSettings, round: number): number {
  return instructionsOf(plan, round) + lessonsOf(plan, round);
}

/** How many whole texts are proposed for each text before a round. */
export function instructionsOf({ instructions, refreshed }: BeaconSettings, round: number): number {
  return round === 0 ? instructions : refreshed;
}

/** How often rules are asked for, for each text, before a round. */
export function lessonsOf({ lessons, refreshed }: BeaconSettings, round: number): number {
  return round > 0 && refreshed === 0 ? 0 : lessons;
}

/** How many rounds there are at most. Where the options run out a round is shorter, and the search ends with fewer candidates. */
export function roundsOf({ candidates, round }: Pick<BeaconPlan, "candidates" | "round">): number {
  return Math.ceil(candidates / round);
}

/** How many candidates climb to a rung after a round. */
export function climbersOf(round: number, rung: number): number {
  return Math.max(1, Math.ceil(round / eta ** rung));
}

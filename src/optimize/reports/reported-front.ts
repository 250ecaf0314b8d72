import { hypervolume } from "../search/pareto/hypervolume.ts";
import { gainsOf } from "../search/pareto/objectives.ts";
import { frontsOf } from "../search/pareto/pareto-ranks.ts";
import type { Objectives, ObjectiveValues } from "../search/sampler.ts";
import { costNames } from "../search/trial-objectives.ts";
import type { ReportedCandidate } from "./reported-candidate.ts";
import type { TrialTally } from "./trial-tally.ts";

/** The compromises between several objectives that a run has found. */
export interface ReportedFront {
  /**
   * Those of the search where it has some; else the score, and of what an example cost (calls, tokens, dollars) and of the
   * metric's further goals those in which the candidates differ.
   */
  readonly objectives: Objectives;
  /** Of how many candidates: those that were measured on the same validation examples, as many as any. */
  readonly measured: number;
  /** The candidates that no other one dominates, the highest score first. */
  readonly candidates: readonly FrontCandidate[];
  /** How much they achieve together: the volume that they dominate beyond the reference. Null beyond five objectives. */
  readonly hypervolume: number | null;
  /** The worst value of each objective among the candidates measured. */
  readonly reference: ObjectiveValues;
}

/** One of them, by its number among the candidates. */
export interface FrontCandidate {
  readonly candidate: number;
  readonly values: ObjectiveValues;
}

/** The volume in more dimensions takes too long. */
const mostMeasured = 5;

/** The front of a run's candidates; null where there is nothing to choose between. */
export function reportedFront(
  candidates: readonly ReportedCandidate[],
  trials: readonly TrialTally[],
  searched: Objectives | undefined,
): ReportedFront | null {
  const measured = measuredAlike(candidates, trials);
  const objectives = searched ?? differing(measured);
  const points = measured.flatMap((candidate) => pointOf(candidate, objectives) ?? []);
  if (points.length < 2 || Object.keys(objectives).length < 2) return null;
  const all = points.map(({ values }) => values);
  const reference = worstOf(all, objectives);
  const [places = []] = frontsOf(all.map((values) => gainsOf(values, objectives)));
  const front = places.map((place) => points[place] as FrontCandidate);
  const volume = (): number => hypervolume(front.map(({ values }) => values), reference, objectives); // prettier-ignore
  const scoreOf = ({ values }: FrontCandidate): number => values["score"] ?? 0;
  return {
    objectives,
    measured: points.length,
    candidates: front.toSorted((a, b) => scoreOf(b) - scoreOf(a)),
    hypervolume: Object.keys(objectives).length > mostMeasured ? null : volume(),
    reference,
  };
}

/** The candidates that have a score on the same validation examples as the one that has most. */
function measuredAlike(
  candidates: readonly ReportedCandidate[],
  trials: readonly TrialTally[],
): readonly ReportedCandidate[] {
  const places = trials.map(({ scores }) => Object.keys(scores.validation));
  const most = places.reduce((longest, own) => (own.length > longest.length ? own : longest), []);
  return candidates.filter(({ number }) => most.length > 0 && places[number]?.join() === most.join());
}

/** The score, and whatever else there is in which the candidates are not all the same. */
function differing(candidates: readonly ReportedCandidate[]): Objectives {
  const goals = [...new Set(candidates.flatMap(({ objectives = {} }) => Object.keys(objectives)))];
  const isChoice = (name: string): boolean => {
    const values = new Set(candidates.map((candidate) => valueOf(candidate, name)));
    return values.size > 1 && !values.has(undefined);
  };
  return {
    score: "maximize",
    ...Object.fromEntries(goals.filter(isChoice).map((name) => [name, "maximize"])),
    ...Object.fromEntries(costNames.filter(isChoice).map((name) => [name, "minimize"])),
  };
}

/** `undefined` where it has no number for one of them. */
function pointOf(candidate: ReportedCandidate, objectives: Objectives): FrontCandidate | undefined {
  const values = Object.keys(objectives).map((name) => [name, valueOf(candidate, name)] as const);
  if (values.some(([, value]) => value === undefined)) return undefined;
  return { candidate: candidate.number, values: Object.fromEntries(values) as ObjectiveValues };
}

function valueOf({ score, cost, objectives = {} }: ReportedCandidate, name: string): number | undefined {
  if (name === "score") return score ?? undefined;
  const paid = costNames.find((each) => each === name);
  return paid === undefined ? objectives[name] : cost?.[paid];
}

function worstOf(points: readonly ObjectiveValues[], objectives: Objectives): ObjectiveValues {
  const worst = Object.entries(objectives).map(([name, goal]) => {
    const values = points.map((point) => point[name] ?? 0);
    return [name, goal === "maximize" ? Math.min(...values) : Math.max(...values)] as const;
  });
  return Object.fromEntries(worst);
}

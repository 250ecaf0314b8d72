import { canonicalJson } from "tutti/foundation";
import type { Candidate } from "../coders/candidate.ts";

export interface ReviewOptions {
  /** How many candidates of each coder to look at, its first ones. */
  readonly k: number;
  /** How many of the probes to compare outputs on. */
  readonly probes: number;
}

export interface Review {
  /** The candidate to answer with, or null when none will do. */
  readonly choice: Candidate | null;
  /** Executions: one for each candidate on each probe that was looked at. */
  readonly cost: number;
  /** How sure the reviewer is of its choice, in [0, 1]; 0 without a choice. */
  readonly confidence: number;
}

/** Chooses among candidates. Pure. */
export type Reviewer = (candidates: readonly Candidate[], options: ReviewOptions) => Review;

export type ReviewerId = "fastReviewer" | "simplestReviewer" | "deepLogicReviewer";

/** The weight of all that the coders did not propose: a program of this size. */
const UNSEEN_SIZE = 14;
/** What a second, third … algorithm in a cluster multiplies its weight by. */
const AGREEMENT = 4;

/** The first candidate that is consistent with every visible pair, trusted blindly. */
const fastReviewer: Reviewer = (candidates, { k }) => {
  const choice = lookedAt(candidates, k).find(({ errors }) => errors === 0) ?? null;
  return { choice, cost: 0, confidence: choice === null ? 0 : 1 };
};

/** The smallest consistent candidate; the more parts it has, the less it is trusted. */
const simplestReviewer: Reviewer = (candidates, { k }) => {
  const consistent = lookedAt(candidates, k).filter(({ errors }) => errors === 0);
  const choice = consistent.toSorted((left, right) => left.size - right.size)[0] ?? null;
  return { choice, cost: 0, confidence: choice === null ? 0 : trust(weightOf(choice, 0)) };
};

/**
 * Clusters the candidates by what they do on the probes. A candidate weighs 2^(−size/2) · ½^errors, an error being a
 * visible pair it gets wrong or a probe it throws on; a cluster weighs its heaviest member, four times as much for each
 * further algorithm that reached it. Chooses the smallest of the heaviest cluster.
 */
const deepLogicReviewer: Reviewer = (candidates, { k, probes }) => {
  const looked = lookedAt(candidates, k);
  const clusters = Map.groupBy(looked, ({ probeOutputs }) => canonicalJson(probeOutputs.slice(0, probes)));
  const weighed = [...clusters.values()].map((members) => ({ members, weight: clusterWeight(members, probes) }));
  const best = weighed.reduce<(typeof weighed)[number] | undefined>(
    (left, right) => (left === undefined || right.weight > left.weight ? right : left),
    undefined,
  );
  const cost = looked.length * probes;
  if (best === undefined) return { choice: null, cost, confidence: 0 };
  const rivals = weighed.reduce((total, { weight }) => total + weight, 0) - best.weight;
  const choice =
    best.members.toSorted((left, right) => left.errors - right.errors || left.size - right.size)[0] ?? null;
  return { choice, cost, confidence: trust(best.weight, rivals) };
};

/** The three reviewers by id. */
export const reviewers: Readonly<Record<ReviewerId, Reviewer>> = { fastReviewer, simplestReviewer, deepLogicReviewer };

function lookedAt(candidates: readonly Candidate[], k: number): readonly Candidate[] {
  const seen = new Map<string, number>();
  return candidates.filter(({ coder }) => {
    const before = seen.get(coder) ?? 0;
    seen.set(coder, before + 1);
    return before < k;
  });
}

function clusterWeight(members: readonly Candidate[], probes: number): number {
  const coders = new Set(members.map(({ coder }) => coder)).size;
  return Math.max(...members.map((member) => weightOf(member, probes))) * AGREEMENT ** (coders - 1);
}

function weightOf({ size, errors, probeOutputs }: Candidate, probes: number): number {
  const thrown = probeOutputs.slice(0, probes).filter((output) => output === null).length;
  return 2 ** (-size / 2) * 0.5 ** errors * 0.25 ** thrown;
}

function trust(weight: number, rivals = 0): number {
  return weight / (weight + rivals + 2 ** (-UNSEEN_SIZE / 2));
}

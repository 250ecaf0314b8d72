import { canonicalJson } from "#foundation";
import type { Clock, Json } from "#foundation";
import { candidatesOf } from "./conflict.ts";
import type { VariableConflict, Wish } from "./conflict.ts";
import { hear } from "./hearing.ts";
import type { Absence, Reading } from "./hearing.ts";

/** What is put before an agent. */
export interface ConflictQuestion {
  readonly conflict: VariableConflict;
  /** What it chooses between, in the order of the first wish; of a resource, who is served first: names of agents. */
  readonly candidates: readonly Json[];
  /** Aborts when the answer is late. */
  readonly signal: AbortSignal;
}

/** What an agent thinks of the candidates, in their order. */
export interface Valuation {
  readonly utilities: readonly number[];
  /** What no agreement is worth to it: it accepts nothing below. The worst of the candidates by default. */
  readonly disagreement?: number;
}

/** How agents take part. Who throws, is late or gives rubbish is absent, and named in the result. */
export interface ConflictCallbacks {
  /** One of the candidates, or `null` to abstain. Without it everyone votes for what it requested. */
  readonly vote?: (agent: string, about: ConflictQuestion) => unknown;
  /** The candidates, the best first. Without it everyone likes best what it requested, and the others alike. */
  readonly rank?: (agent: string, about: ConflictQuestion) => unknown;
  /** A `Valuation`. Without it a number is worth less the farther it is from the requested one, another value nothing. */
  readonly value?: (agent: string, about: ConflictQuestion) => unknown;
  /** Whom the agent wants as the leader: the name of any agent, or `null`. More than half of all must name it. */
  readonly elect?: (agent: string, about: ConflictQuestion) => unknown;
  /** What the leader decides. Without it what the leader requested. */
  readonly decide?: (leader: string, about: ConflictQuestion) => unknown;
}

/** How numbers and other values come together; see `weightedMean`, `weightedMedian`, `nashBargain`, `bordaWinner`. */
export type NumericCompromise = "weighted_mean" | "weighted_median" | "nash_bargaining";
export type CategoricalCompromise = "borda" | "monotonic_concession";

/** What is known besides the conflicts. */
export interface CaseOptions {
  readonly callbacks: ConflictCallbacks;
  readonly priorities: Readonly<Record<string, number>>;
  readonly weights: Readonly<Record<string, number>>;
  readonly leader: string | undefined;
  readonly numeric: NumericCompromise;
  readonly categorical: CategoricalCompromise;
  readonly silent: "left_out" | "insists";
  readonly feasible: (variableId: string, value: Json) => Json | undefined;
  readonly slotMs: number;
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/** One conflict on its way to a resolution. */
export interface ConflictCase {
  readonly conflict: VariableConflict;
  readonly wishes: readonly Wish[];
  readonly options: CaseOptions;
  /** Who was asked in vain; grows. */
  readonly absences: Absence[];
}

export function weightOf({ options }: ConflictCase, agent: string): number {
  return Object.hasOwn(options.weights, agent) ? (options.weights[agent] ?? 1) : 1;
}

/** What may come out: the requested values as far as they are feasible, each once. */
export function feasibleCandidates({ conflict, wishes, options }: ConflictCase): readonly Json[] {
  const feasible = candidatesOf(wishes).map((value) => options.feasible(conflict.variableId, value));
  const values = feasible.filter((value) => value !== undefined);
  return candidatesOf(values.map((value) => ({ agent: "", value })));
}

/** Puts one question to agents of a case; who gives nothing of use is among the absences of the case. */
export async function heardIn<Answer>(
  { conflict, options, absences }: ConflictCase,
  agents: readonly string[],
  question: CaseQuestion<Answer>,
): Promise<ReadonlyMap<string, Answer>> {
  const { what, callback, candidates, read } = question;
  const { timeoutMs, clock } = options;
  const hearing = await hear(agents, {
    asked: `${what} on ${conflict.variableId}`,
    ask: (agent, signal) => callback(agent, { conflict, candidates, signal }),
    read,
    timeoutMs,
    clock,
  });
  absences.push(...hearing.absences);
  return hearing.answers;
}

export interface CaseQuestion<Answer> {
  readonly what: string;
  readonly callback: (agent: string, about: ConflictQuestion) => unknown;
  readonly candidates: readonly Json[];
  readonly read: (answer: unknown) => Reading<Answer>;
}

/** The place of a value among the candidates; -1: it is none of them. */
export function placeOf(candidates: readonly Json[], value: Json): number {
  const key = canonicalJson(value);
  return candidates.findIndex((candidate) => canonicalJson(candidate) === key);
}

import { mean, scoreOf } from "#programs";
import type { EvaluateWork, ExampleResult, Incumbent, Task, Told } from "#optimize";
import type { Configuration } from "#variables";
import { mutationStrategies } from "./mutation-strategy.ts";
import type { MutationStrategy } from "./mutation-strategy.ts";

/** A configuration of the pool and all that is known of it. */
export interface Member {
  readonly configuration: Configuration;
  /** What it was made from, and how; absent for the baseline and the random ones. */
  readonly origin?: Origin;
  /** The work that was issued for it last, and whether its answer is still out. */
  readonly work: string;
  readonly isOut: boolean;
  /** How often it was issued. */
  readonly runs: number;
  /** The validation examples that it was issued for, whether or not their results counted. */
  readonly examples: readonly number[];
  /** The score on each example that counted, by its place. */
  readonly scores: Readonly<Record<number, number>>;
}

export interface Origin {
  /** The parent's place in the pool. */
  readonly parent: number;
  readonly strategy: MutationStrategy;
}

export interface SimbaState {
  readonly task: Task;
  /** In the order of their issue, the baseline first. */
  readonly pool: readonly Member[];
}

/** The id says what the state needs to know of an item, so that the log of the items is enough to go on. */
export function workId(member: number, run: number, origin?: Origin): string {
  const from = origin === undefined ? "" : `-from-${origin.parent}-by-${origin.strategy}`;
  return `member-${member}-run-${run}${from}`;
}

const idPattern = /^member-(\d+)-run-\d+(?:-from-(\d+)-by-(\w+))?$/;

export function tell(state: SimbaState, told: Told): SimbaState {
  if (told.type === "completed") return state;
  if (told.type === "evaluated") return withAnswer(state, told.work, told.results);
  return told.work.reduce((before, work) => (work.kind === "evaluate" ? withIssued(before, work) : before), state);
}

function withIssued(state: SimbaState, { id, configuration, examples }: EvaluateWork): SimbaState {
  const [, place, parent, by] = idPattern.exec(id) ?? [];
  const strategy = mutationStrategies.find((each) => each === by);
  const origin = parent === undefined || strategy === undefined ? undefined : { parent: Number(parent), strategy };
  const known = state.pool[Number(place)];
  const fresh = { configuration, runs: 0, examples: [], scores: {}, ...(origin && { origin }) };
  const before = known ?? fresh;
  return withMember(state, Number(place), {
    ...before,
    work: id,
    isOut: true,
    runs: before.runs + 1,
    examples: [...before.examples, ...examples],
  });
}

function withAnswer(state: SimbaState, { id }: EvaluateWork, results: readonly ExampleResult[]): SimbaState {
  const place = Number(idPattern.exec(id)?.[1]);
  const member = state.pool[place];
  if (member === undefined) return state;
  const scores: Record<number, number> = { ...member.scores };
  for (const result of results) {
    const score = scoreOf(result);
    if (score !== undefined) scores[result.index] = score;
  }
  return withMember(state, place, { ...member, isOut: false, scores });
}

function withMember(state: SimbaState, place: number, member: Member): SimbaState {
  const pool = [...state.pool];
  pool[place] = member;
  return { ...state, pool };
}

/** The mean of all known scores; `undefined` when none counted. */
export function meanOf({ scores }: Member): number | undefined {
  const counted = Object.values(scores);
  return counted.length === 0 ? undefined : mean(counted);
}

/** The mean difference on the examples on which both have a score; `undefined` when there are none. */
export function gainOver(parent: Member, child: Member): number | undefined {
  const differences = Object.entries(child.scores).flatMap(([index, score]) => {
    const before = parent.scores[Number(index)];
    return before === undefined ? [] : [score - before];
  });
  return differences.length === 0 ? undefined : mean(differences);
}

/** Whether all that can be known of a member is known. */
export function isFull({ task }: SimbaState, { examples, isOut }: Member): boolean {
  return !isOut && examples.length >= task.validation.length;
}

/** The best of those that ran on all validation examples; of equal ones the first. */
export function incumbentOf(state: SimbaState): (Required<Incumbent> & { readonly member: Member }) | undefined {
  let found: (Required<Incumbent> & { readonly member: Member }) | undefined;
  for (const member of state.pool) {
    const score = isFull(state, member) ? meanOf(member) : undefined;
    if (score === undefined || (found !== undefined && score <= found.score)) continue;
    found = { configuration: member.configuration, score, work: member.work, member };
  }
  return found;
}

import { present } from "#foundation";
import type { JsonObject } from "#foundation";
import { mean, scoreOf } from "#programs";
import type { Configuration } from "#variables";
import type { Scores } from "../../racing/paired-scores.ts";
import type { EvaluateWork, ExampleResult } from "../../teleprompter.ts";

/** An answered work item. */
export interface Evaluated {
  readonly work: EvaluateWork;
  readonly results: readonly ExampleResult[];
}

/** The splits that a search may run examples of. */
export type LearningSplit = "train" | "validation";

/** A configuration of a pool with all that was measured of it. Plain data. */
export interface Member {
  readonly configuration: Configuration;
  readonly origin: Origin;
  readonly purpose: string;
  /** The work that was issued for it last. */
  readonly work: string;
  /** How many items were issued for it, and how many of them are not answered yet. */
  readonly runs: number;
  readonly out: number;
  /** The examples that it was issued for, each once, in the order of issue, whether or not their results counted. */
  readonly asked: Readonly<Record<LearningSplit, readonly number[]>>;
  /** Those of them that are answered. */
  readonly answered: Readonly<Record<LearningSplit, readonly number[]>>;
  /** The scores on each example that counted, by its place: more than one where it was measured again. */
  readonly scores: Readonly<Record<LearningSplit, Readonly<Record<number, readonly number[]>>>>;
}

/** What a member was made from, and how. */
interface Origin {
  /** Places in the pool; none for the baseline. */
  readonly parents: readonly number[];
  /** The name of a strategy. */
  readonly by: string;
  /** What else its maker wants to know of it. */
  readonly note: JsonObject;
}

/** A member that was never run. */
export interface Draft {
  readonly configuration: Configuration;
  readonly origin: Origin;
  readonly purpose: string;
}

export interface Run {
  readonly split: LearningSplit;
  readonly examples: readonly number[];
  readonly trace?: boolean;
  readonly rollout?: number;
  /** What its maker wants to read again in `more` of the work's note. */
  readonly more?: JsonObject;
}

/** The first work of a new member. Its note has all that the pool needs to know, so that the log of the items is enough. */
export function firstRun(pool: readonly Member[], { configuration, origin, purpose }: Draft, run: Run): EvaluateWork {
  const { parents, by, note } = origin;
  const { more = note, ...what } = run;
  return {
    kind: "evaluate",
    id: runId(pool.length, 1),
    purpose,
    configuration,
    ...what,
    note: { member: pool.length, parents, by, more },
  };
}

/** Further work for a member of the pool. */
export function furtherRun(pool: readonly Member[], place: number, run: Run): EvaluateWork {
  const { configuration, purpose, runs } = pool[place] as Member;
  const { more, ...what } = run;
  return {
    kind: "evaluate",
    id: runId(place, runs + 1),
    purpose: `${purpose}, further examples`,
    configuration,
    ...what,
    note: { member: place, ...present({ more }) },
  };
}

function runId(place: number, run: number): string {
  return place === 0 && run === 1 ? "baseline" : `member-${place}/${run}`;
}

/** The pool with this work out. */
export function withIssued(pool: readonly Member[], work: EvaluateWork): readonly Member[] {
  const place = memberOf(work);
  const { parents = [], by = "", more = {} } = (work.note ?? {}) as Partial<Note>;
  const fresh: Member = {
    configuration: work.configuration,
    origin: { parents, by, note: more },
    purpose: work.purpose,
    work: work.id,
    runs: 0,
    out: 0,
    asked: { train: [], validation: [] },
    answered: { train: [], validation: [] },
    scores: { train: {}, validation: {} },
  };
  const before = pool[place] ?? fresh;
  const split = work.split as LearningSplit;
  const asked = { ...before.asked, [split]: joined(before.asked[split], work.examples) };
  return placed(pool, place, { ...before, asked, work: work.id, runs: before.runs + 1, out: before.out + 1 });
}

interface Note {
  readonly parents: readonly number[];
  readonly by: string;
  readonly more: JsonObject;
}

/** The pool with what came of this work. */
export function withResults(pool: readonly Member[], { work, results }: Evaluated): readonly Member[] {
  const place = memberOf(work);
  const member = pool[place];
  if (member === undefined) return pool;
  const split = work.split as LearningSplit;
  const scores: Record<number, readonly number[]> = { ...member.scores[split] };
  for (const result of results) {
    const score = scoreOf(result);
    if (score !== undefined) scores[result.index] = [...(scores[result.index] ?? []), score];
  }
  return placed(pool, place, {
    ...member,
    out: member.out - 1,
    answered: { ...member.answered, [split]: joined(member.answered[split], work.examples) },
    scores: { ...member.scores, [split]: scores },
  });
}

function joined(some: readonly number[], more: readonly number[]): readonly number[] {
  return [...new Set([...some, ...more])];
}

function placed(pool: readonly Member[], place: number, member: Member): readonly Member[] {
  const after = [...pool];
  after[place] = member;
  return after;
}

/** The place of the member that a work item belongs to. */
export function memberOf({ note }: EvaluateWork): number {
  return Number(note?.["member"]);
}

/** The mean score on each example that counted. */
export function scoresOn({ scores }: Member, split: LearningSplit): Scores {
  const all = scores[split];
  const before = meansOf.get(all);
  if (before !== undefined) return before;
  const means = Object.fromEntries(Object.entries(all).map(([place, own]) => [place, mean(own)]));
  meansOf.set(all, means);
  return means;
}

/** Every ask looks at every member; new scores are rare. */
const meansOf = new WeakMap<object, Scores>();

/** The examples among these that a member was not issued for yet. */
export function unasked({ asked }: Member, split: LearningSplit, examples: readonly number[]): readonly number[] {
  const known = new Set(asked[split]);
  return examples.filter((example) => !known.has(example));
}

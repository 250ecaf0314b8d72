import { seededRng, shuffle } from "#foundation";
import { mean } from "#programs";
import { pairedScores } from "../../racing/paired-scores.ts";
import { race, raceLooks } from "../../racing/race.ts";
import type { EvaluateWork, Incumbent, Task } from "../../teleprompter.ts";
import { firstRun, furtherRun, scoresOn } from "./member.ts";
import type { Member } from "./member.ts";

/** The baseline on all validation examples, in the order in which every member meets them. */
export function baselineRun(task: Task, trace = false): EvaluateWork {
  const draft = {
    configuration: task.baseline,
    origin: { parents: [], by: "baseline", note: {} },
    purpose: "the baseline",
  };
  const run = { split: "validation", examples: validationOrder(task), ...(trace ? { trace } : {}) } as const;
  return firstRun([], draft, run);
}

/**
 * The next validation examples of a member: a first block, then further ones as long as it does not lose against the
 * incumbent on the same examples (`race`). `undefined` where it has met all, has lost, or is still out.
 */
export function validationRun(task: Task, pool: readonly Member[], place: number): EvaluateWork | undefined {
  const member = pool[place] as Member;
  const known = member.asked.validation.length;
  const isOut = known > member.answered.validation.length;
  if (isOut || known >= task.validation.length || hasLost(task, pool, member)) return undefined;
  const next = raceLooks(task.validation.length).find((look) => look > known);
  return furtherRun(pool, place, { split: "validation", examples: validationOrder(task).slice(known, next) });
}

/** Whether the race against the incumbent has stopped a member. */
function hasLost(task: Task, pool: readonly Member[], member: Member): boolean {
  const leader = leaderOf(task, pool);
  if (leader === undefined || leader === member) return false;
  const [own, best] = pairedScores(scoresOn(member, "validation"), scoresOn(leader, "validation"));
  return race(own, best) === "stop";
}

/** Whether all validation examples were run. */
export function isValidated({ validation }: Task, { answered }: Member): boolean {
  return answered.validation.length >= validation.length;
}

/** The member with the best mean over all validation examples; of equal ones the first. */
function leaderOf(task: Task, pool: readonly Member[]): Member | undefined {
  const before = leaders.get(pool);
  if (before !== undefined) return before.leader;
  const leader = bestOf(task, pool);
  leaders.set(pool, { leader });
  return leader;
}

/** A pool never changes, and whoever asks of one of its members asks of all. */
const leaders = new WeakMap<readonly Member[], { readonly leader: Member | undefined }>();

function bestOf(task: Task, pool: readonly Member[]): Member | undefined {
  let [leader, highest]: [Member | undefined, number] = [undefined, -Infinity];
  for (const member of pool) {
    const score = isValidated(task, member) ? (validationMean(member) ?? -Infinity) : -Infinity;
    if (score > highest) [leader, highest] = [member, score];
  }
  return leader;
}

/** Where the leader stands in the pool; `undefined` before anybody was measured on all validation examples. */
export function leaderPlace(task: Task, pool: readonly Member[]): number | undefined {
  const leader = leaderOf(task, pool);
  return leader && pool.indexOf(leader);
}

export function incumbentOf(task: Task, pool: readonly Member[]): Incumbent | undefined {
  const leader = leaderOf(task, pool);
  const score = leader && validationMean(leader);
  return leader && score !== undefined ? { configuration: leader.configuration, score, work: leader.work } : undefined;
}

function validationMean(member: Member): number | undefined {
  const scores = Object.values(scoresOn(member, "validation"));
  return scores.length === 0 ? undefined : mean(scores);
}

/** The same for every run, so that it is no part of the state; shuffled, since examples often come sorted. */
function validationOrder({ validation }: Task): readonly number[] {
  return shuffle(seededRng("validation order"), validation.keys().toArray());
}

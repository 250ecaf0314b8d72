import { mean } from "#programs";
import type { Space } from "#variables";
import type { TaskSketch } from "./task-sketch.ts";

/** Tasks that are less alike than this have nothing to tell each other. */
export const minLikeness = 0.25;

/** A task as far as another one can be like it. */
export interface LikenedTask {
  readonly sketch: TaskSketch;
  readonly space: Space;
}

/**
 * How much an earlier task is like the present one, from 0 to 1: the product of the shares of fields, of stages and of
 * variables that both have, less where words and answers of the examples differ. 0 where they share no variable. What
 * is not known of one of the two (a task of numbers has no words) counts for nothing.
 */
export function likeness(earlier: LikenedTask, present: LikenedTask): number {
  const variables = sharedVariables(earlier.space, present.space).length / present.space.variables.length;
  if (!(variables > 0)) return 0;
  const { sketch: before } = earlier;
  const { sketch: now } = present;
  const data = [cosine(before.words, now.words), overlap(before.answers, now.answers)].filter(
    (one) => one !== undefined,
  );
  const form = fieldLikeness(before, now) * (0.5 + 0.5 * shareOf(before.stages, now.stages));
  return form * (0.5 + 0.5 * variables) * (data.length === 0 ? 1 : 0.5 + 0.5 * mean(data));
}

/** The names of the variables that both spaces have, of the same kind. */
export function sharedVariables(earlier: Space, present: Space): readonly string[] {
  const kinds = new Map(earlier.variables.map(({ name, kind }) => [name, kind]));
  return present.variables.filter(({ name, kind }) => kinds.get(name) === kind).map(({ name }) => name);
}

/** Half a field where its type is of the same kind (other labels), a quarter where it only has another name. */
function fieldLikeness({ fields: before }: TaskSketch, { fields: now }: TaskSketch): number {
  let same = 0;
  const loose: string[] = [];
  for (const [name, { kind, type }] of Object.entries(now)) {
    const other = before[name];
    if (other === undefined || other.kind !== kind) loose.push(`${name.split(" ", 1)[0]} ${kind}`);
    else same += other.type === type ? 1 : 0.5;
  }
  const unmatched = Object.entries(before)
    .filter(([name, { kind }]) => now[name]?.kind !== kind)
    .map(([name, { kind }]) => `${name.split(" ", 1)[0]} ${kind}`);
  for (const each of loose) {
    const at = unmatched.indexOf(each);
    if (at < 0) continue;
    unmatched.splice(at, 1);
    same += 0.25;
  }
  return same / Math.max(1, Object.keys(before).length, Object.keys(now).length);
}

function shareOf(some: readonly string[], others: readonly string[]): number {
  const known = new Set(others);
  const all = new Set([...some, ...others]);
  return all.size === 0 ? 1 : some.filter((each) => known.has(each)).length / all.size;
}

type Shares = Readonly<Record<string, number>>;

function cosine(one: Shares, other: Shares): number | undefined {
  const norm = (shares: Shares): number => Math.sqrt(Object.values(shares).reduce((sum, share) => sum + share ** 2, 0));
  const product = norm(one) * norm(other);
  if (product === 0) return undefined;
  return Object.entries(one).reduce((sum, [word, share]) => sum + share * (other[word] ?? 0), 0) / product;
}

/** How much of two distributions lies on the same values. */
function overlap(one: Shares, other: Shares): number | undefined {
  if (Object.keys(one).length === 0 || Object.keys(other).length === 0) return undefined;
  return Object.entries(one).reduce((sum, [answer, share]) => sum + Math.min(share, other[answer] ?? 0), 0);
}

import { canonicalJson } from "#foundation";
import type { Configuration, Space } from "#variables";
import type { Member } from "../pool/member.ts";

/** Two members and the latest configuration that both come from. */
export interface Lineages {
  readonly better: Configuration;
  readonly worse: Configuration;
  readonly ancestor: Configuration;
}

/** The values on which both lineages differ, for what only one of them changed and for what both did. */
export interface MergedValues {
  /** The better one with what only the other changed; `undefined` where that is nothing. */
  readonly values: Configuration | undefined;
  /** The paths that both changed, each in its own way. */
  readonly contested: readonly string[];
}

/**
 * Two lineages in one configuration, path by path: where one still has what their ancestor had, the other's value; where
 * both changed it, the better one's (Agrawal et al. 2025, GEPA's merge, for values of every kind).
 */
export function mergedValues({ variables }: Space, { better, worse, ancestor }: Lineages): MergedValues {
  const is = (a: Configuration, b: Configuration, name: string): boolean =>
    canonicalJson(a[name] ?? null) === canonicalJson(b[name] ?? null);
  const differing = variables.map(({ name }) => name).filter((name) => !is(better, worse, name));
  const taken = differing.filter((name) => is(better, ancestor, name) && worse[name] !== undefined);
  const contested = differing.filter((name) => !is(better, ancestor, name) && !is(worse, ancestor, name));
  const keeps = differing.some((name) => !is(better, ancestor, name));
  // Where the better one changed nothing that stays, the child would be the worse one again.
  const values =
    taken.length > 0 && keeps
      ? { ...better, ...Object.fromEntries(taken.map((name) => [name, worse[name] ?? null])) }
      : undefined;
  return { values, contested };
}

/** The places a member comes from, itself included, the nearest first. */
function lineageOf(pool: readonly Member[], place: number): readonly number[] {
  const line = [place];
  for (const each of line)
    for (const parent of pool[each]?.origin.parents ?? []) if (!line.includes(parent)) line.push(parent);
  return line;
}

/** The latest common ancestor; `undefined` where one of two comes from the other. */
export function commonAncestor(pool: readonly Member[], a: number, b: number): number | undefined {
  const [ofA, ofB] = [lineageOf(pool, a), lineageOf(pool, b)];
  if (ofA.includes(b) || ofB.includes(a)) return undefined;
  const shared = ofA.filter((place) => ofB.includes(place));
  return shared.length === 0 ? undefined : Math.max(...shared);
}

import type { Member } from "../pool/member.ts";
import { rulesOf } from "./rules.ts";
import { gainOverParent } from "./simba-strategy.ts";

/** A rule without any evidence counts as if it had done nothing so often. */
const ridge = 1;

/** So many rounds bring the effects close enough to what solves them all. */
const rounds = 20;

/** A child beside its parent: which rules came, which went, and what was gained. */
interface Step {
  readonly gain: number;
  readonly changes: ReadonlyMap<string, number>;
}

/**
 * What each rule behind a text does to the score, from the gains of children that brought it in or lost it: where several
 * came together they share what was gained (least squares with a ridge, solved rule by rule; Hoerl & Kennard 1970).
 */
export function ruleEffects(pool: readonly Member[], target: string): ReadonlyMap<string, number> {
  const steps = pool.flatMap((child) => stepOf(pool, child, target));
  const effects = new Map<string, number>(
    steps.flatMap(({ changes }) => [...changes.keys()].map((rule) => [rule, 0] as const)),
  );
  const own = new Map([...effects.keys()].map((rule) => [rule, steps.filter(({ changes }) => changes.has(rule))]));
  for (let round = 0; round < rounds; round++)
    for (const [rule, among] of own) {
      const before = effects.get(rule) ?? 0;
      const left = among.reduce((sum, step) => {
        const sign = step.changes.get(rule) ?? 0;
        return sum + sign * (step.gain - predicted(step, effects) + sign * before);
      }, 0);
      effects.set(rule, left / (among.length + ridge));
    }
  return effects;
}

function stepOf(pool: readonly Member[], child: Member, target: string): Step[] {
  const parent = pool[child.origin.parents[0] ?? -1];
  const gain = gainOverParent(pool, child);
  if (parent === undefined || gain === undefined) return [];
  const [before, after] = [parent, child].map((each) => new Set((rulesOf(each)[target] ?? []).map(({ text }) => text)));
  if (before === undefined || after === undefined) return [];
  const changes = new Map([
    ...[...after].filter((rule) => !before.has(rule)).map((rule) => [rule, 1] as const),
    ...[...before].filter((rule) => !after.has(rule)).map((rule) => [rule, -1] as const),
  ]);
  return changes.size === 0 ? [] : [{ gain, changes }];
}

function predicted({ changes }: Step, effects: ReadonlyMap<string, number>): number {
  return [...changes].reduce((sum, [rule, sign]) => sum + sign * (effects.get(rule) ?? 0), 0);
}

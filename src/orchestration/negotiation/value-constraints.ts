import { canonicalJson, describe, jsonDefect, UsageError } from "#foundation";
import type { Json } from "#foundation";
import { space, validateConfiguration } from "#variables";
import type { Variable } from "#variables";

/** What a value must be. All that is said holds together. */
export interface ValueConstraints {
  readonly min?: number;
  readonly max?: number;
  /** Numbers are `min` (0 where there is none) and whole steps from it. */
  readonly step?: number;
  readonly oneOf?: readonly Json[];
  /** Anything else. It must always say the same of a value. */
  readonly predicate?: (value: Json) => boolean;
}

/** Several constraints that hold together. */
export type Feasible = readonly ValueConstraints[];

/** How many grid points, on either side of a number, are tried for one that a predicate accepts. */
const maxTries = 10_000;

/** Throws `UsageError` for constraints that are none. Constraints that nothing fits are no mistake. */
export function checkConstraints(constraints: ValueConstraints): ValueConstraints {
  const { min, max, step, oneOf } = constraints;
  for (const [key, bound] of Object.entries({ min, max, step })) {
    if (bound !== undefined && !Number.isFinite(bound))
      throw new UsageError(`constraints.${key}: expected a finite number, got ${describe(bound)}`);
  }
  if (step !== undefined && step <= 0) throw new UsageError(`constraints.step: expected more than 0, got ${step}`);
  const defect = oneOf === undefined ? undefined : jsonDefect(oneOf, "constraints.oneOf");
  if (defect !== undefined) throw new UsageError(`constraints.oneOf: expected JSON values, but ${defect}`);
  return constraints;
}

/** The constraints that a variable's own definition is. */
export function constraintsOf(variable: Variable): Feasible {
  if (variable.kind === "float") {
    const { min, max, step, precision } = variable;
    if (precision !== undefined) return [{ min, max }, { step: tidy(10 ** -precision) }];
    return [step === undefined ? { min, max } : { min, max, step }];
  }
  if (variable.kind === "integer") return [{ min: variable.min, max: variable.max, step: variable.step ?? 1 }];
  if (variable.kind === "choice") return [{ oneOf: variable.options }];
  const alone = space([variable]);
  return [{ predicate: (value) => validateConfiguration(alone, { [variable.name]: value }).ok }];
}

/** Between which numbers everything is that is allowed. */
export function boundsOf(feasible: Feasible): { readonly low: number; readonly high: number } {
  return {
    low: Math.max(-Infinity, ...feasible.flatMap(({ min }) => min ?? [])),
    high: Math.min(Infinity, ...feasible.flatMap(({ max }) => max ?? [])),
  };
}

/** Whether nothing at all can be allowed. */
export function isContradictory(feasible: Feasible): boolean {
  const { low, high } = boundsOf(feasible);
  return low > high || feasible.some(({ oneOf }) => oneOf?.length === 0);
}

export function isFeasible(value: Json, feasible: Feasible): boolean {
  return feasible.every(({ min, max, step, oneOf, predicate }) => {
    if (min !== undefined && !(typeof value === "number" && value >= min)) return false;
    if (max !== undefined && !(typeof value === "number" && value <= max)) return false;
    if (step !== undefined && !(typeof value === "number" && isOnGrid(value, min ?? 0, step))) return false;
    if (oneOf !== undefined && !oneOf.some((option) => canonicalJson(option) === canonicalJson(value))) return false;
    return predicate === undefined || predicate(value);
  });
}

/**
 * The allowed number nearest to a number, the lower of two; `undefined` where there is none. Where only a predicate
 * stands against a number of a continuum, the nearest of the `proposals` and of 1,001 evenly spread numbers of the
 * range that it accepts; on a grid the nearest of 10,000 points on either side.
 */
export function nearestFeasible(
  value: number,
  feasible: Feasible,
  proposals: readonly number[] = [],
): number | undefined {
  const { low, high } = boundsOf(feasible);
  if (low > high) return undefined;
  const clamped = Math.min(Math.max(value, low), high);
  if (isFeasible(clamped, feasible)) return clamped;
  const options = feasible.find(({ oneOf }) => oneOf !== undefined)?.oneOf;
  if (options !== undefined) {
    return nearest(
      value,
      options.filter((option) => typeof option === "number"),
      feasible,
    );
  }
  const coarsest = feasible.reduce<ValueConstraints>((a, b) => ((b.step ?? 0) > (a.step ?? 0) ? b : a), {});
  if (coarsest.step !== undefined) {
    return nearestOnGrid(clamped, coarsest, feasible);
  }
  const spread = Number.isFinite(high - low)
    ? Array.from({ length: 1_001 }, (_, index) => tidy(low + ((high - low) * index) / 1_000))
    : [];
  return nearest(value, [...proposals, ...spread, tidy(clamped)], feasible);
}

function nearest(value: number, candidates: readonly number[], feasible: Feasible): number | undefined {
  const ranked = [...candidates].sort((a, b) => Math.abs(a - value) - Math.abs(b - value) || a - b);
  return ranked.find((candidate) => isFeasible(candidate, feasible));
}

/** Outward from the point next to the value, on both sides of it. */
function nearestOnGrid(
  value: number,
  { min: origin = 0, step = 1 }: ValueConstraints,
  feasible: Feasible,
): number | undefined {
  const below = Math.floor((value - origin) / step);
  for (let steps = 0; steps < maxTries; steps++) {
    const pair = [below - steps, below + 1 + steps].map((count) => tidy(origin + count * step));
    // The upper one of a pair may be nearer than the lower one of this pair, never than the last pair's.
    const found = nearest(value, pair, feasible);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isOnGrid(value: number, origin: number, step: number): boolean {
  const count = (value - origin) / step;
  return Math.abs(count - Math.round(count)) < 1e-6;
}

/** Without the dust of floating-point sums: three steps of 0.1 are 0.3. */
function tidy(value: number): number {
  return Number(value.toPrecision(15));
}

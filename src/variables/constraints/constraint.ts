import { describe, isPlainObject, jsonDefect, UsageError } from "#foundation";
import type { Json } from "#foundation";
import type { Configuration } from "../configuration.ts";
import type { Variable } from "../variable.ts";
import { checkClaim, claimPaths, claimText, verdictOn } from "./claim.ts";
import type { Claim } from "./claim.ts";

/** What every configuration of a space has to hold, across variables: `{ name: "budget", expect: { atMost: […] } }`. */
export interface Constraint {
  /** What errors call it. Different for each constraint of a space. */
  readonly name: string;
  readonly expect: Claim;
}

/** Whether these values break a constraint. */
export function isBroken({ expect }: Constraint, values: ReadonlyMap<string, Json>): boolean {
  return verdictOn(expect, values) === false;
}

/** The paths that a constraint asks about, each once. */
export function constraintPaths({ expect }: Constraint): readonly string[] {
  return [...new Set(claimPaths(expect))];
}

/** A constraint in words: `budget: the sum of a and b is at most 10`. */
export function constraintText({ name, expect }: Constraint): string {
  return `${name}: ${claimText(expect)}`;
}

/** Throws `UsageError` unless these are constraints on these variables, each with a name of its own. */
export function checkConstraints(constraints: unknown, variables: ReadonlyMap<string, Variable>): void {
  if (!Array.isArray(constraints))
    throw new UsageError(`space.constraints: expected a list of { name, expect }, got ${describe(constraints)}`);
  const names = new Set<string>();
  for (const [index, constraint] of constraints.entries()) {
    const where = `space.constraints[${index}]`;
    const name: unknown = isPlainObject(constraint) ? constraint["name"] : undefined;
    if (!isPlainObject(constraint) || typeof name !== "string" || name === "" || names.has(name))
      throw new UsageError(`${where}: expected { name, expect } with a name of its own, got ${describe(constraint)}`);
    names.add(name);
    const defect = jsonDefect(constraint["expect"]);
    if (defect !== undefined) throw new UsageError(`${where}.expect: expected a claim in JSON, but ${defect}`);
    checkClaim(`${where} (${name})`, constraint["expect"], variables);
  }
}

/** How often chance may try to hold the constraints of a space. */
export const maxTries = 1000;

/** The constraints that a configuration, otherwise valid, breaks. */
export function brokenConstraints(
  { constraints = [] }: { readonly constraints?: readonly Constraint[] },
  configuration: Configuration,
): readonly Constraint[] {
  if (constraints.length === 0) return constraints;
  const values = new Map(Object.entries(configuration));
  return constraints.filter((constraint) => isBroken(constraint, values));
}

/** What failed how often in a row of tries. */
export interface Tries {
  /** Notes which constraints a try broke. Throws `UsageError` that names the one that failed most after 1,000 tries. */
  readonly note: (broken: readonly Constraint[]) => void;
  readonly count: () => number;
}

export function countTries(): Tries {
  const failures = new Map<Constraint, number>();
  let tries = 0;
  return {
    count: () => tries,
    note(broken) {
      tries++;
      for (const constraint of broken) failures.set(constraint, (failures.get(constraint) ?? 0) + 1);
      if (tries < maxTries) return;
      const [[worst, times] = []] = [...failures].sort(([, one], [, other]) => other - one);
      const text = worst === undefined ? "" : `: in ${times} of them it broke the constraint ${constraintText(worst)}`;
      throw new UsageError(`space: no configuration found that holds its constraints in ${tries} tries${text}`);
    },
  };
}

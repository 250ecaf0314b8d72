import { describe, isPlainObject, jsonDefect, UsageError } from "#foundation";
import type { Json } from "#foundation";
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

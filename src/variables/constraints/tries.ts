import { UsageError } from "#foundation";
import type { Configuration } from "../configuration.ts";
import type { Space } from "../space.ts";
import { constraintText, isBroken } from "./constraint.ts";
import type { Constraint } from "./constraint.ts";

/** How often chance may try to hold the constraints of a space. */
export const maxTries = 1000;

/** The constraints that a configuration, otherwise valid, breaks. */
export function brokenConstraints({ constraints = [] }: Space, configuration: Configuration): readonly Constraint[] {
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

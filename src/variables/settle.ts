import { seededRng } from "#foundation";
import type { Json, Rng } from "#foundation";
import type { Configuration } from "./configuration.ts";
import { brokenConstraints, constraintPaths, countTries, maxTries } from "./constraints/constraint.ts";
import type { Space } from "./space.ts";
import { kindOf } from "./variable.ts";
import type { Variable } from "./variable.ts";
import { walkSpace } from "./walk.ts";

/** The default value of every variable that the others' defaults activate. Constraints are held as settling does it. */
export function defaultConfiguration(space: Space): Configuration {
  return settleConfiguration(space, {});
}

/**
 * A random configuration of the variables that its own values activate. Each variable draws from its own fork: a new
 * variable leaves the others' samples alone. What breaks a constraint is drawn again: `UsageError` with the constraint
 * that failed most after 1,000 tries.
 */
export function sampleConfiguration(space: Space, rng: Rng): Configuration {
  return settleConfiguration(space, {}, rng);
}

/**
 * The nearest valid configuration: unknown and inactive paths go, values that fit stay, active variables without a
 * fitting value get their default, or a random value where an `rng` is given. A valid configuration stays as it is.
 *
 * Where that breaks a constraint, the variables that it asks about are drawn anew, by the `rng` or by a fixed one, until
 * all constraints hold; after 100 tries all variables are. After 1,000 `UsageError` names the constraint that failed
 * most.
 */
export function settleConfiguration(space: Space, configuration: Configuration, rng?: Rng): Configuration {
  const tries = countTries();
  const loose = new Set<string>();
  const isLoose = (name: string): boolean => loose.has(name) || tries.count() >= maxTries / 10;
  const chance = rng ?? seededRng("settle");
  for (;;) {
    const isFirst = tries.count() === 0;
    const again = isFirst ? chance : chance.fork(`try ${tries.count()}`);
    const settled = walkSpace(space, (variable) => {
      const { name } = variable;
      const kept = isLoose(name) ? undefined : fittingValue(variable, configuration);
      if (kept !== undefined) return kept;
      const isDefault = rng === undefined && !isLoose(name);
      return isDefault ? kindOf(variable).default(variable) : kindOf(variable).sample(variable, again.fork(name));
    });
    const broken = brokenConstraints(space, settled);
    if (broken.length === 0) return settled;
    tries.note(broken);
    for (const path of broken.flatMap(constraintPaths)) loosen(space, path, loose);
  }
}

/** A settled configuration that may break constraints: missing values are sampled. */
export function settleLoosely(space: Space, configuration: Configuration, rng: Rng): Configuration {
  return walkSpace(
    space,
    (variable) => fittingValue(variable, configuration) ?? kindOf(variable).sample(variable, rng.fork(variable.name)),
  );
}

function fittingValue(variable: Variable, configuration: Configuration): Json | undefined {
  const { name } = variable;
  const value = Object.hasOwn(configuration, name) ? configuration[name] : undefined;
  if (value === undefined) return undefined;
  const kind = kindOf(variable);
  return kind.expected(variable, value) === undefined ? value : kind.nearest?.(variable, value);
}

/** Lets a variable go, and those that it is computed from. */
function loosen(space: Space, path: string, loose: Set<string>): void {
  if (loose.has(path)) return;
  loose.add(path);
  const variable = space.variables.find(({ name }) => name === path);
  const inputs = variable === undefined ? [] : (kindOf(variable).computed?.inputs(variable) ?? []);
  for (const input of inputs) loosen(space, input, loose);
}

import { describe, shuffle, UsageError } from "#foundation";
import type { Json, Rng } from "#foundation";
import type { Configuration } from "./configuration.ts";
import { brokenConstraints, maxTries } from "./constraints/constraint.ts";
import { isSameValue } from "./distinct-values.ts";
import { settleConfiguration, settleLoosely } from "./settle.ts";
import type { Space } from "./space.ts";
import { kindOf } from "./variable.ts";
import type { Variable } from "./variable.ts";

export interface MutateOptions {
  /** Only variables of these groups move; all unless told. */
  readonly groups?: readonly string[];
  /** How many variables move, as far as there are so many that can; 1 unless told. */
  readonly variables?: number;
}

/**
 * A neighbour of a configuration: some active variables, chosen at random, move to a value nearby; what they activate
 * is sampled, what they deactivate goes. It differs unless nothing can move, or nothing that holds the constraints was
 * found in 1,000 tries. The configuration is settled first.
 */
export function mutateConfiguration(
  space: Space,
  configuration: Configuration,
  rng: Rng,
  { groups, variables = 1 }: MutateOptions = {},
): Configuration {
  if (!Number.isInteger(variables) || variables < 1)
    throw new UsageError(`mutateConfiguration.variables: expected a whole number above 0, got ${describe(variables)}`);
  const settled = settleConfiguration(space, configuration, rng.fork("settle"));
  // Settled: whoever is active has a value, and nobody else.
  const movable = space.variables.filter(
    ({ name, group }) =>
      Object.hasOwn(settled, name) && (groups === undefined || (group !== undefined && groups.includes(group))),
  );
  for (let tries = 0; tries < maxTries; tries++) {
    const again = tries === 0 ? rng : rng.fork(`try ${tries}`);
    const moved = movedValues(shuffle(again.fork("choose"), movable), settled, { count: variables, rng: again });
    if (Object.keys(moved).length === 0) break;
    const mutated = settleLoosely(space, { ...settled, ...moved }, again.fork("new"));
    if (brokenConstraints(space, mutated).length === 0) return mutated;
  }
  return settled;
}

/** New values for the first few variables that can move. */
function movedValues(
  variables: readonly Variable[],
  settled: Configuration,
  { count, rng }: { readonly count: number; readonly rng: Rng },
): Configuration {
  const moved = new Map<string, Json>();
  for (const variable of variables) {
    if (moved.size === count) break;
    const { name } = variable;
    const value = settled[name] as Json;
    const other = kindOf(variable).mutate(variable, value, rng.fork("move").fork(name));
    if (!isSameValue(value, other)) moved.set(name, other);
  }
  return Object.fromEntries(moved);
}

/**
 * A child of two configurations: each variable's value from either with equal chance, from the other where one has
 * none; then settled, and what neither had is sampled. Where no such child holds the constraints in 1,000 tries, it is
 * the first parent, settled.
 */
export function crossConfigurations(space: Space, a: Configuration, b: Configuration, rng: Rng): Configuration {
  for (let tries = 0; tries < maxTries; tries++) {
    const again = tries === 0 ? rng : rng.fork(`try ${tries}`);
    const inherited = space.variables.flatMap(({ name }) => {
      const parents = again.fork("parent").fork(name).next() < 0.5 ? [a, b] : [b, a];
      const parent = parents.find((each) => Object.hasOwn(each, name));
      return parent === undefined ? [] : [[name, parent[name] as Json] as const];
    });
    const child = settleLoosely(space, Object.fromEntries(inherited), again.fork("new"));
    if (brokenConstraints(space, child).length === 0) return child;
  }
  return settleConfiguration(space, a, rng.fork("new"));
}

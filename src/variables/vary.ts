import { describe, shuffle, UsageError } from "#foundation";
import type { Json, Rng } from "#foundation";
import type { Configuration } from "./configuration.ts";
import { isSameValue } from "./distinct-values.ts";
import { settleConfiguration } from "./settle.ts";
import type { Space } from "./space.ts";
import { kindOf } from "./variable.ts";

export interface MutateOptions {
  /** Only variables of these groups move; all unless told. */
  readonly groups?: readonly string[];
  /** How many variables move, as far as there are so many that can; 1 unless told. */
  readonly variables?: number;
}

/**
 * A neighbour of a configuration: some active variables, chosen at random, move to a value nearby; what they activate
 * is sampled, what they deactivate goes. It differs unless nothing can move. The configuration is settled first.
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
  const moved = new Map<string, Json>();
  for (const variable of shuffle(rng.fork("choose"), movable)) {
    if (moved.size === variables) break;
    const { name } = variable;
    const value = settled[name] as Json;
    const other = kindOf(variable).mutate(variable, value, rng.fork("move").fork(name));
    if (!isSameValue(value, other)) moved.set(name, other);
  }
  return settleConfiguration(space, { ...settled, ...Object.fromEntries(moved) }, rng.fork("new"));
}

/**
 * A child of two configurations: each variable's value from either with equal chance, from the other where one has
 * none; then settled, and what neither had is sampled.
 */
export function crossConfigurations(space: Space, a: Configuration, b: Configuration, rng: Rng): Configuration {
  const inherited = space.variables.flatMap(({ name }) => {
    const parents = rng.fork("parent").fork(name).next() < 0.5 ? [a, b] : [b, a];
    const parent = parents.find((each) => Object.hasOwn(each, name));
    return parent === undefined ? [] : [[name, parent[name] as Json] as const];
  });
  return settleConfiguration(space, Object.fromEntries(inherited), rng.fork("new"));
}

import { describe, UsageError } from "#foundation";
import type { Json } from "#foundation";
import type { Configuration } from "../configuration.ts";
import { settleConfiguration } from "../settle.ts";
import type { Space } from "../space.ts";
import { validateConfiguration } from "../validate.ts";
import { kindOf } from "../variable.ts";
import type { Variable } from "../variable.ts";
import { walkSpace } from "../walk.ts";
import { layoutOf } from "./layout.ts";
import type { LayoutPart } from "./layout.ts";

/**
 * A valid configuration as a vector of `layoutOf(space).length` numbers. A number is its share of the range on its scale;
 * a choice, module or text is one number per option (1 for the one it is); a subset one per item (1 for those in it); a
 * permutation or demos one per item (0 for those that are out, else the place from 1 as a share of all items). Inactive
 * variables are NaN. Behind stand the exact values of the numbers, which shares round.
 *
 * Throws `UsageError` for a configuration that is not valid, and for texts and demos that its variable does not know:
 * other than its candidates, its pool and its default.
 */
export function encodeConfiguration(space: Space, configuration: Configuration): number[] {
  const validation = validateConfiguration(space, configuration);
  const issue = validation.ok ? undefined : validation.issues[0];
  if (issue !== undefined)
    throw new UsageError(`encodeConfiguration: ${issue.path}: ${issue.expected}, got ${issue.received}`);
  const { parts, length } = layoutOf(space);
  const vector = Array.from({ length }, () => Number.NaN);
  const byName = new Map(space.variables.map((variable) => [variable.name, variable]));
  for (const { name, offset, exactAt } of parts) {
    if (!Object.hasOwn(configuration, name)) continue;
    const value = configuration[name] as Json;
    for (const [index, number] of encoded(byName.get(name) as Variable, value).entries())
      vector[offset + index] = number;
    if (exactAt !== undefined) vector[exactAt] = value as number;
  }
  return vector;
}

/**
 * The configuration that a vector stands for: exactly the one that was encoded, and the nearest valid one for any other
 * numbers. The exact values behind `layoutOf(space).width` may be left out, and count only while they say what the
 * shares say; an active variable that has NaN gets its default. What breaks a constraint is settled as
 * `settleConfiguration` does it. Throws `UsageError` for a vector of another length.
 */
export function decodeConfiguration(space: Space, vector: readonly number[]): Configuration {
  const { parts, width, length } = layoutOf(space);
  if (vector.length !== width && vector.length !== length)
    throw new UsageError(`decodeConfiguration: expected ${width} or ${length} numbers, got ${vector.length}`);
  const byName = new Map(parts.map((part) => [part.name, part]));
  const decoded = walkSpace(space, (variable) => valueIn(variable, byName.get(variable.name) as LayoutPart, vector));
  return settleConfiguration(space, decoded);
}

function encoded(variable: Variable, value: Json): readonly number[] {
  const numbers = kindOf(variable).encode(variable, value);
  if (numbers === undefined)
    throw new UsageError(
      `encodeConfiguration: ${variable.name}: expected ${variable.kind} that the variable knows, got ${describe(value)}`,
    );
  return numbers;
}

function valueIn(variable: Variable, { offset, width, exactAt }: LayoutPart, vector: readonly number[]): Json {
  const kind = kindOf(variable);
  const numbers = vector.slice(offset, offset + width);
  if (!numbers.every((number) => Number.isFinite(number))) return kind.default(variable);
  const exact = exactAt === undefined ? undefined : vector[exactAt];
  const isMeant =
    exact !== undefined &&
    kind.expected(variable, exact) === undefined &&
    kind.encode(variable, exact)?.[0] === numbers[0];
  return isMeant ? exact : kind.decode(variable, numbers);
}

import type { Json } from "#foundation";
import { meets } from "../condition.ts";
import type { Condition } from "../condition.ts";
import { indexOfValue } from "../distinct-values.ts";
import { kindOf } from "../variable.ts";
import type { Variable } from "../variable.ts";

/** The values of a variable in classes that meet the same conditions: one of each class, and how many they are. */
export function valueClasses(variable: Variable, conditions: readonly Condition[]): Iterable<readonly [Json, number]> {
  const mentioned = conditions.map(mentionedBy);
  const lists = mentioned.filter((values) => values !== undefined);
  return lists.length === mentioned.length
    ? mentionedClasses(variable, lists.flat())
    : metClasses(variable, conditions);
}

/** Every mentioned value for itself, and the others together: without a walk over all, which may be many. */
function* mentionedClasses(variable: Variable, mentioned: readonly Json[]): Generator<readonly [Json, number]> {
  const kind = kindOf(variable);
  const apart: Json[] = [];
  // A condition may name a value that fits but is never drawn: a text that is no candidate.
  const known = mentioned.filter((value, index) => indexOfValue(mentioned, value) === index);
  let other: Json | undefined;
  for (const value of kind.values(variable)) {
    if (indexOfValue(known, value) >= 0) apart.push(value);
    else if (other === undefined) other = value;
    if (other !== undefined && apart.length === known.length) break;
  }
  yield* apart.map((value) => [value, 1] as const);
  if (other !== undefined) yield [other, kind.size(variable) - apart.length];
}

function metClasses(variable: Variable, conditions: readonly Condition[]): Iterable<readonly [Json, number]> {
  const classes = new Map<string, readonly [Json, number]>();
  for (const value of kindOf(variable).values(variable)) {
    const met = conditions.map((condition) => (meets(condition, value) ? "1" : "0")).join("");
    const [first, count] = classes.get(met) ?? [value, 0];
    classes.set(met, [first, count + 1]);
  }
  return classes.values();
}

/** The values that a condition tells from all others; `undefined` where it looks into them. */
function mentionedBy(condition: Condition): readonly Json[] | undefined {
  if (typeof condition !== "object" || condition === null) return [condition];
  if ("is" in condition) return [condition.is];
  if ("oneOf" in condition) return condition.oneOf;
  if ("includes" in condition) return undefined;
  const all = condition.all.map(mentionedBy);
  const lists = all.filter((values) => values !== undefined);
  return lists.length === all.length ? lists.flat() : undefined;
}

import { canonicalJson } from "#foundation";
import type { Json } from "#foundation";
import type { Configuration, Space, Variable } from "#variables";
import { unitScale } from "./unit-scale.ts";

/**
 * How far two configurations of a space are apart, from 0 to 1: the mean over the variables that either has. Numbers are
 * as far apart as they are on their scale; other values, and one that only one side has, differ or do not.
 */
export function configurationDistance(space: Space): (one: Configuration, other: Configuration) => number {
  const measures = space.variables.map((variable) => [variable.name, measureOf(variable)] as const);
  return (one, other) => {
    let [sum, count] = [0, 0];
    for (const [name, measure] of measures) {
      const [a, b] = [one[name], other[name]];
      if (a === undefined && b === undefined) continue;
      count++;
      sum += a === undefined || b === undefined ? 1 : measure(a, b);
    }
    return count === 0 ? 0 : sum / count;
  };
}

function measureOf(variable: Variable): (one: Json, other: Json) => number {
  if (variable.kind !== "float" && variable.kind !== "integer")
    return (one, other) => (canonicalJson(one) === canonicalJson(other) ? 0 : 1);
  const scale = unitScale(variable);
  return (one, other) => Math.abs(scale.toUnit(one as number) - scale.toUnit(other as number));
}

import { canonicalJson, isPlainObject } from "#foundation";
import type { Json } from "#foundation";
import { sampleConfiguration, space } from "#variables";
import { mutateConfiguration } from "#variables/search";
import type { Variable } from "#variables";
import type { MakeKernels } from "./kernels.ts";

/** How fast a density falls with the share of a value that differs. */
const steepness = 6;

/** How often a drawn value is a neighbour of the observed one, not that one itself. */
const moveShare = 0.5;

/**
 * Kernels of any variable that can be sampled and mutated: lists, orders, records. Densities fall with the share of
 * places, members or fields in which two values differ. They are not normalised: a factor that all have in common says
 * nothing about which of two mixtures is denser.
 */
export function valueKernels(variable: Variable): MakeKernels {
  const { name } = variable;
  const alone = space([variable]);
  const parts = (value: Json): ReadonlySet<string> => partsOf(value, variable.kind === "permutation");
  return (observed) => {
    const spread = 1 / (1 + observed.length);
    const seen = observed.map((value) => (value === undefined ? undefined : parts(value)));
    return {
      addLogDensity(sums, value) {
        const candidate = parts(value);
        for (const [at, each] of seen.entries()) {
          const near = each === undefined ? 0 : Math.exp(-steepness * difference(each, candidate));
          sums[at] = (sums[at] as number) + Math.log((1 - spread) * near + spread);
        }
      },
      draw(component, rng) {
        const value = observed[component];
        if (value === undefined || rng.next() < spread)
          return sampleConfiguration(alone, rng.fork("new"))[name] as Json;
        if (rng.next() >= moveShare) return value;
        return mutateConfiguration(alone, { [name]: value }, rng.fork("move"))[name] as Json;
      },
    };
  };
}

/** What of two values can be the same or not. */
function partsOf(value: Json, isOrdered: boolean): ReadonlySet<string> {
  if (Array.isArray(value))
    return new Set(value.map((item: Json, place) => `${isOrdered ? place : ""} ${canonicalJson(item)}`));
  if (isPlainObject(value))
    return new Set(Object.entries(value).map(([field, part]) => `${field} ${canonicalJson(part as Json)}`));
  return new Set([canonicalJson(value)]);
}

/** The share of parts in which two values differ, from 0 to 1. */
function difference(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  const all = Math.max(one.size, other.size);
  if (all === 0) return 0;
  let same = 0;
  for (const part of one) if (other.has(part)) same++;
  return 1 - same / all;
}

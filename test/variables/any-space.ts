import fc from "fast-check";
import { choice, demos, float, integer, permutation, sampleConfiguration, space, subset, text } from "#variables";
import type { Condition, Conditions, Space, Variable } from "#variables";
import { integerBelow, pick, seededRng, shuffle } from "#foundation";
import type { Json, Rng } from "#foundation";

const anyDemo = fc.record({
  inputs: fc.dictionary(fc.string(), fc.jsonValue() as fc.Arbitrary<null>, { maxKeys: 2 }),
  outputs: fc.dictionary(fc.string(), fc.jsonValue() as fc.Arbitrary<null>, { maxKeys: 2 }),
});
const anyScalars = fc
  .uniqueArray(fc.jsonValue({ maxDepth: 1 }), {
    minLength: 1,
    maxLength: 4,
    selector: (value) => JSON.stringify(value),
  })
  .filter((values) => values.every((value) => typeof value !== "object"))
  .map((values) => JSON.parse(JSON.stringify(values)) as Json[]);
const anyItems = fc.uniqueArray(fc.constantFrom("a", "b", 3, null, { at: 1 }, ["x"]), { minLength: 1 });

/** Any variable of this name. Demos carry what JSON carries: no negative zero, no odd prototypes. */
export function variableNamed(name: string): fc.Arbitrary<Variable> {
  const whole = fc.integer({ min: -50, max: 50 });
  return fc.oneof<fc.Arbitrary<Variable>[]>(
    fc
      .tuple(whole, fc.nat(40), fc.option(fc.integer({ min: 1, max: 60 })))
      .map(([min, width, step]) => integer(name, { min, max: min + width, ...(step === null ? {} : { step }) })),
    fc
      .tuple(fc.integer({ min: 1, max: 9 }), fc.nat(900))
      .map(([min, width]) => integer(name, { min, max: min + width, log: true, group: "whole" })),
    fc
      .tuple(whole, fc.double({ min: 0, max: 9, noNaN: true }), fc.constantFrom(0, 0.1, 0.25))
      .map(([min, width, step]) => float(name, { min, max: min + width, ...(step === 0 ? {} : { step }) })),
    fc.integer({ min: 1, max: 99 }).map((min) => float(name, { min, max: min * 100, log: true })),
    anyScalars.map((options) => choice(name, options, { group: "choices" })),
    fc.array(fc.string(), { minLength: 1, maxLength: 3 }).map((candidates) => text(name, { candidates })),
    fc
      .tuple(fc.uniqueArray(anyDemo, { maxLength: 3, selector: (demo) => JSON.stringify(demo) }), fc.nat(3))
      .map(([pool, min]) => demos(name, { pool: JSON.parse(JSON.stringify(pool)), min: Math.min(min, pool.length) })),
    fc.tuple(anyItems, fc.nat(6), fc.nat(6)).map(([items, low, width]) => {
      const min = Math.min(low, items.length);
      return subset(name, items, { min, max: Math.min(min + width, items.length), group: "lists" });
    }),
    fc.tuple(anyItems, fc.nat(6), fc.nat(6)).map(([items, low, width]) => {
      const min = Math.min(low, items.length);
      return permutation(name, items, { min, max: Math.min(min + width, items.length), group: "lists" });
    }),
  );
}

const anyVariables = (maxLength: number): fc.Arbitrary<Variable[]> =>
  fc
    .uniqueArray(fc.stringMatching(/^[a-z][a-z0-9]{0,5}([./][a-z]{1,4})?$/), { maxLength })
    .chain((names) => fc.tuple(...names.map(variableNamed)));

/** A space without conditions. */
export const anySpace: fc.Arbitrary<Space> = anyVariables(5).map((variables) => space(variables));

/** A space in which about every second variable asks for the values of one or two others, in no particular order. */
export const anyConditionalSpace: fc.Arbitrary<Space> = fc
  .tuple(anyVariables(7), fc.nat())
  .map(([variables, seed]) => conditioned(variables, seededRng(seed)));

function conditioned(variables: readonly Variable[], rng: Rng): Space {
  const when: Record<string, Conditions> = {};
  for (const [index, { name }] of variables.entries()) {
    const own = rng.fork(name);
    if (index === 0 || own.next() < 0.5) continue;
    const asked = shuffle(own, variables.slice(0, index)).slice(0, 1 + integerBelow(own, 2));
    when[name] = Object.fromEntries(asked.map((other) => [other.name, conditionOn(other, own)]));
  }
  return space(shuffle(rng.fork("order"), variables), { when });
}

/** A condition that the variable can meet, and often does. */
function conditionOn(variable: Variable, rng: Rng): Condition {
  const values = [1, 2, 3].map((draw) => sampleConfiguration(space([variable]), rng.fork(`${draw}`))[variable.name]);
  const [first, ...others] = values.filter((value) => value !== undefined);
  if (first === undefined) throw new Error("no sample");
  const items = Array.isArray(first) ? (first as readonly Json[]) : [];
  const forms: Condition[] = [
    { is: first },
    { oneOf: [first, ...others] },
    { all: [{ oneOf: [first, ...others] }, { is: first }] },
    ...(typeof first === "object" && first !== null ? [] : [first]),
    ...items.map((item) => ({ includes: item })),
  ];
  return pick(rng, forms);
}

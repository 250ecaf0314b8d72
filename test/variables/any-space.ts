import fc from "fast-check";
import {
  choice,
  composite,
  demos,
  float,
  integer,
  module,
  permutation,
  sampleConfiguration,
  space,
  subset,
  text,
  validateConfiguration,
} from "#variables";
import type { Claim, Condition, Conditions, Configuration, Constraint, Space, Variable } from "#variables";
import { integerBelow, pick, seededRng, shuffle, UsageError } from "#foundation";
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
    fc
      .tuple(fc.double({ min: 0.01, max: 9, noNaN: true }), fc.integer({ min: 0, max: 3 }), fc.boolean())
      .map(([min, precision, log]) => float(name, { min, max: min + 2, precision, log })),
    fc.uniqueArray(fc.constantFrom("cot", "react", "plan"), { minLength: 1 }).map((names) => module(name, names)),
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

/** A space with conditions, computed values, conditions on these, and constraints that many configurations hold. */
export const anyWholeSpace: fc.Arbitrary<Space> = fc
  .tuple(anyVariables(6), fc.nat())
  .map(([variables, seed]) => whole(variables, seededRng(seed)));

function whole(variables: readonly Variable[], rng: Rng): Space {
  const [first] = variables;
  if (first === undefined) return space([]);
  const { when = {} } = conditioned(variables, rng);
  const named = (): string => pick(rng, variables).name;
  const total = composite("Total", { compute: { sum: [named(), named(), 1] } });
  const label = composite("Label", { compute: { template: `{${named()}} of {Total}` } });
  const size = composite("Size", { compute: { max: [{ count: named() }, { min: ["Total", 5] }] } });
  const late = choice("Late", ["x", "y"]);
  const all = shuffle(rng.fork("order"), [...variables, total, label, size, late]);
  const limit = integerBelow(rng, 60);
  const conditions: Record<string, Conditions> = { ...when, Late: { Size: { oneOf: [1, 2, 3, 5] } } };
  const claims: Claim[] = [
    { atMost: [{ product: [named(), 1] }, limit] },
    { less: [{ count: named() }, 3] },
    { different: [named(), named(), { value: "b" }] },
    { not: { equal: [named(), { value: "a" }] } },
    { implies: [{ meets: { Late: "x" } }, { any: [{ atMost: ["Total", 4] }, { less: [{ value: 1 }, "Size"] }] }] },
  ];
  return feasible(space(all, { when: conditions }), { claims, rng });
}

/** The space with the claims among these that at least every third of its samples holds. */
function feasible(free: Space, { claims, rng }: { readonly claims: readonly Claim[]; readonly rng: Rng }): Space {
  const samples = Array.from({ length: 6 }, (_, draw) => sampleConfiguration(free, rng.fork(`feasible ${draw}`)));
  let held = free;
  for (const [index, expect] of claims.entries()) {
    const constraints: Constraint[] = [...(held.constraints ?? []), { name: `claim ${index}`, expect }];
    const tried = trySpace(free, constraints);
    const holds = (sample: Configuration): boolean => tried !== undefined && validateConfiguration(tried, sample).ok;
    if (tried !== undefined && samples.filter(holds).length >= 2) held = tried;
  }
  return held;
}

/** `undefined` where a claim wants numbers of what is none. */
function trySpace({ variables, when = {} }: Space, constraints: readonly Constraint[]): Space | undefined {
  try {
    return space(variables, { when, constraints });
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

/** A variable with few values, whatever its kind. */
function smallVariableNamed(name: string): fc.Arbitrary<Variable> {
  const demo = (n: number): { inputs: { n: number }; outputs: {} } => ({ inputs: { n }, outputs: {} });
  return fc.constantFrom<Variable[]>(
    integer(name, { min: -1, max: 1 }),
    integer(name, { min: 1, max: 5, step: 2 }),
    float(name, { min: 0, max: 0.3, step: 0.1 }),
    float(name, { min: 0.05, max: 0.31, precision: 1 }),
    float(name, { min: 2, max: 2 }),
    choice(name, ["a", null, 3], { weights: [3, 1, 1] }),
    choice(name, [["a", "b"], ["a"], "b"]),
    module(name, { cot: 1, react: 2 }),
    subset(name, ["a", "b", "c"]),
    permutation(name, ["a", "b"], { min: 1 }),
    permutation(name, ["a", "b", 3]),
    text(name, { candidates: ["one", "two", "one"], default: "three" }),
    text(name),
    demos(name, { pool: [demo(1), demo(2)], max: 1 }),
    demos(name, { pool: [demo(1), demo(1), demo(2)], min: 2, max: 3 }),
  );
}

const smallVariables: fc.Arbitrary<Variable[]> = fc
  .uniqueArray(fc.constantFrom("a", "b", "c", "d"), { maxLength: 4 })
  .chain((names) => fc.tuple(...names.map(smallVariableNamed)));

/** A space of everything with at most some thousand configurations. */
export const anySmallSpace: fc.Arbitrary<Space> = fc
  .tuple(smallVariables, fc.nat())
  .map(([variables, seed]) => whole(variables, seededRng(seed)));

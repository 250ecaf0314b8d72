import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  activeVariables,
  choice,
  defaultConfiguration,
  demos,
  float,
  integer,
  parseSpace,
  permutation,
  sampleConfiguration,
  settleConfiguration,
  space,
  spaceJsonSchema,
  subset,
  text,
  validateConfiguration,
} from "#variables";
import type { Condition, Configuration, Space, Variable } from "#variables";
import { seededRng, UsageError } from "#foundation";
import { anyConditionalSpace } from "./any-space.ts";

fc.configureGlobal({ seed: 20 });

const pattern = choice("net.pattern", ["ring", "star"]);
const hub = choice("net.hub", ["a", "b"]);
const weight = float("net.weight", { min: 0, max: 1, description: "How much the hub counts." });
/** The weight comes first, so that the order of the space is not the order of the conditions. */
const net = space([weight, hub, pattern], {
  when: { "net.hub": { "net.pattern": "star" }, "net.weight": { "net.hub": { oneOf: ["b"] } } },
});
const namesOf = (any: Space, configuration: Configuration): string[] =>
  activeVariables(any, configuration).map(({ name }) => name);

describe("any space with conditions", () => {
  test("accepts its samples and its default", () => {
    fc.assert(
      fc.property(anyConditionalSpace, fc.nat(), (any, seed) => {
        const sample = sampleConfiguration(any, seededRng(seed));
        expect(validateConfiguration(any, sample)).toEqual({ ok: true, configuration: sample });
        expect(validateConfiguration(any, defaultConfiguration(any)).ok).toBe(true);
      }),
    );
  });

  test("survives JSON", () => {
    fc.assert(
      fc.property(anyConditionalSpace, (any) => {
        expect(parseSpace(JSON.parse(JSON.stringify(any)))).toEqual(any);
      }),
    );
  });

  test("has exactly the active variables in its samples, whatever the order of its variables", () => {
    fc.assert(
      fc.property(anyConditionalSpace, fc.nat(), (any, seed) => {
        const sample = sampleConfiguration(any, seededRng(seed));
        expect(Object.keys(sample)).toEqual(namesOf(any, sample));
        const reversed = { ...any, variables: any.variables.toReversed() };
        expect(sampleConfiguration(reversed, seededRng(seed))).toEqual(sample);
      }),
    );
  });

  test("refuses a sample with one path less, or with a value for an inactive variable", () => {
    fc.assert(
      fc.property(anyConditionalSpace, fc.nat(), (any, seed) => {
        const sample = sampleConfiguration(any, seededRng(seed));
        for (const { name } of any.variables) {
          const { [name]: had, ...without } = sample;
          const other = had === undefined ? { ...sample, [name]: 1 } : without;
          const validation = validateConfiguration(any, other);
          expect(validation.ok ? [] : validation.issues.map(({ path }) => path)).toContain(name);
        }
      }),
    );
  });
});

describe("settling", () => {
  const anyValues = fc.dictionary(
    fc.constantFrom("a", "b", "net.pattern"),
    fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.nat(50)),
  ) as fc.Arbitrary<Configuration>;

  test("leaves a valid configuration as it is", () => {
    fc.assert(
      fc.property(anyConditionalSpace, fc.nat(), (any, seed) => {
        const sample = sampleConfiguration(any, seededRng(seed));
        expect(settleConfiguration(any, sample)).toEqual(sample);
        expect(settleConfiguration(any, sample, seededRng(1))).toEqual(sample);
      }),
    );
  });

  test("makes anything valid, and changes nothing the second time", () => {
    fc.assert(
      fc.property(anyConditionalSpace, anyValues, fc.nat(), (any, values, seed) => {
        const odd = any.variables.filter((_, index) => index % 2 === 1).map(({ name }) => [name, values["a"] ?? 7]);
        const mixed = { ...sampleConfiguration(any, seededRng(seed)), ...values, ...Object.fromEntries(odd) };
        for (const rng of [undefined, seededRng(seed)]) {
          const settled = settleConfiguration(any, mixed, rng);
          expect(validateConfiguration(any, settled).ok).toBe(true);
          expect(settleConfiguration(any, settled, rng)).toEqual(settled);
        }
      }),
    );
  });

  test("keeps what fits, drops the inactive and unknown, fills with defaults or at random", () => {
    expect(settleConfiguration(net, { "net.pattern": "ring", "net.hub": "b", other: 1 })).toEqual({
      "net.pattern": "ring",
    });
    expect(settleConfiguration(net, { "net.pattern": "star", "net.hub": "b", "net.weight": 7 })).toEqual({
      "net.pattern": "star",
      "net.hub": "b",
      "net.weight": 0.5,
    });
    const settled = settleConfiguration(net, { "net.pattern": "star", "net.hub": "b" }, seededRng(3));
    expect(settled).toMatchObject({ "net.pattern": "star", "net.hub": "b" });
    expect(settled["net.weight"]).not.toBe(0.5);
  });
});

describe("a conditional variable", () => {
  test("is there when its condition holds, and so are those that ask for it", () => {
    expect(namesOf(net, { "net.pattern": "star", "net.hub": "b" })).toEqual(["net.weight", "net.hub", "net.pattern"]);
    expect(namesOf(net, { "net.pattern": "star", "net.hub": "a" })).toEqual(["net.hub", "net.pattern"]);
    expect(namesOf(net, { "net.pattern": "ring", "net.hub": "b" })).toEqual(["net.pattern"]);
    expect(namesOf(net, { "net.hub": "b" })).toEqual(["net.pattern"]);
    expect(defaultConfiguration(net)).toEqual({ "net.pattern": "ring" });
  });

  test("is reported where it has to be absent, with the reason, and where it is missing", () => {
    expect(validateConfiguration(net, { "net.pattern": "ring", "net.hub": "b", "net.weight": 0 })).toEqual({
      ok: false,
      issues: [
        { path: "net.weight", expected: "expected to be absent, since net.hub is absent", received: "0" },
        { path: "net.hub", expected: 'expected to be absent, since net.pattern is "ring"', received: '"b"' },
      ],
    });
    expect(validateConfiguration(net, { "net.pattern": "star" })).toEqual({
      ok: false,
      issues: [{ path: "net.hub", expected: 'expected one of "a", "b"', received: "nothing" }],
    });
  });

  test("is not required by the JSON Schema, which says when it is there", () => {
    expect(spaceJsonSchema(net)).toMatchObject({
      required: ["net.pattern"],
      properties: {
        "net.weight": { description: 'How much the hub counts. Present only when net.hub is one of "b".' },
        "net.hub": { description: 'Present only when net.pattern is "star".' },
      },
    });
  });

  test("leaves the samples of the others alone", () => {
    const plain = sampleConfiguration(space([weight, hub, pattern]), seededRng(5));
    const sample = sampleConfiguration(net, seededRng(5));
    expect(plain).toMatchObject(sample);
  });
});

const agents = subset("agents", ["coder", "tester", { id: "x" }], { min: 0 });

test.each<[asked: Variable, condition: Condition, met: unknown, unmet: unknown, reason: string]>([
  [pattern, "star", "star", "ring", 'net.pattern is "ring"'],
  [integer("n", { min: 0, max: 9 }), 3, 3, 4, "n is 4"],
  [choice("on", [true, null]), null, null, true, "on is true"],
  [pattern, { is: "star" }, "star", "ring", 'net.pattern is "ring"'],
  [agents, { is: ["coder"] }, ["coder"], ["coder", "tester"], "agents is a list of 2"],
  [pattern, { oneOf: ["star"] }, "star", "ring", 'net.pattern is "ring"'],
  [agents, { includes: "tester" }, ["coder", "tester"], ["coder"], 'agents does not include "tester"'],
  [agents, { includes: { id: "x" } }, [{ id: "x" }], [], 'agents does not include {"id":"x"}'],
  [
    agents,
    { all: [{ includes: "coder" }, { includes: "tester" }] },
    ["coder", "tester", { id: "x" }],
    ["coder", { id: "x" }],
    'agents does not include "tester"',
  ],
  [choice("c", [["p", "q"], "p"]), { includes: "p" }, ["p", "q"], "p", 'c does not include "p"'],
  [permutation("p", ["a", "b"]), { is: ["b", "a"] }, ["b", "a"], ["a", "b"], "p is a list of 2"],
  [demos("d"), { is: [] }, [], [{ inputs: {}, outputs: {} }], "d is a list of 1"],
])("of %o the condition %j is met by %j and not by %j", (asked, condition, met, unmet, reason) => {
  const any = space([text("rest"), asked], { when: { rest: { [asked.name]: condition } } });
  expect(validateConfiguration(any, { [asked.name]: met, rest: "x" }).ok).toBe(true);
  expect(validateConfiguration(any, { [asked.name]: unmet }).ok).toBe(true);
  expect(validateConfiguration(any, { [asked.name]: unmet, rest: "x" })).toMatchObject({
    issues: [{ path: "rest", expected: `expected to be absent, since ${reason}` }],
  });
});

test("a variable without conditions in `when` is always active, and a space without any is written without `when`", () => {
  expect(space([pattern], { when: {} })).toEqual({ variables: [pattern] });
  expect(space([pattern, hub], { when: { "net.hub": {} } })).toEqual({ variables: [pattern, hub] });
});

describe("conditions that make no sense are refused", () => {
  const form = "expected a scalar, { is }, { oneOf: […] }, { includes } or { all: […] }";

  test.each<[when: unknown, message: string]>([
    [[], "space.when: expected conditions by variable, got a list of 0"],
    [null, "space.when: expected conditions by variable, got null"],
    [{ nobody: { hub: 1 } }, "space.when: expected names of variables (a, b, c, agents), got nobody"],
    [{ a: "b" }, 'space.when.a: expected conditions by path, got "b"'],
    [{ a: { nobody: 1 } }, "space.when.a: expected paths of the space (a, b, c, agents), got nobody"],
    [{ a: { b: { isnt: 1 } } }, `space.when.a.b: ${form}, got an object with isnt`],
    [{ a: { b: { is: 1, oneOf: [1] } } }, `space.when.a.b: ${form}, got an object with is, oneOf`],
    [{ a: { b: ["x"] } }, `space.when.a.b: ${form}, got a list of 1`],
    [{ a: { b: { oneOf: [] } } }, `space.when.a.b: ${form}, got an object with oneOf`],
    [{ a: { b: { all: 1 } } }, `space.when.a.b: ${form}, got an object with all`],
    [{ a: { b: Number.NaN } }, "space.when.a.b: expected a condition in JSON, but value is NaN"],
    [{ a: { b: undefined } }, "space.when.a.b: expected a condition in JSON, but value is nothing"],
    [{ a: { b: "z" } }, 'space.when.a.b: b can never be "z": expected one of "x", "y"'],
    [{ a: { b: { oneOf: ["x", 1] } } }, 'space.when.a.b: b can never be 1: expected one of "x", "y"'],
    [{ a: { agents: { includes: "z" } } }, 'space.when.a.agents: agents can never include "z"'],
    [{ a: { b: { includes: "x" } } }, 'space.when.a.b: b can never include "x"'],
    [{ a: { b: { all: ["x", "z"] } } }, 'space.when.a.b: b can never be "z"'],
    [{ a: { a: "x" } }, "space.when: conditions go in a circle: a → a"],
    [
      { a: { b: "x" }, b: { c: "x", agents: { includes: "coder" } }, c: { b: "x" } },
      "space.when: conditions go in a circle: b → c → b",
    ],
  ])("%j", (when, message) => {
    const variables = [...["a", "b", "c"].map((name) => choice(name, ["x", "y"])), agents];
    const make = (): unknown => space(variables, { when: when as never });
    expect(make).toThrow(UsageError);
    expect(make).toThrow(message);
  });

  test("from foreign JSON too", () => {
    const foreign = JSON.parse(JSON.stringify({ ...net, when: { "net.hub": { "net.pattern": "mesh" } } })) as unknown;
    expect(() => parseSpace(foreign)).toThrow('net.pattern can never be "mesh"');
    expect(() => parseSpace({ ...net, when: JSON.parse('{"__proto__":{}}') as unknown })).toThrow(UsageError);
  });
});

test("a chain of thousands of conditions is walked without a deep stack", () => {
  const chain = Array.from({ length: 5000 }, (_, index) => choice(`v${index}`, ["on"]));
  const when = Object.fromEntries(chain.slice(1).map(({ name }, index) => [name, { [`v${index}`]: "on" }]));
  expect(Object.keys(defaultConfiguration(space(chain.toReversed(), { when })))).toHaveLength(5000);
});

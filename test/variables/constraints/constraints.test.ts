import { describe, expect, test } from "vitest";
import {
  choice,
  composite,
  defaultConfiguration,
  float,
  integer,
  parseSpace,
  sampleConfiguration,
  settleConfiguration,
  space,
  subset,
  validateConfiguration,
} from "#variables";
import type { Claim, Configuration, Space } from "#variables";
import { seededRng, UsageError } from "#foundation";
import {
  crossConfigurations,
  decodeConfiguration,
  enumerateConfigurations,
  mutateConfiguration,
  restrictSpace,
  spaceSize,
} from "#variables/search";

const seeds = Array.from({ length: 200 }, (_, seed) => seed);
const numbers = ["a", "b", "c"].map((name) => integer(name, { min: 0, max: 9 }));
const few = { name: "few", expect: { atMost: [{ sum: ["a", "b", "c"] }, 6] } } as const;
const apart = { name: "apart", expect: { different: ["a", "b", "c"] } } as const;
const tight = space(numbers, { constraints: [few, apart] });
const ok = (any: Space, configuration: Configuration): boolean => validateConfiguration(any, configuration).ok;

test.each<[expect: Claim, held: Configuration, broken: Configuration]>([
  [{ atMost: ["a", 3] }, { a: 3 }, { a: 4 }],
  [{ atMost: [{ sum: ["a", "b"] }, "c"] }, { a: 1, b: 2, c: 3 }, { a: 2, b: 2, c: 3 }],
  [{ less: ["a", "b"] }, { a: 1, b: 2 }, { a: 2, b: 2 }],
  [{ equal: [{ max: ["a", "b"] }, "c"] }, { a: 1, b: 2, c: 2 }, { a: 1, b: 2, c: 1 }],
  [{ different: ["a", "b"] }, { a: 1, b: 2 }, { a: 2, b: 2 }],
  [{ meets: { on: true, agents: { includes: "x" } } }, { on: true, agents: ["x"] }, { on: true, agents: ["y"] }],
  [{ all: [{ less: ["a", 2] }, { less: ["b", 2] }] }, { a: 1, b: 1 }, { a: 1, b: 2 }],
  [{ any: [{ less: ["a", 2] }, { less: ["b", 2] }] }, { a: 5, b: 1 }, { a: 5, b: 5 }],
  [{ not: { equal: ["a", "b"] } }, { a: 1, b: 2 }, { a: 2, b: 2 }],
  [
    { implies: [{ meets: { on: true } }, { less: [{ count: "agents" }, 2] }] },
    { on: true, agents: ["x"] },
    { on: true, agents: ["x", "y"] },
  ],
  [{ implies: [{ meets: { on: true } }, { less: ["a", 2] }] }, { on: false, a: 5 }, { on: true, a: 5 }],
])("%j holds for %j and not for %j, after JSON too", (claim, held, broken) => {
  const rest = { a: 0, b: 0, c: 0, on: false, agents: ["x"] };
  const all = space([...numbers, choice("on", [true, false]), subset("agents", ["x", "y"])], {
    constraints: [{ name: "claim", expect: claim }],
  });
  const read = parseSpace(JSON.parse(JSON.stringify(all)));
  expect(read).toEqual(all);
  expect(ok(read, { ...rest, ...held })).toBe(true);
  expect(ok(read, { ...rest, ...broken })).toBe(false);
});

describe("a constraint", () => {
  test("that is broken is an issue with its name, its words and the values", () => {
    expect(validateConfiguration(tight, { a: 3, b: 3, c: 1 })).toEqual({
      ok: false,
      issues: [
        { path: "a", expected: "expected few: the sum of a and b and c is at most 6", received: "a 3, b 3, c 1" },
        { path: "a", expected: "expected apart: a, b, c are different", received: "a 3, b 3, c 1" },
      ],
    });
    expect(validateConfiguration(tight, { a: 30, b: 9, c: 9 })).toMatchObject({
      issues: [{ path: "a", expected: "expected a whole number from 0 to 9" }],
    });
  });

  test("leaves out what is absent, and says nothing where a side is", () => {
    const shares = space([choice("on", [true, false]), ...numbers], {
      when: { a: { on: true }, c: { on: true } },
      constraints: [
        { name: "sum", expect: { atMost: [{ sum: ["a", "b"] }, 4] } },
        { name: "order", expect: { less: ["b", "c"] } },
        { name: "reverse", expect: { not: { any: [{ less: ["c", "b"] }, { all: [{ less: ["c", "b"] }] }] } } },
      ],
    });
    expect(ok(shares, { on: false, b: 4 })).toBe(true);
    expect(ok(shares, { on: false, b: 5 })).toBe(false);
    expect(ok(shares, { on: true, a: 1, b: 4, c: 5 })).toBe(false);
    expect(ok(shares, { on: true, a: 0, b: 4, c: 4 })).toBe(false);
  });

  test("is held by samples, each valid configuration as often", () => {
    const all = [...enumerateConfigurations(tight)];
    expect(spaceSize(tight)).toBe(all.length);
    const counts = new Map(all.map((each) => [JSON.stringify(each), 0]));
    for (let seed = 0; seed < all.length * 60; seed++) {
      const text = JSON.stringify(sampleConfiguration(tight, seededRng(seed)));
      counts.set(text, (counts.get(text) ?? Number.NaN) + 1);
    }
    for (const count of counts.values()) expect(Math.abs(count - 60)).toBeLessThan(40);
  });

  test("is held by mutations, which still differ, and by crossings", () => {
    for (const seed of seeds) {
      const rng = seededRng(seed);
      const [a, b] = [sampleConfiguration(tight, rng.fork("a")), sampleConfiguration(tight, rng.fork("b"))];
      const mutated = mutateConfiguration(tight, a, rng);
      expect(ok(tight, mutated)).toBe(true);
      expect(mutated).not.toEqual(a);
      const child = crossConfigurations(tight, a, b, rng);
      expect(ok(tight, child)).toBe(true);
      for (const [path, value] of Object.entries(child)) expect([a[path], b[path]]).toContain(value);
    }
  });

  test("that leaves one configuration leaves it as it is when it is mutated", () => {
    const one = space(numbers.slice(0, 2), {
      constraints: [{ name: "zero", expect: { atMost: [{ sum: ["a", "b"] }, 0] } }],
    });
    expect(mutateConfiguration(one, { a: 0, b: 0 }, seededRng(1))).toEqual({ a: 0, b: 0 });
  });

  test("that no child of two holds gives the first parent", () => {
    const equal = space(numbers.slice(0, 2), {
      constraints: [
        {
          name: "odd",
          expect: {
            any: [
              { all: [{ equal: ["a", 1] }, { equal: ["b", 2] }] },
              { all: [{ equal: ["a", 3] }, { equal: ["b", 4] }] },
            ],
          },
        },
      ],
    });
    const children = seeds
      .slice(0, 40)
      .map((seed) => crossConfigurations(equal, { a: 1, b: 2 }, { a: 3, b: 4 }, seededRng(seed)));
    expect(new Set(children.map((child) => JSON.stringify(child)))).toEqual(
      new Set(['{"a":1,"b":2}', '{"a":3,"b":4}']),
    );
  });

  test("is held when defaults are settled: what it does not ask about keeps its value", () => {
    const half = space([...numbers, float("heat", { min: 0, max: 1 })], { constraints: [few] });
    const settled = settleConfiguration(half, { a: 9, b: 9, c: 9, heat: 0.25 });
    expect(ok(half, settled)).toBe(true);
    expect(settled["heat"]).toBe(0.25);
    expect(settleConfiguration(half, { a: 9, b: 9, c: 9, heat: 0.25 })).toEqual(settled);
    expect(ok(half, defaultConfiguration(half))).toBe(true);
    expect(ok(half, decodeConfiguration(half, [1, 1, 1, 0.25]))).toBe(true);
  });

  test("on a computed value lets go what that is computed from", () => {
    const cost = composite("cost", { compute: { product: ["a", "b"] } });
    const cheap = space([...numbers, cost], { constraints: [{ name: "cheap", expect: { less: ["cost", 5] } }] });
    const settled = settleConfiguration(cheap, { a: 9, b: 9, c: 8 });
    expect(ok(cheap, settled)).toBe(true);
    expect(settled["c"]).toBe(8);
  });

  test("that nothing holds is named with how often it failed", () => {
    const never = space(numbers, {
      constraints: [apart, { name: "never", expect: { less: [{ min: ["a", "b"] }, 0] } }],
    });
    const make = (): unknown => sampleConfiguration(never, seededRng(1));
    expect(make).toThrow(
      new UsageError(
        "space: no configuration found that holds its constraints in 1000 tries: " +
          "in 1000 of them it broke the constraint never: the min of a and b is less than 0",
      ),
    );
    expect(() => defaultConfiguration(never)).toThrow("never");
    expect(() => mutateConfiguration(never, {}, seededRng(1))).toThrow("never");
    expect([...enumerateConfigurations(never)]).toEqual([]);
    expect(spaceSize(never)).toBe(0);
  });
});

describe("a restricted space", () => {
  test("keeps the constraints that varying variables can break, with the fixed ones as constants", () => {
    const restricted = restrictSpace(tight, ["a"], { a: 0, b: 1, c: 3 });
    const values = [...enumerateConfigurations(restricted)];
    expect(values).toEqual([0, 2].map((a) => ({ a, b: 1, c: 3 })));
    for (const each of values) expect(settleConfiguration(tight, { a: 0, b: 1, c: 3, ...each })).toEqual(each);
  });

  test("drops those on fixed variables alone", () => {
    const more = space([...numbers, choice("on", [true, false])], { constraints: [few] });
    expect(restrictSpace(more, ["on"], { a: 1, b: 1, c: 1 })).toEqual(space([choice("on", [true, false])]));
  });

  test("counts a fixed variable only where it is active, and one that can never be there not at all", () => {
    const net = space([choice("on", [true, false]), choice("off", [true, false]), ...numbers], {
      when: { b: { on: true }, c: { off: true } },
      constraints: [few],
    });
    const restricted = restrictSpace(net, ["on", "a"], { on: true, off: false, a: 1, b: 5 });
    const most = (on: boolean): number =>
      Math.max(
        ...[...enumerateConfigurations(restricted)].filter((each) => each["on"] === on).map(({ a }) => a as number),
      );
    expect([most(true), most(false)]).toEqual([1, 6]);
  });

  test("keeps what is computed, from constants where its inputs are fixed", () => {
    const cost = composite("cost", { compute: { product: ["a", "b"] } });
    const plan = space([...numbers, cost, choice("late", ["x", "y"])], { when: { late: { cost: 6 } } });
    const restricted = restrictSpace(plan, ["a", "late"], { a: 1, b: 2, c: 3 });
    expect(settleConfiguration(restricted, { a: 3 })).toEqual({ a: 3, b: 2, cost: 6, late: "x" });
    expect(settleConfiguration(restricted, { a: 4 })).toEqual({ a: 4, b: 2, cost: 8 });
    expect(restrictSpace(plan, ["late"], { a: 3, b: 2 })).toEqual(space([choice("late", ["x", "y"])]));
    expect(restrictSpace(plan, ["late"], { a: 4, b: 2 })).toEqual(space([]));
  });
});

describe("constraints that make no sense are refused", () => {
  const where = "space.constraints[0] (c)";

  test.each<[constraints: unknown, message: string]>([
    [{}, "space.constraints: expected a list of { name, expect }, got an empty object"],
    [
      [few, few],
      "space.constraints[1]: expected { name, expect } with a name of its own, got an object with name, expect",
    ],
    [[{ name: "", expect: few.expect }], "space.constraints[0]: expected { name, expect } with a name of its own"],
    [[{ name: "c" }], "space.constraints[0].expect: expected a claim in JSON, but value is nothing"],
    [
      [{ name: "c", expect: { more: [1, 2] } }],
      `${where}: expected an object with one of atMost, less, equal, different`,
    ],
    [[{ name: "c", expect: { less: ["a"] } }], `${where}.less: expected a list of 2, got a list of 1`],
    [
      [{ name: "c", expect: { less: ["a", "z"] } }],
      `${where}.less[1]: expected paths of the space (a, b, c, on), got z`,
    ],
    [[{ name: "c", expect: { less: ["a", "on"] } }], `${where}.less[1]: expected a number, but on is a choice`],
    [[{ name: "c", expect: { all: [] } }], `${where}.all: expected a list of at least 1, got a list of 0`],
    [
      [{ name: "c", expect: { not: { different: "a" } } }],
      `${where}.not.different: expected a list of at least 1, got "a"`,
    ],
    [[{ name: "c", expect: { meets: {} } }], `${where}.meets: expected conditions by path, got an empty object`],
    [[{ name: "c", expect: { meets: { on: "maybe" } } }], `${where}.meets.on: on can never be "maybe"`],
  ])("%j", (constraints, message) => {
    const make = (): unknown => space([...numbers, choice("on", [true, false])], { constraints: constraints as never });
    expect(make).toThrow(UsageError);
    expect(make).toThrow(message);
  });
});

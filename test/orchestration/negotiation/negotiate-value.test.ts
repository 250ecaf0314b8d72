import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seededRng, UsageError } from "#foundation";
import { gatherPreferences, negotiateValue } from "#orchestration";
import { choice, float, integer } from "#variables";
import { fakeClock } from "tutti/testing";

fc.configureGlobal({ seed: 94 });

type Preference = Parameters<typeof negotiateValue>[1][number];
type Options = NonNullable<Parameters<typeof negotiateValue>[2]>;

const many = { numRuns: 500 };
const temperature = float("temperature", { min: 0, max: 2 });
const table: Preference[] = [
  { agent: "coder", value: 0.1, weight: 0.4 },
  { agent: "creative", value: 1.2, weight: 0.3 },
  { agent: "reviewer", value: 0.3, weight: 0.3 },
];

function valueOf(
  preferences: readonly Preference[],
  options: Options = {},
  variable: string | typeof temperature = temperature,
): unknown {
  const result = negotiateValue(variable, preferences, options);
  return result.ok ? result.value : result.error.code;
}

const names = ["coder", "creative", "reviewer", "tester", "writer"];
const preferencesOf = (value: fc.Arbitrary<Preference["value"]>): fc.Arbitrary<Preference[]> =>
  fc
    .array(fc.record({ value, weight: fc.integer({ min: 1, max: 50 }) }), { minLength: 1, maxLength: 5 })
    .map((list) => list.map((each, index) => ({ agent: names[index] ?? "", ...each })));
const numbers = preferencesOf(fc.double({ min: 0, max: 2, noNaN: true }));
const words = preferencesOf(fc.constantFrom("json", "xml", "yaml"));

describe("the temperature of coder, creative and reviewer (R69–R72, A25)", () => {
  test("is 0.49 by weighted consensus", () => {
    expect(valueOf(table)).toBeCloseTo(0.49, 9);
    expect(valueOf(table, { constraints: { min: 0, max: 2 } }, "temperature")).toBeCloseTo(0.49, 9);
  });

  test("is held within the constraints", () => {
    expect(valueOf(table, { constraints: { max: 0.4 } })).toBe(0.4);
    expect(valueOf(table, { constraints: { min: 0.6 } })).toBe(0.6);
    expect(valueOf(table, { constraints: { min: 0.6, max: 0.4 } })).toBe("constraint_violation");
  });

  test("is the same for weights 4, 3, 3; a missing weight is 1", () => {
    const tenfold = table.map(({ weight = 0, ...rest }) => ({ ...rest, weight: weight * 10 }));
    expect(valueOf(tenfold)).toBeCloseTo(0.49, 9);
    expect(valueOf(table.map(({ agent, value }) => ({ agent, value })))).toBeCloseTo(1.6 / 3, 9);
  });

  test("is 0.1 by auction, 0.3 on the market, the coordinator's 0.3 in a hierarchy, 0.49 by trust", () => {
    expect(valueOf(table, { strategy: "auction" })).toBe(0.1);
    expect(valueOf(table, { strategy: "market_based" })).toBe(0.3);
    expect(valueOf(table, { strategy: { name: "hierarchical", coordinator: "reviewer" } })).toBe(0.3);
    expect(valueOf(table, { strategy: "consensus" })).toBeCloseTo(0.49, 9);
  });

  test("is bred within 0 and 2, and no worse than the best proposal", () => {
    const fitness = (value: number): number =>
      table.reduce((sum, each) => sum + (each.weight ?? 1) * Math.exp(-(((value - Number(each.value)) / 2) ** 2)), 0);
    for (let seed = 0; seed < 3; seed++) {
      const value = Number(valueOf(table, { strategy: "genetic", rng: seededRng(seed) }));
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThanOrEqual(2);
      expect(fitness(value)).toBeGreaterThanOrEqual(Math.max(...table.map((each) => fitness(Number(each.value)))));
    }
  });
});

describe("bad preferences come to a closed error", () => {
  test.each([
    ["none", [], {}, "no_preferences"],
    ["no weight at all", [{ agent: "a", value: 1, weight: 0 }], {}, "zero_weight"],
    ["NaN", [{ agent: "a", value: Number.NaN }], {}, "invalid_preference"],
    ["nothing in place of a preference", [null], {}, "invalid_preference"],
    [
      "more money than there is",
      [{ agent: "a", value: 1, weight: 1e15 }],
      { strategy: "auction" },
      "invalid_preference",
    ],
    ["a negative weight", [{ agent: "a", value: 1, weight: -1 }], {}, "invalid_preference"],
    ["an infinite weight", [{ agent: "a", value: 1, weight: Infinity }], {}, "invalid_preference"],
    [
      "one agent twice",
      [
        { agent: "a", value: 1 },
        { agent: "a", value: 2 },
      ],
      {},
      "invalid_preference",
    ],
    ["a stranger's trust", table, { strategy: { name: "consensus", trust: { bob: { coder: 1 } } } }, "unknown_agent"],
    ["a stranger's bid", table, { strategy: { name: "auction", bids: { bob: 4 } } }, "unknown_agent"],
    ["no bid", table, { strategy: { name: "auction", bids: {} } }, "no_bids"],
    ["bids below the reserve", table, { strategy: { name: "auction", reserve: 5 } }, "below_reserve"],
    ["contradictory bounds", table, { strategy: "genetic", constraints: { min: 1, max: 0 } }, "constraint_violation"],
    ["no option", table, { strategy: "genetic", constraints: { oneOf: [] } }, "constraint_violation"],
    ["bounds beside the variable", table, { strategy: "genetic", constraints: { min: 3 } }, "constraint_violation"],
    ["nothing allowed", table, { constraints: { oneOf: ["a"] } }, "constraint_violation"],
    ["a predicate that nothing meets", table, { constraints: { predicate: () => false } }, "constraint_violation"],
    [
      "everyone trusting themselves",
      table,
      {
        strategy: {
          name: "consensus",
          trust: { coder: { coder: 1 }, creative: { creative: 1 }, reviewer: { reviewer: 1 } },
        },
      },
      "no_consensus",
    ],
    [
      "a circle of superiors",
      table,
      { strategy: { name: "hierarchical", superiors: { coder: "creative", creative: "coder" } } },
      "invalid_configuration",
    ],
  ] as [string, Preference[], Options, string][])("%s", (_, preferences, options, code) => {
    expect(valueOf(preferences, options)).toBe(code);
  });

  test("while options that are none are the caller's mistake", () => {
    expect(() => valueOf(table, { strategy: "duel" as "auction" })).toThrow(UsageError);
    expect(() => valueOf(table, { strategy: { name: "consensus", maxRounds: Infinity } })).toThrow(UsageError);
    expect(() => valueOf(table, { constraints: { step: 0 } })).toThrow(UsageError);
    expect(() => valueOf(table, { constraints: { min: Number.NaN } })).toThrow(UsageError);
    expect(() => valueOf(table, { strategy: { name: "genetic", population: 0 } })).toThrow(UsageError);
  });
});

describe("constraints", () => {
  test("move a number to the nearest that is allowed", () => {
    expect(valueOf(table, { constraints: { step: 0.1 } })).toBe(0.5);
    expect(valueOf(table, { constraints: { min: 0.05, step: 0.3 } })).toBe(0.35);
    expect(valueOf(table, { constraints: { oneOf: [0.2, 0.7, "x"] } })).toBe(0.7);
    expect(valueOf(table, { constraints: { predicate: (value) => Number(value) >= 1 } })).toBe(1);
    expect(valueOf(table, { constraints: { step: 0.1, predicate: (value) => value !== 0.5 } })).toBe(0.4);
  });

  test("are also what the variable says", () => {
    const count = negotiateValue(integer("count", { min: 1, max: 4 }), table);
    expect(count).toMatchObject({ ok: true, value: 1 });
    const rounded = negotiateValue(float("temperature", { min: 0, max: 2, precision: 1 }), table);
    expect(rounded).toMatchObject({ ok: true, value: 0.5 });
    const format = negotiateValue(choice("format", ["json", "xml"]), [
      { agent: "a", value: "yaml", weight: 9 },
      { agent: "b", value: "xml" },
    ]);
    expect(format).toMatchObject({ ok: true, value: "xml" });
  });
});

describe("values that are no numbers (R73)", () => {
  const formats: Preference[] = [
    { agent: "a", value: "xml", weight: 0.3 },
    { agent: "b", value: "json", weight: 0.1 },
    { agent: "c", value: "json", weight: 0.2 },
  ];

  test.each(["weighted_consensus", "consensus", "market_based", "hierarchical", "genetic"] as const)(
    "%s: the weightiest, of equals the first proposed, 0.1 + 0.2 being 0.3",
    (strategy) => {
      expect(valueOf(formats, { strategy }, "format")).toBe("xml");
      const more = [...formats, { agent: "d", value: "json", weight: 0.1 }];
      expect(valueOf(more, { strategy }, "format")).toBe("json");
    },
  );

  test("a combinatorial auction joins the objects of the winners", () => {
    const bids = [
      { agent: "a", value: { model: "big" }, weight: 6 },
      { agent: "b", value: { model: "small", tools: "none" }, weight: 8 },
      { agent: "c", value: { tools: "all" }, weight: 5 },
    ];
    const result = negotiateValue("setup", bids, { strategy: { name: "auction", format: "combinatorial" } });
    expect(result).toMatchObject({ ok: true, value: { model: "big", tools: "all" } });
    expect(result.ok && result.report).toMatchObject({ sale: { welfare: 11, payments: { a: 3, b: 0, c: 2 } } });
  });
});

test("a hierarchy: who wants something decides for all below, the median for the others", () => {
  const preferences = [
    { agent: "a1", value: 1 },
    { agent: "a2", value: 3 },
    { agent: "a3", value: 5 },
    { agent: "b", value: 9 },
    { agent: "b1", value: 0, weight: 5 },
  ];
  const superiors = { a: "root", b: "root", a1: "a", a2: "a", a3: "a", b1: "b" };
  // a's three come to 3 with weight 3, b says 9 with weight 6.
  expect(valueOf(preferences, { strategy: { name: "hierarchical", coordinator: "root", superiors } }, "n")).toBe(9);
  const lighter = preferences.map((each) => (each.agent === "b1" ? { ...each, weight: 1 } : each));
  expect(valueOf(lighter, { strategy: { name: "hierarchical", coordinator: "root", superiors } }, "n")).toBe(3);
});

describe("the price of the value (A26)", () => {
  const preferences = [
    { agent: "coder", value: 0.1, weight: 5 },
    { agent: "creative", value: 1.2, weight: 8 },
    { agent: "reviewer", value: 0.3, weight: 3 },
  ];
  test.each([
    ["second_price", 5],
    ["first_price", 8],
    ["english", 6],
    ["dutch", 8],
  ] as const)("%s: %d", (format, price) => {
    const result = negotiateValue(temperature, preferences, { strategy: { name: "auction", format } });
    const payments = { coder: 0, creative: price, reviewer: 0 };
    expect(result).toMatchObject({
      ok: true,
      value: 1.2,
      report: { unit: 1, sale: { winner: "creative", price, payments } },
    });
  });

  test("is in tenths where weights are", () => {
    const result = negotiateValue(temperature, table, { strategy: "auction" });
    expect(result).toMatchObject({ report: { unit: 0.1, sale: { winner: "coder", price: 3 } } });
  });
});

describe("whatever is proposed", () => {
  const strategies = ["weighted_consensus", "consensus", "auction", "market_based", "hierarchical"] as const;

  test.each(strategies)("%s: within the proposals, the common value if all agree", (strategy) => {
    fc.assert(
      fc.property(numbers, fc.double({ min: 0, max: 2, noNaN: true }), (preferences, common) => {
        const value = Number(valueOf(preferences, { strategy }));
        const all = preferences.map((each) => Number(each.value));
        expect(value).toBeGreaterThanOrEqual(Math.min(...all));
        expect(value).toBeLessThanOrEqual(Math.max(...all));
        expect(
          valueOf(
            preferences.map((each) => ({ ...each, value: common })),
            { strategy },
          ),
        ).toBe(common);
      }),
      many,
    );
  });

  test.each(["weighted_consensus", "consensus", "market_based"] as const)(
    "%s: no order matters to numbers",
    (strategy) => {
      fc.assert(
        fc.property(numbers, (preferences) => {
          expect(valueOf(preferences.toReversed(), { strategy })).toBe(valueOf(preferences, { strategy }));
        }),
        many,
      );
    },
  );

  test("of words, order decides ties only", () => {
    fc.assert(
      fc.property(words, (preferences) => {
        const weights = new Map<string, number>();
        for (const { value, weight = 1 } of preferences)
          weights.set(String(value), (weights.get(String(value)) ?? 0) + weight);
        const top = Math.max(...weights.values());
        const best = [...weights].filter(([, weight]) => weight === top).map(([word]) => word);
        expect(valueOf(preferences, {}, "format")).toBe(best[0]);
        expect(best).toContain(valueOf(preferences.toReversed(), {}, "format"));
      }),
      many,
    );
  });

  test("half of the weight is enough for the median: 0.1 + 0.2 is half of 0.6", () => {
    const halves = [
      { agent: "a", value: 1, weight: 0.1 },
      { agent: "b", value: 1, weight: 0.2 },
      { agent: "c", value: 2, weight: 0.3 },
    ];
    expect(valueOf(halves, { strategy: "market_based" }, "n")).toBe(1);
  });

  test("nobody brings the median nearer by saying something else", () => {
    fc.assert(
      fc.property(numbers, fc.double({ min: 0, max: 2, noNaN: true }), fc.nat(), (preferences, lie, which) => {
        const place = which % preferences.length;
        const truth = Number(preferences[place]?.value);
        const lying = preferences.map((each, index) => (index === place ? { ...each, value: lie } : each));
        const honest = Math.abs(Number(valueOf(preferences, { strategy: "market_based" })) - truth);
        expect(Math.abs(Number(valueOf(lying, { strategy: "market_based" })) - truth)).toBeGreaterThanOrEqual(honest);
      }),
      many,
    );
  });

  test("what comes out is allowed", () => {
    const constraint = fc.record(
      {
        min: fc.integer({ min: -2, max: 3 }),
        max: fc.integer({ min: -2, max: 3 }),
        step: fc.constantFrom(0.1, 0.25, 0.3, 1),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(numbers, constraint, (preferences, constraints) => {
        const result = negotiateValue("x", preferences, { constraints });
        const { min = -Infinity, max = Infinity, step } = constraints;
        if (!result.ok) {
          expect(min).toBeGreaterThan(max - (step ?? 0));
          return;
        }
        const value = Number(result.value);
        expect(value).toBeGreaterThanOrEqual(min);
        expect(value).toBeLessThanOrEqual(max);
        if (step === undefined) return;
        const steps = (value - (constraints.min ?? 0)) / step;
        expect(Math.abs(steps - Math.round(steps))).toBeLessThan(1e-6);
      }),
      many,
    );
  });
});

test("preferences are asked for; who throws, is late or talks rubbish is absent and named", async () => {
  const clock = fakeClock();
  const gathering = gatherPreferences(
    "temperature",
    {
      slow: () => new Promise(() => {}),
      coder: () => ({ value: 0.1, weight: 0.4 }),
      broken() {
        throw new Error("no idea");
      },
      odd: () => ({ value: Number.NaN }),
      silent: () => null,
      reviewer: async () => ({ value: 0.3 }),
    },
    { clock, timeoutMs: 100 },
  );
  await clock.advance(100);
  const { preferences, absent } = await gathering;
  expect(preferences).toEqual([
    { agent: "coder", value: 0.1, weight: 0.4 },
    { agent: "reviewer", value: 0.3 },
  ]);
  expect(absent.map(({ agent, reason }) => `${agent} ${reason}`)).toEqual(["slow late", "broken threw", "odd invalid"]);
});

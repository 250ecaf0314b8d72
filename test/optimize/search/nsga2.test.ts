import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson, seededRng, UsageError } from "#foundation";
import { front, hypervolume, nsga2, readSearchState, tpe } from "#optimize";
import type { Objectives, ObjectiveValues, SearchState, Trial } from "#optimize";
import { objectivesContract } from "#testing";
import { choice, float, integer, sampleConfiguration, space, validateConfiguration } from "#variables";
import type { Configuration } from "#variables";
import { anyConditionalSpace, anySpace, anyWholeSpace } from "../../variables/any-space.ts";

const objectives: Objectives = { accuracy: "maximize", usd: "minimize" };

/** The more tokens the better and the dearer; debates are better and much dearer; heat is only ever bad. */
const team = space(
  [
    choice("topology", ["single", "debate"]),
    integer("rounds", { min: 1, max: 5 }),
    float("tokens", { min: 100, max: 10_000, log: true }),
    float("heat", { min: 0, max: 2 }),
    float("noise", { min: 0, max: 2 }),
  ],
  {
    when: { rounds: { topology: "debate" } },
    constraints: [{ name: "mild", expect: { atMost: [{ sum: ["heat", "noise"] }, 3] } }],
  },
);

function measure({ rounds = 0, tokens, heat, noise }: Configuration): ObjectiveValues {
  const error = (0.2 + 200 / Number(tokens)) * 0.8 ** Number(rounds) + (Number(heat) + Number(noise)) / 4;
  return { accuracy: 1 - error, usd: (Number(tokens) * (1 + Number(rounds))) / 10_000 };
}

interface SearchPlan {
  readonly seed: number;
  readonly count: number;
  readonly atOnce?: number;
}

/** A search of the team until so many trials are told. */
function search(population: number, { seed, count, atOnce = 1 }: SearchPlan): SearchState {
  const sampler = nsga2({ population });
  let state = sampler.start(team, { objectives });
  while (state.trials.length < count) {
    const asked = sampler.ask(state, seededRng(seed), atOnce);
    state = sampler.issue(state, asked);
    for (const { id, configuration } of asked) state = sampler.tell(state, { id, objectives: measure(configuration) });
  }
  return state;
}

function volumeOf(state: SearchState): number {
  return hypervolume(
    front(state).map((trial) => trial.objectives),
    { accuracy: 0, usd: 5 },
    objectives,
  );
}

/** A state in which these configurations came to these values; `undefined` is a failure. */
function told(searched: SearchState, outcomes: readonly (readonly [Configuration, ObjectiveValues | undefined])[]) {
  let state = searched;
  for (const [at, [configuration, values]] of outcomes.entries()) {
    state = nsga2().issue(state, [{ id: `own ${at}`, configuration }]);
    state = nsga2().tell(state, {
      id: `own ${at}`,
      ...(values === undefined ? { failed: true } : { objectives: values }),
    });
  }
  return state;
}

const seeds = Array.from({ length: 20 }, (_, seed) => seed);

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

describe("nsga2 with objectives", () => {
  for (const [claim, check] of Object.entries(objectivesContract)) {
    test(claim, () => check(() => ({ sampler: nsga2({ population: 5 }), space: team })));

    test(`${claim}, over any space`, () =>
      fc.assert(
        fc.asyncProperty(fc.oneof(anySpace, anyConditionalSpace, anyWholeSpace), async (searched) => {
          fc.pre(searched.variables.length > 0);
          await check(() => ({ sampler: nsga2({ population: 5 }), space: searched }));
        }),
        { numRuns: 8, seed: 6 },
      ));
  }

  test("finds a clearly better front than chance does, one at a time or eight at once", () => {
    const medianOf = (population: number, atOnce: number): number =>
      median(seeds.slice(0, 9).map((seed) => volumeOf(search(population, { seed, count: 96, atOnce }))));
    const chance = medianOf(96, 1);
    expect(medianOf(12, 1)).toBeGreaterThan(chance + 0.15);
    expect(medianOf(12, 8)).toBeGreaterThan(chance + 0.15);
  });

  /** A child of one parent moves one variable: where that is x, y names the parent. */
  const twin = space([float("x", { min: 0, max: 1 }), choice("y", [...Array(50).keys()])]);
  const parentsOf = (state: SearchState, population = 3): ReadonlySet<unknown> =>
    new Set(
      seeds
        .flatMap((seed) => nsga2({ population }).ask(state, seededRng(seed), 20))
        .flatMap(({ configuration: { x, y } }) => (x === 0.5 ? [] : [y])),
    );

  test("children come from the front before what it dominates, and never from what failed", () => {
    const start = nsga2().start(twin, { objectives });
    const at = (y: number, values: ObjectiveValues | undefined) => [{ x: 0.5, y }, values] as const;
    const worse = [10, 11].map((y) => at(y, { accuracy: -1, usd: y }));
    const failed = [20, 21, 22].map((y) => at(y, undefined));
    const best = [0, 1, 2].map((y) => at(y, { accuracy: y / 10, usd: y }));
    expect(parentsOf(told(start, [...worse, ...failed, ...best]))).toEqual(new Set([0, 1, 2]));
    expect(parentsOf(told(start, [...worse, ...failed]))).toEqual(new Set([10, 11]));
  });

  test("of a crowded front the ends and the lonely ones have children", () => {
    const at = (y: number, accuracy: number, usd: number) =>
      [
        { x: 0.5, y },
        { accuracy, usd },
      ] as const;
    const crowd = [0.6, 0.61, 0.62, 0.63, 0.64, 0.65].map((gain, place) => at(20 + place, gain, gain));
    const state = told(nsga2().start(twin, { objectives }), [...crowd, at(0, 0, 0), at(1, 0.3, 0.3), at(2, 1, 1)]);
    expect(parentsOf(state)).toEqual(new Set([0, 1, 2]));
  });

  test.each([
    ["plain", (value: number) => value],
    ["large", (value: number) => 1000 * value],
    ["as wide as numbers go", (value: number) => (value / 5 - 1) * 1.7e308],
  ])("every objective counts the same for who is lonely, where its numbers are %s", (_, scaled) => {
    const points = [
      [0, 0],
      [6, 0.5],
      [6.5, 6.5],
      [8, 8],
      [10, 10],
    ] as const;
    const search = nsga2().start(twin, { objectives: { ...objectives, same: "maximize" } });
    const bent = points.map(
      ([accuracy, usd], y) =>
        [
          { x: 0.5, y },
          { accuracy, usd: scaled(usd), same: 1 },
        ] as const,
    );
    expect(parentsOf(told(search, bent))).toEqual(new Set([0, 1, 4]));
  });

  test("children have something of both parents", () => {
    const triple = space([
      float("x", { min: 0, max: 1 }),
      integer("y", { min: 0, max: 9 }),
      integer("z", { min: 0, max: 9 }),
    ]);
    const state = told(nsga2().start(triple, { objectives }), [
      [
        { x: 0.5, y: 0, z: 0 },
        { accuracy: 0, usd: 0 },
      ],
      [
        { x: 0.5, y: 9, z: 9 },
        { accuracy: 1, usd: 1 },
      ],
    ]);
    const children = seeds.flatMap((seed) => nsga2({ population: 2 }).ask(state, seededRng(seed), 10));
    const mixed = children.filter(({ configuration: { x, y, z } }) => x !== 0.5 && y !== z);
    expect(mixed.length).toBeGreaterThan(4);
  });

  test("both ends of every objective have children, before the loneliest in the middle", () => {
    const turned = ([a, b, c]: readonly [number, number, number]) => [
      { a, b, c },
      { a: c, b: a, c: b },
      { a: b, b: c, c: a },
    ];
    const ends = [...turned([9, 3, 3]), ...turned([0, 7.5, 7.5])];
    const shadows = [...turned([8.9, 3.05, 3.05]), ...turned([0.1, 7.45, 7.45])];
    const state = told(
      nsga2().start(twin, { objectives: { a: "maximize", b: "maximize", c: "maximize" } }),
      [...ends, ...shadows, { a: 5, b: 5, c: 5 }].map((values, y) => [{ x: 0.5, y }, values] as const),
    );
    expect(parentsOf(state, 6)).toEqual(new Set(ends.keys()));
  });

  test("the best of a minimised score has children more often than the second best", () => {
    let state = nsga2().start(twin, { goal: "minimize" });
    for (const y of [0, 1, 2]) {
      state = nsga2().issue(state, [{ id: `own ${y}`, configuration: { x: 0.5, y } }]);
      state = nsga2().tell(state, { id: `own ${y}`, score: y });
    }
    expect(parentsOf(state, 2)).toEqual(new Set([0, 1]));
    const children = seeds.flatMap((seed) => nsga2({ population: 2 }).ask(state, seededRng(seed), 20));
    const of = (parent: number): number =>
      children.filter(({ configuration: { x, y } }) => x !== 0.5 && y === parent).length;
    expect(of(0)).toBeGreaterThan(1.5 * of(1));
  });

  test("searches one score too: with a goal, or with one objective the same", () => {
    const near = ({ tokens, heat }: Configuration): number => Math.abs(Number(tokens) - 1000) / 1000 + Number(heat);
    const sampler = nsga2({ population: 10 });
    const trialsOf = (isObjective: boolean): readonly Trial[] => {
      let state = sampler.start(team, isObjective ? { objectives: { far: "minimize" } } : { goal: "minimize" });
      for (let trial = 0; trial < 80; trial++) {
        const asked = sampler.ask(state, seededRng(1), 1);
        state = sampler.issue(state, asked);
        for (const { id, configuration } of asked) {
          const far = near(configuration);
          state = sampler.tell(state, isObjective ? { id, objectives: { far } } : { id, score: far });
        }
      }
      return state.trials.map(({ id, configuration }) => ({ id, configuration }));
    };
    expect(trialsOf(true)).toEqual(trialsOf(false));
    const best = (trials: readonly Trial[]): number =>
      Math.min(...trials.map(({ configuration }) => near(configuration)));
    expect(best(trialsOf(false))).toBeLessThan(best(trialsOf(false).slice(0, 10)) / 2);
  });

  test("comes to an end in a finite space, after all of it", () => {
    const finite = space([integer("n", { min: 1, max: 6 }), choice("a", ["x", "y"])], { when: { n: { a: "x" } } });
    const sampler = nsga2({ population: 3 });
    let state = sampler.start(finite, { objectives });
    for (
      let asked = sampler.ask(state, seededRng(1), 2);
      asked.length > 0;
      asked = sampler.ask(state, seededRng(1), 2)
    ) {
      state = sampler.issue(state, asked);
      for (const { id } of asked) state = sampler.tell(state, { id, objectives: { accuracy: 1, usd: 1 } });
    }
    expect(new Set(state.trials.map(({ configuration }) => canonicalJson(configuration))).size).toBe(7);
    expect(front(state)).toHaveLength(7);
  });

  test("a population that is no count is refused", () => {
    expect(() => nsga2({ population: 0 })).toThrow(UsageError);
    expect(() => nsga2({ population: 2.5 })).toThrow(UsageError);
  });
});

describe("a search for one score", () => {
  test("refuses objectives with the name of the sampler that searches them", () => {
    expect(() => tpe().start(team, { objectives })).toThrow(/nsga2/);
    expect(() => tpe().start(team, { objectives })).toThrow(UsageError);
  });

  test("has no front", () => {
    expect(() => front(tpe().start(team))).toThrow(/a score, which has a best/);
  });
});

/** Coarse values, so that many are equal. */
const anyOutcomes = fc.array(
  fc.record({
    seed: fc.nat(12),
    values: fc.option(fc.record({ accuracy: fc.nat(4), usd: fc.nat(4) }), { nil: undefined }),
  }),
  { maxLength: 24 },
);

function stateOf(outcomes: readonly { readonly seed: number; readonly values: ObjectiveValues | undefined }[]) {
  return told(
    nsga2().start(team, { objectives }),
    outcomes.map(({ seed, values }) => [sampleConfiguration(team, seededRng(seed)), values] as const),
  );
}

/** The definition, written once more. */
function isDominated(one: ObjectiveValues, by: ObjectiveValues): boolean {
  const [a, b] = [one, by].map(({ accuracy = Number.NaN, usd = Number.NaN }) => [accuracy, -usd] as const);
  if (a === undefined || b === undefined) return false;
  return b[0] >= a[0] && b[1] >= a[1] && (b[0] > a[0] || b[1] > a[1]);
}

describe("front", () => {
  test("nobody on it is dominated, everybody else is, in the order of issue", () => {
    fc.assert(
      fc.property(anyOutcomes, (outcomes) => {
        const state = stateOf(outcomes);
        const means = new Map<string, { sum: [number, number]; count: number }>();
        for (const { configuration, outcome } of state.trials) {
          if (outcome === undefined || !("objectives" in outcome)) continue;
          const { sum, count } = means.get(canonicalJson(configuration)) ?? { sum: [0, 0], count: 0 };
          const { accuracy = 0, usd = 0 } = outcome.objectives;
          means.set(canonicalJson(configuration), { sum: [sum[0] + accuracy, sum[1] + usd], count: count + 1 });
        }
        const all = [...means].map(([key, { sum, count }]) => ({
          key,
          count,
          values: { accuracy: sum[0] / count, usd: sum[1] / count },
        }));
        const expected = all.filter(({ values }) => !all.some((other) => isDominated(values, other.values)));
        expect(
          front(state).map(({ configuration, objectives: values, measurements }) => ({
            key: canonicalJson(configuration),
            count: measurements,
            values,
          })),
        ).toEqual(expected);
      }),
      { numRuns: 200, seed: 7 },
    );
  });

  test("has the trial that measured a configuration first, with the means", () => {
    const configuration = sampleConfiguration(team, seededRng(1));
    const other = sampleConfiguration(team, seededRng(2));
    const state = told(nsga2().start(team, { objectives }), [
      [configuration, { accuracy: 0.5, usd: 2 }],
      [configuration, undefined],
      [other, { accuracy: 0.7, usd: 3.5 }],
      [configuration, { accuracy: 1, usd: 4 }],
    ]);
    expect(front(state)).toEqual([
      { id: "own 0", configuration, objectives: { accuracy: 0.75, usd: 3 }, measurements: 2 },
    ]);
  });

  test("of nothing is nothing", () => {
    expect(front(nsga2().start(team, { objectives }))).toEqual([]);
  });
});

describe("a stored state with objectives", () => {
  const state = search(4, { seed: 1, count: 8 });

  test("comes back as it was, and its configurations fit", () => {
    expect(readSearchState(JSON.parse(JSON.stringify(state)), team)).toEqual(state);
    for (const { configuration } of state.trials) expect(validateConfiguration(team, configuration).ok).toBe(true);
  });

  test.each([
    ["objectives that are none", { ...state, objectives: {} }, /search.objectives/],
    ["a goal of an objective that is none", { ...state, objectives: { usd: "down" } }, /search.objectives.usd/],
    ["other objectives than its trials have", { ...state, objectives: { usd: "minimize" } }, /accuracy/],
    ["scores beside objectives", { ...state, trials: [{ ...state.trials[0], outcome: { score: 1 } }] }, /objectives/],
    ["objectives without saying so", { ...state, objectives: undefined }, /a score/],
    ["an outcome that is none", { ...state, trials: [{ ...state.trials[0], outcome: 1 }] }, /outcome/],
  ])("is refused where it is of %s", (_, value, message) => {
    expect(() => readSearchState(value, team)).toThrow(message);
    expect(() => readSearchState(value, team)).toThrow(UsageError);
  });
});

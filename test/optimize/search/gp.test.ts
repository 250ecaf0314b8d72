import { describe, expect, test } from "vitest";
import { seededRng, UsageError } from "#foundation";
import type { JsonObject } from "#foundation";
import { gp, qmc, randomSampler } from "#optimize";
import type { Sampler, SearchState } from "#optimize";
import { choice, float, integer, permutation, space, subset } from "#variables";
import type { Configuration, Space } from "#variables";

const square = space([float("x", { min: 0, max: 1 }), float("y", { min: 0, max: 1 })]);

/** A curved valley, 0 at its lowest point (0.3, 0.59). */
function valley({ x, y }: Configuration): number {
  const [u, v] = [Number(x), Number(y)];
  return (u - 0.3) ** 2 + 10 * (v - 0.5 - u * u) ** 2;
}

const team = space(
  [
    choice("coder", ["ada", "bea", "cyd", "dan"]),
    choice("topology", ["chain", "star", "debate"]),
    integer("rounds", { min: 1, max: 6 }),
    float("heat", { min: 0, max: 2 }),
  ],
  { when: { rounds: { topology: "debate" } } },
);

/** 1 for cyd debating four rounds at 0.2. */
function worth({ coder, topology, rounds = 0, heat }: Configuration): number {
  const near = (value: unknown, best: number, width: number): number => 1 / (1 + ((Number(value) - best) / width) ** 2);
  const debate = topology === "debate" ? 0.1 + 0.4 * near(rounds, 4, 1) : 0.2;
  return (coder === "cyd" ? 0.3 : 0) + debate + 0.2 * near(heat, 0.2, 0.3);
}

interface Plan {
  readonly seed: number;
  readonly count: number;
  readonly goal?: "maximize" | "minimize";
  readonly outcome: (configuration: Configuration) => { readonly score: number } | { readonly failed: true };
}

function searched(sampler: Sampler<SearchState>, over: Space, { seed, count, goal, outcome }: Plan): SearchState {
  let state = sampler.start(over, goal === undefined ? {} : { goal });
  for (let trial = 0; trial < count; trial++) {
    const asked = sampler.ask(state, seededRng(seed), 1);
    state = sampler.issue(state, asked);
    for (const { id, configuration } of asked) state = sampler.tell(state, { id, ...outcome(configuration) });
  }
  return state;
}

const seeds = [1, 2, 3, 4, 5];

/** What lacks the number is as far from one end of its range as from the middle. */
const conditional = space(
  [
    float("x", { min: 10, max: 1000, log: true }),
    permutation("order", [null, "x", 3, "b", "a"], { min: 4, max: 5 }),
    subset("set", ["a", "b", "c"], { max: 3 }),
    integer("count", { min: 5, max: 26 }),
  ],
  { when: { count: { order: { is: [3, "b", "a", null, "x"] } } } },
);

function viewsOf(trials: SearchState["trials"]): unknown[] {
  return trials.map(({ note }) => note?.["view"]);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

describe("gp", () => {
  const best = (sampler: Sampler<SearchState>, over: Space, plan: Omit<Plan, "seed">): number =>
    median(seeds.map((seed) => sampler.best(searched(sampler, over, { ...plan, seed }))?.score ?? Number.NaN));

  test("finds the bottom of a smooth valley in 30 trials, where chance comes nowhere near", () => {
    const plan = { count: 30, goal: "minimize", outcome: (at: Configuration) => ({ score: valley(at) }) } as const;
    expect(best(gp(), square, plan)).toBeLessThan(1e-5);
    expect(best(randomSampler(), square, plan)).toBeGreaterThan(1e-3);
  });

  test("is not misled by scores that are worse by orders of magnitude", () => {
    const outcome = (at: Configuration): { score: number } => ({ score: Math.exp(12 * Math.sqrt(valley(at))) });
    expect(best(gp(), square, { count: 30, goal: "minimize", outcome })).toBeLessThan(1.2);
  });

  test("finds the best of a conditional space, with the number that only it has", () => {
    const plan = { count: 45, outcome: (at: Configuration) => ({ score: worth(at) }) };
    expect(best(gp(), team, plan)).toBeGreaterThan(0.98);
    expect(best(randomSampler(), team, plan)).toBeLessThan(0.9);
  });

  test("finds a set and an order", () => {
    const lists = space([subset("tools", ["a", "b", "c", "d", "e"]), permutation("order", ["p", "q", "r", "s"])]);
    const outcome = ({ tools, order }: Configuration): { score: number } => {
      const [own, places] = [tools as readonly string[], order as readonly string[]];
      const wanted = ["b", "d"].filter((tool) => own.includes(tool)).length - 0.5 * own.length;
      const inOrder = ["s", "r", "q", "p"].filter((item, place) => places[place] === item).length;
      return { score: wanted + inOrder / 4 };
    };
    expect(best(gp(), lists, { count: 45, outcome })).toBe(2);
  });

  test("learns where trials fail and stays away", () => {
    const outcome = (at: Configuration): { failed: true } | { score: number } =>
      Number(at["x"]) > 0.5 ? { failed: true } : { score: -Math.abs(Number(at["x"]) - 0.45) };
    const late = seeds.flatMap((seed) => searched(gp(), square, { seed, count: 30, outcome }).trials.slice(20));
    const failed = late.filter((trial) => trial.outcome !== undefined && "failed" in trial.outcome);
    expect(failed.length).toBeLessThan(late.length / 4);
  });

  test("trials of one ask spread, though nothing was told between them", () => {
    const outcome = (at: Configuration): { score: number } => ({ score: -valley(at) });
    const asked = gp().ask(searched(gp(), square, { seed: 1, count: 12, outcome }), seededRng(1), 4);
    const points = asked.map(({ configuration: { x, y } }) => [Number(x), Number(y)] as const);
    for (const [at, [x, y]] of points.entries())
      for (const [u, v] of points.slice(at + 1)) expect(Math.hypot(x - u, y - v)).toBeGreaterThan(0.001);
  });

  test("starts evenly: every quarter of a range has two of the first eight trials, and chance says where", () => {
    const first = (seed: number): number[] =>
      gp({ startup: 8 })
        .ask(gp().start(square), seededRng(seed), 8)
        .map(({ configuration: { x } }) => Number(x));
    const quarters = first(3).map((x) => Math.floor(4 * x));
    expect(quarters.toSorted((a, b) => a - b)).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
    expect(first(4)).not.toEqual(first(3));
  });

  test("what costs less is asked for where costs count", () => {
    const costs = space([float("x", { min: 0, max: 1 }), choice("model", ["large", "small"])]);
    const meanCost = (costWeight: number): number => {
      const sampler = gp({ costWeight });
      let state = sampler.start(costs);
      const costOf = ({ model }: Configuration): number => (model === "large" ? 50 : 1);
      for (const { id, configuration } of qmc().ask(state, seededRng(0), 16)) {
        state = sampler.issue(state, [{ id, configuration }]);
        const score = -((Number(configuration["x"]) - 0.4) ** 2);
        state = sampler.tell(state, { id, score, cost: costOf(configuration) });
      }
      const asked = seeds.flatMap((seed) => sampler.ask(state, seededRng(seed), 2));
      return asked.reduce((sum, { configuration }) => sum + costOf(configuration), 0) / asked.length;
    };
    expect(meanCost(1)).toBe(1);
    expect(meanCost(0)).toBeGreaterThan(5);
  });

  test("the unit of the scores says nothing, even where their differences are more than a double can say", () => {
    const asked = (unit: number): unknown => {
      const outcome = (at: Configuration): { score: number } => ({
        score: unit * (15.8 * Math.tanh(valley(at)) - 7.9),
      });
      return searched(gp({ startup: 4 }), square, { seed: 1, count: 12, outcome }).trials.map(({ id, ...trial }) => {
        return { id, configuration: trial.configuration, note: trial.note };
      });
    };
    expect(asked(2 ** 1021)).toEqual(asked(1));
    expect(asked(2 ** -1000)).toEqual(asked(1));
  });

  test("one score that is worse than all others by any factor does not end the modelling", () => {
    const outcome = ({ x, y }: Configuration): { score: number } => ({
      score: Number(x) > 0.75 ? -1e308 : -1e-300 * valley({ x: x ?? 0, y: y ?? 0 }),
    });
    const { trials } = searched(gp({ startup: 8 }), square, { seed: 1, count: 20, outcome });
    expect(viewsOf(trials.slice(8))).not.toContain(undefined);
  });

  test("equal scores do not end the modelling of a conditional number", () => {
    const outcome = (): { score: number } => ({ score: 1 });
    for (const seed of seeds) {
      const { trials } = searched(gp({ startup: 4 }), conditional, { seed, count: 24, outcome });
      expect(viewsOf(trials.slice(4))).not.toContain(undefined);
    }
  });

  test.each([
    ["a range wider than the largest number", { min: -1e308, max: 1e308 }],
    ["a logarithmic range wider than the largest ratio", { min: 1e-300, max: 1e300, log: true }],
  ])("searches %s", (_, range) => {
    const outcome = ({ x }: Configuration): { score: number } => ({
      score: -Math.abs(Math.log10(1 + Math.abs(Number(x)))),
    });
    const { trials } = searched(gp({ startup: 4 }), space([float("x", range)]), { seed: 1, count: 24, outcome });
    expect(viewsOf(trials.slice(4))).not.toContain(undefined);
    expect(Math.abs(Number(trials.at(-1)?.configuration["x"]))).toBeLessThan(1e306);
  });

  test("notes of the caller's own change nothing, whatever they are called and say", () => {
    const outcome = (at: Configuration): { score: number } => ({ score: -valley(at) });
    const state = searched(gp(), square, { seed: 1, count: 14, outcome });
    const asked = (note?: JsonObject): unknown => {
      const own = { id: "own", configuration: { x: 0.9, y: 0.1 }, ...(note === undefined ? {} : { note }) };
      const after = gp().tell(gp().issue(state, [own]), { id: "own", score: -9 });
      return gp().ask(after, seededRng(1), 4);
    };
    const zeros = [0, 0, 0, 0, 0];
    for (const said of [
      "gpt-4",
      null,
      {},
      { fit: "x" },
      { fit: [1e300, 0, 0, 0, 0], fitted: 9 },
      { fit: zeros, fitted: "x" },
    ])
      expect(asked({ model: said, near: said, design: said })).toEqual(asked());
  });

  test("options that are none are refused, and so are several objectives", () => {
    expect(() => gp({ startup: 0 })).toThrow(UsageError);
    expect(() => gp({ costWeight: 2 })).toThrow(UsageError);
    expect(() => gp().start(square, { objectives: { score: "maximize" } })).toThrow(UsageError);
  });
});

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seededRng, shuffle, UsageError } from "#foundation";
import { importance, randomSampler, tpe, variableImportance } from "#optimize";
import type { Sampler, ScoredConfiguration, SearchState, VariableImportance } from "#optimize";
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
} from "#variables";
import type { Configuration, Space } from "#variables";

/** Random configurations with what they come to and noise of this size. */
function measurementsOf(
  of: Space,
  score: (configuration: Configuration) => number,
  { count = 120, noise = 0.1, seed = 1 } = {},
): readonly ScoredConfiguration[] {
  const rng = seededRng(seed);
  return Array.from({ length: count }, (_, at) => {
    const configuration = sampleConfiguration(of, rng.fork(`${at}`));
    return { configuration, score: score(configuration) + noise * (2 * rng.next() - 1) };
  });
}

function shares(found: readonly VariableImportance[]): Readonly<Record<string, number>> {
  return Object.fromEntries(found.map(({ variable, share }) => [variable, share]));
}

const number = (value: unknown): number => Number(value);
const total = (found: readonly VariableImportance[]): number => found.reduce((sum, { share }) => sum + share, 0);

const mixed = space([
  float("strong", { min: 0, max: 1 }),
  choice("middle", ["p", "q", "r"]),
  integer("weak", { min: 1, max: 8 }),
  float("idle", { min: 0, max: 1 }),
  choice("idler", ["w", "x", "y", "z"]),
]);
const additive = ({ strong, middle, weak }: Configuration): number =>
  2 * number(strong) + { p: 0, q: 1, r: 0.3 }[String(middle) as "p"] + 0.08 * number(weak);

describe("variableImportance", () => {
  test("ranks variables as the function has them, the most important first, and shares out 1", () => {
    const found = variableImportance(measurementsOf(mixed, additive), mixed);
    expect(found.map(({ variable }) => variable).slice(0, 3)).toEqual(["strong", "middle", "weak"]);
    expect(total(found)).toBeCloseTo(1, 12);
    // The variances of the three terms are .333, .176 and .034.
    const { strong, middle } = shares(found);
    expect(strong).toBeGreaterThan(0.5);
    expect(strong).toBeLessThan(0.75);
    expect(middle).toBeGreaterThan(0.2);
  });

  test("variables that nothing depends on have next to no share, in noise as large as the weakest effect too", () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const { idle, idler } = shares(variableImportance(measurementsOf(mixed, additive, { noise: 0.5, seed }), mixed));
      expect(number(idle) + number(idler)).toBeLessThan(0.03);
    }
  });

  test("pure noise: nothing matters", () => {
    for (const seed of [1, 2, 3, 4, 5, 6])
      expect(
        total(
          variableImportance(
            measurementsOf(mixed, () => 0, { noise: 1, seed }),
            mixed,
          ),
        ),
      ).toBe(0);
  });

  test("an interaction without effects of its own is noticed", () => {
    const switches = space([choice("a", [0, 1]), choice("b", [0, 1]), float("c", { min: 0, max: 1 })]);
    const { a, b, c } = shares(
      variableImportance(
        measurementsOf(switches, (configuration) => (configuration["a"] === configuration["b"] ? 1 : 0)),
        switches,
      ),
    );
    expect(a).toBeGreaterThan(0.4);
    expect(b).toBeGreaterThan(0.4);
    expect(c).toBe(0);
  });

  test("a conditional variable counts where it is active, and its absence for the one that switches it off", () => {
    const branches = space(
      [
        choice("way", ["linear", "net"]),
        float("rate", { min: 1e-4, max: 1, log: true }),
        float("slope", { min: 0, max: 1 }),
      ],
      { when: { rate: { way: "net" }, slope: { way: "linear" } } },
    );
    const flat = measurementsOf(branches, ({ rate }) => (rate === undefined ? 0 : Math.log10(number(rate)) / 4 + 0.5));
    const found = shares(variableImportance(flat, branches));
    expect(found["rate"]).toBeGreaterThan(0.5);
    expect(found["slope"]).toBe(0);
    const high = measurementsOf(branches, ({ way }) => (way === "net" ? 1 : 0));
    expect(shares(variableImportance(high, branches))).toEqual({ way: 1, rate: 0, slope: 0 });
  });

  test("that a variable can be told from the absence of others takes nothing from it", () => {
    const ways = space(
      [
        choice("way", ["linear", "net"]),
        choice("side", ["left", "right"]),
        float("rate", { min: 0, max: 1 }),
        float("slope", { min: 0, max: 1 }),
        float("bend", { min: 0, max: 1 }),
      ],
      { when: { rate: { way: "net" }, slope: { way: "linear" }, bend: { way: "linear" } } },
    );
    const both = measurementsOf(ways, ({ way, side }) => (way === "net" ? 1 : 0) + (side === "left" ? 1 : 0));
    expect(Math.abs(number(shares(variableImportance(both, ways))["way"]) - 0.5)).toBeLessThan(0.07);
  });

  test("every kind of variable is judged; what is computed has no share", () => {
    const demonstrations = ["a", "b", "c"].map((n) => ({ inputs: { n }, outputs: { n } }));
    const kinds = space([
      subset("team", ["ann", "bob", "cid"]),
      permutation("order", ["first", "second", "third"], { min: 3 }),
      text("instruction", { candidates: ["short", "long", "kind"] }),
      demos("demos", { pool: demonstrations, max: 2 }),
      module("strategy", ["predict", "chain_of_thought"]),
      composite("twice", { compute: { product: ["size", 2] } }),
      integer("size", { min: 1, max: 4 }),
    ]);
    const own: Readonly<Record<string, (configuration: Configuration) => boolean>> = {
      team: ({ team }) => (team as string[]).includes("bob"),
      order: ({ order }) => (order as string[])[0] === "second",
      instruction: ({ instruction }) => instruction === "long",
      demos: ({ demos: chosen }) => JSON.stringify(chosen).includes('"b"'),
      strategy: ({ strategy }) => strategy === "predict",
      size: ({ size }) => number(size) > 2,
    };
    for (const [name, isGood] of Object.entries(own)) {
      const scored = measurementsOf(kinds, (configuration) => (isGood(configuration) ? 1 : 0));
      const found = variableImportance(scored, kinds);
      expect(found[0]?.variable).toBe(name);
      expect(found[0]?.share).toBeGreaterThan(0.95);
      expect(found.map(({ variable }) => variable).toSorted()).toEqual(Object.keys(own).toSorted());
    }
  });

  test("the order of the configurations is irrelevant, and so is the scale of the scores", () => {
    const scored = measurementsOf(mixed, additive, { count: 60 });
    const found = variableImportance(scored, mixed);
    expect(variableImportance(shuffle(seededRng(3), scored), mixed)).toEqual(found);
    const lifted = scored.map(({ configuration, score }) => ({ configuration, score: 1000 - 8 * score }));
    for (const [name, share] of Object.entries(shares(variableImportance(lifted, mixed))))
      expect(share).toBeCloseTo(shares(found)[name] ?? Number.NaN, 1);
  });

  test("what was measured twice counts once, with its mean", () => {
    const scored = measurementsOf(mixed, additive, { count: 60 });
    const twice = scored.flatMap(({ configuration, score }) => [
      { configuration, score: score + 0.5 },
      { configuration, score: score - 0.5 },
    ]);
    const [one, other] = [variableImportance(scored, mixed), variableImportance(twice, mixed)];
    for (const [name, share] of Object.entries(shares(other))) expect(share).toBeCloseTo(shares(one)[name] ?? -1, 1);
  });

  test("paths beside the space are ignored, and defaults that are unsaid are said", () => {
    const scored = measurementsOf(mixed, additive, { count: 40 });
    const beside = scored.map(({ configuration, score }) => ({ configuration: { ...configuration, "x/y": 1 }, score }));
    expect(variableImportance(beside, mixed)).toEqual(variableImportance(scored, mixed));
    const unsaid = [...scored.slice(1), { configuration: {}, score: 1 }];
    expect(total(variableImportance(unsaid, mixed))).toBeCloseTo(1, 12);
  });

  test("equal scores: nothing matters; too few or faulty ones are refused", () => {
    const scored = measurementsOf(mixed, () => 0.7, { noise: 0, count: 20 });
    expect(variableImportance(scored, mixed).every(({ share }) => share === 0)).toBe(true);
    expect(() => variableImportance(scored.slice(0, 9), mixed)).toThrow(
      /at least 10 different configurations with a score, got 9/,
    );
    expect(() => variableImportance([{ configuration: {}, score: Number.NaN }], mixed)).toThrow(UsageError);
  });

  test("of very many configurations some say enough", () => {
    const found = variableImportance(measurementsOf(mixed, additive, { count: 1500 }), mixed);
    expect(total(found)).toBeCloseTo(1, 12);
    expect(found.map(({ variable }) => variable).slice(0, 3)).toEqual(["strong", "middle", "weak"]);
  });

  test("shares are finite, at least 0, and 1 or 0 together, whatever was measured", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 12, maxLength: 40 }),
        (scores) => {
          const configurations = measurementsOf(mixed, () => 0, { count: scores.length });
          const found = variableImportance(
            configurations.map(({ configuration }, at) => ({ configuration, score: scores[at] ?? 0 })),
            mixed,
          );
          expect(found.every(({ share }) => Number.isFinite(share) && share >= 0)).toBe(true);
          expect([0, 1]).toContain(Number(total(found).toFixed(9)));
        },
      ),
      { numRuns: 25, seed: 1 },
    );
  });
});

describe("importance", () => {
  function searched(sampler: Sampler<SearchState>): SearchState {
    let state = sampler.start(mixed);
    for (let trial = 0; trial < 60; trial++) {
      const asked = sampler.ask(state, seededRng(trial), 1);
      state = sampler.issue(state, asked);
      for (const { id, configuration } of asked)
        state = sampler.tell(state, trial === 7 ? { id, failed: true } : { id, score: additive(configuration) });
    }
    return sampler.issue(state, sampler.ask(state, seededRng("out"), 1));
  }

  test("reads the measured trials of a search, not those that failed or are out", () => {
    const state = searched(randomSampler());
    const scored = state.trials.flatMap(({ configuration, outcome }) =>
      outcome !== undefined && "score" in outcome ? [{ configuration, score: outcome.score }] : [],
    );
    expect(scored).toHaveLength(59);
    expect(importance(state)).toEqual(variableImportance(scored, mixed));
    expect(importance(JSON.parse(JSON.stringify(state)) as SearchState)).toEqual(importance(state));
  });

  test("of a search that closed in on the best, the inert variables have next to no share", () => {
    const { idle, idler, strong, middle } = shares(importance(searched(tpe())));
    expect(number(idle) + number(idler)).toBeLessThan(0.1);
    expect(number(strong) + number(middle)).toBeGreaterThan(0.6);
  });

  test("of several objectives one is asked for", () => {
    const start = randomSampler().start(mixed);
    const trials = measurementsOf(mixed, additive, { count: 60 }).map(({ configuration, score }, at) => ({
      id: `trial-${at}`,
      configuration,
      outcome: { objectives: { quality: score, usd: number(configuration["idle"]) } },
    }));
    const state: SearchState = { ...start, objectives: { quality: "maximize", usd: "minimize" }, trials };
    expect(importance(state, { objective: "quality" })[0]?.variable).toBe("strong");
    expect(importance(state, { objective: "usd" })[0]).toEqual({ variable: "idle", share: 1 });
    expect(() => importance(state)).toThrow(/expected quality or usd/);
    expect(() => importance(searched(randomSampler()), { objective: "usd" })).toThrow(/one score/);
  });
});

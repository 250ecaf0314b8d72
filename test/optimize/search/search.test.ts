import { describe, expect, test } from "vitest";
import { canonicalJson, seededRng, UsageError } from "#foundation";
import { auto, evolutionSampler, gp, grid, qmc, randomSampler, readSearchState, tpe } from "#optimize";
import type { Sampler, SearchState, Trial } from "#optimize";
import { choice, float, integer, space, text } from "#variables";
import { enumerateConfigurations } from "#variables/search";
import type { Configuration, Space } from "#variables";

const square = space([float("x", { min: 0, max: 1 }), float("y", { min: 0, max: 1 })]);

const team = space(
  [
    choice("coder", ["ada", "bea", "cyd", "dan"]),
    choice("topology", ["chain", "star", "debate"]),
    integer("rounds", { min: 1, max: 6 }),
    float("heat", { min: 0, max: 2 }),
    float("tokens", { min: 100, max: 10_000, log: true }),
  ],
  { when: { rounds: { topology: "debate" } } },
);

/** 1 for cyd debating four rounds, cold, with 1,000 tokens; what the topology switches off is worth nothing. */
function worth({ coder, topology, rounds = 0, heat, tokens }: Configuration): number {
  const near = (value: unknown, best: number, width: number): number => 1 / (1 + ((Number(value) - best) / width) ** 2);
  const debate = topology === "debate" ? 0.2 + 0.2 * near(rounds, 4, 1) : 0.1;
  const numbers = 0.2 * near(heat, 0.2, 0.3) + 0.2 * near(Math.log(Number(tokens)), Math.log(1000), 0.7);
  return (coder === "cyd" ? 0.2 : 0) + debate + numbers;
}

interface Searched {
  readonly best: number;
  readonly trials: readonly Trial[];
}

interface SearchPlan {
  readonly seed: number;
  readonly count: number;
  readonly score?: (configuration: Configuration) => number;
}

function search(sampler: Sampler, searched: Space, { seed, count, score = worth }: SearchPlan): Searched {
  let state = sampler.start(searched);
  const trials: Trial[] = [];
  while (trials.length < count) {
    const asked = sampler.ask(state, seededRng(seed), 1);
    if (asked.length === 0) break;
    trials.push(...asked);
    state = sampler.issue(state, asked);
    for (const { id, configuration } of asked) state = sampler.tell(state, { id, score: score(configuration) });
  }
  return { best: sampler.best(state)?.score ?? Number.NaN, trials };
}

const seeds = Array.from({ length: 20 }, (_, seed) => seed);

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

describe("tpe", () => {
  test("finds clearly better configurations of a conditional space than chance does", () => {
    const medianOf = (sampler: Sampler): number =>
      median(seeds.map((seed) => search(sampler, team, { seed, count: 60 }).best));
    expect(medianOf(tpe())).toBeGreaterThan(medianOf(randomSampler()) + 0.05);
  });

  test("asks near the best of a smooth function, not of what failed", () => {
    let state = tpe().start(square, { goal: "minimize" });
    const trials = qmc().ask(state, seededRng(0), 60);
    state = tpe().issue(state, trials);
    for (const { id, configuration } of trials) {
      const [x, y] = [Number(configuration["x"]), Number(configuration["y"])];
      const failed = x > 0.5;
      state = tpe().tell(state, failed ? { id, failed } : { id, score: (x - 0.2) ** 2 + (y - 0.7) ** 2 });
    }
    const asked = seeds.flatMap((seed) => tpe().ask(state, seededRng(seed), 1));
    const near = asked.filter(({ configuration: { x, y } }) => Math.hypot(Number(x) - 0.2, Number(y) - 0.7) < 0.25);
    expect(near.length).toBeGreaterThanOrEqual(15);
  });

  test("trials that are out push further ones away", () => {
    let state = tpe({ startup: 10 }).start(square);
    for (const trial of qmc().ask(state, seededRng(0), 20)) {
      state = tpe().issue(state, [trial]);
      state = tpe().tell(state, { id: trial.id, score: -Math.abs(Number(trial.configuration["x"]) - 0.5) });
    }
    const spreadOf = (from: SearchState): number => {
      const own = seeds.flatMap((seed) => tpe().ask(from, seededRng(seed), 1));
      return median(own.map(({ configuration }) => Math.abs(Number(configuration["x"]) - 0.5)));
    };
    const out = Array.from({ length: 30 }, (_, at) => ({
      id: `out ${at}`,
      configuration: { x: 0.5 + at / 1000, y: at / 30 },
    }));
    expect(spreadOf(tpe().issue(state, out))).toBeGreaterThan(1.5 * spreadOf(state));
  });

  test("reuses a text that is no candidate when a trial was good with it", () => {
    const written = space([text("prompt", { candidates: ["a", "b"] }), float("x", { min: 0, max: 1 })]);
    let state = tpe().start(written);
    const own = (at: number): Trial => ({
      id: `own ${at}`,
      configuration: { prompt: at % 3 === 0 ? "written" : "a", x: at / 40 },
    });
    for (const trial of Array.from({ length: 30 }, (_, at) => own(at))) {
      state = tpe().tell(tpe().issue(state, [trial]), {
        id: trial.id,
        score: trial.configuration["prompt"] === "a" ? 0 : 1,
      });
    }
    const asked = seeds.flatMap((seed) => tpe().ask(state, seededRng(seed), 1));
    expect(asked.filter(({ configuration }) => configuration["prompt"] === "written").length).toBeGreaterThan(10);
  });

  test("counts that are no counts are refused", () => {
    expect(() => tpe({ startup: 0 })).toThrow(UsageError);
    expect(() => tpe({ draws: 1.5 })).toThrow(UsageError);
  });
});

describe("evolutionSampler", () => {
  test("finds clearly better configurations of a conditional space than chance does", () => {
    const medianOf = (sampler: Sampler): number =>
      median(seeds.map((seed) => search(sampler, team, { seed, count: 80 }).best));
    expect(medianOf(evolutionSampler())).toBeGreaterThan(medianOf(randomSampler()) + 0.05);
  });

  test("children come from every niche, not only from the best one's neighbours", () => {
    const sampler = evolutionSampler({ population: 6 });
    let state = sampler.start(square);
    const crowd = Array.from({ length: 20 }, (_, at) => ({ x: 0.1 + at / 1000, y: 0.1 }));
    const lonely = [0, 1, 2].map((at) => ({ x: 0.9, y: 0.9 - at / 100 }));
    for (const [at, configuration] of [...crowd, ...lonely].entries()) {
      state = sampler.issue(state, [{ id: `own ${at}`, configuration }]);
      state = sampler.tell(state, { id: `own ${at}`, score: at < crowd.length ? 1 : 0.5 });
    }
    const asked = seeds.flatMap((seed) => sampler.ask(state, seededRng(seed), 1));
    const fromLonely = asked.filter(({ configuration: { x, y } }) => Number(x) === 0.9 || Number(y) >= 0.88);
    expect(fromLonely.length).toBeGreaterThanOrEqual(3);
  });

  test("a configuration that was lucky once and measured again is a parent by its mean", () => {
    const sampler = evolutionSampler({ population: 2 });
    let state = sampler.start(square);
    const lucky = { x: 0.9, y: 0.9 };
    const told = [
      [lucky, 10],
      [{ x: 0.1, y: 0.1 }, 1],
      [{ x: 0.1, y: 0.3 }, 1],
      [lucky, -10],
    ] as const;
    for (const [at, [configuration, score]] of told.entries()) {
      state = sampler.issue(state, [{ id: `own ${at}`, configuration }]);
      state = sampler.tell(state, { id: `own ${at}`, score });
    }
    const asked = seeds.flatMap((seed) => sampler.ask(state, seededRng(seed), 1));
    expect(asked.filter(({ configuration: { x, y } }) => x === 0.9 || y === 0.9)).toEqual([]);
  });

  test("a population that is no count is refused", () => {
    expect(() => evolutionSampler({ population: 0 })).toThrow(UsageError);
  });
});

describe("finite spaces", () => {
  const finite = space([choice("a", ["x", "y", "z"]), integer("n", { min: 1, max: 5 }), choice("b", [true, false])], {
    when: { n: { a: "x" } },
  });
  const score = ({ a, n = 0, b }: Configuration): number => (a === "x" ? Number(n) : 2) + (b === true ? 1 : 0);
  const all = [...enumerateConfigurations(finite)].map((configuration) => canonicalJson(configuration));

  test("grid asks for every configuration once, then for nothing", () => {
    const { trials } = search(grid(), finite, { seed: 1, count: 99, score });
    expect(trials.map(({ configuration }) => canonicalJson(configuration)).toSorted()).toEqual(all.toSorted());
  });

  test("grid refuses a continuum at the start", () => {
    expect(() => grid().start(square)).toThrow(/finitely many/);
  });

  test.each([randomSampler(), qmc(), evolutionSampler(), tpe(), gp(), auto()])(
    "$name finds what chance hardly meets once little else is left",
    (sampler) => {
      const depth = Array.from({ length: 12 }, (_, at) => at);
      const conditions = depth.slice(1).map((at) => [`c${at}`, { [`c${at - 1}`]: "on" }]);
      const chain = space(
        depth.map((at) => choice(`c${at}`, ["on", "off"])),
        { when: Object.fromEntries(conditions) },
      );
      expect(search(sampler, chain, { seed: 2, count: 99, score: () => 1 }).trials).toHaveLength(depth.length + 1);
    },
  );

  test.each([randomSampler(), qmc(), evolutionSampler(), tpe(), gp(), auto()])(
    "$name never asks twice and comes to an end",
    (sampler) => {
      const { trials } = search(sampler, finite, { seed: 2, count: 99, score });
      expect(new Set(trials.map(({ configuration }) => canonicalJson(configuration))).size).toBe(trials.length);
      expect(trials).toHaveLength(all.length);
    },
  );
});

describe("qmc", () => {
  test("every eighth of a range has two of the first sixteen trials, whatever chance is given", () => {
    const asked = qmc({ seed: 7 }).ask(qmc().start(square), seededRng(1), 16);
    for (const path of ["x", "y"]) {
      const eighths = asked.map(({ configuration }) => Math.floor(Number(configuration[path]) * 8));
      expect(eighths.toSorted((a, b) => a - b)).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7]);
    }
    expect(qmc({ seed: 7 }).ask(qmc().start(square), seededRng(2), 16)).toEqual(asked);
    expect(qmc({ seed: 8 }).ask(qmc().start(square), seededRng(1), 16)).not.toEqual(asked);
  });
});

test("the mean of the largest scores is finite", () => {
  const sampler = randomSampler();
  const own = { configuration: { x: 0, y: 0 } };
  const state = sampler.issue(sampler.start(square), [
    { id: "a", ...own },
    { id: "b", ...own },
  ]);
  const told = ["a", "b"].reduce((now, id) => sampler.tell(now, { id, score: 1.5e308 }), state);
  expect(sampler.best(told)?.score).toBe(1.5e308);
});

describe("a stored state", () => {
  const state = ((): SearchState => {
    const sampler = tpe();
    const [trial] = sampler.ask(sampler.start(square), seededRng(1), 1);
    if (trial === undefined) throw new Error("nothing asked");
    return sampler.tell(sampler.issue(sampler.start(square), [trial]), { id: trial.id, score: 1 });
  })();
  const stored = (): unknown => JSON.parse(JSON.stringify(state));

  test("comes back as it was", () => {
    expect(readSearchState(stored(), square)).toEqual(state);
  });

  test.each([
    ["another space", stored(), team, /another space/],
    ["no state", [], square, /expected \{ space/],
    [
      "a trial that does not fit",
      { ...state, trials: [{ id: "a", configuration: { x: 2, y: 0 } }] },
      square,
      /trial a/,
    ],
    ["a trial that is none", { ...state, trials: [null] }, square, /trials\[0\]/],
    ["a goal that is none", { ...state, goal: "up" }, square, /goal/],
    ["no goal", { space: state.space, trials: [] }, square, /goal/],
    ["one trial twice", { ...state, trials: [...state.trials, ...state.trials] }, square, /twice/],
    [
      "a score that is none",
      { ...state, trials: [{ id: "a", configuration: { x: 0, y: 0 }, outcome: { score: null } }] },
      square,
      /score/,
    ],
  ])("is refused where it is of %s", (_, value, searched, message) => {
    expect(() => readSearchState(value, searched)).toThrow(message);
    expect(() => readSearchState(value, searched)).toThrow(UsageError);
  });
});

import { describe, expect, test } from "vitest";
import { canonicalJson, seededRng, UsageError } from "#foundation";
import {
  auto,
  evolutionSampler,
  gp,
  grid,
  optimize,
  qmc,
  randomSampler,
  searchTeleprompter,
  teleprompterNamed,
  tpe,
} from "#optimize";
import type { EvaluateWork, ExampleResult, Sampler, Task, Teleprompter } from "#optimize";
import { noUsage } from "#programs";
import { teleprompterContract } from "#testing";
import { choice, float, integer, space } from "#variables";
import { parity, parityModel, paritySpace, train, validation } from "../parity.ts";
import { options } from "../parity-run.ts";

const finite = space([choice("predict.adapter", ["chat", "json"]), integer("n", { min: 1, max: 6 })]);

const task: Task = { program: parity, space: paritySpace, baseline: {}, train, validation };
const finiteTask: Task = { ...task, space: finite };

const implementations: Readonly<Record<string, { readonly make: () => Teleprompter; readonly task: Task }>> = {
  random_search: { make: () => searchTeleprompter(randomSampler(), { candidates: 8 }), task },
  qmc: { make: () => searchTeleprompter(qmc({ seed: 2 }), { candidates: 8 }), task },
  grid_search: { make: () => searchTeleprompter(grid(), { candidates: 11 }), task: finiteTask },
  evolution: { make: () => searchTeleprompter(evolutionSampler({ population: 4 }), { candidates: 12 }), task },
  tpe: { make: () => searchTeleprompter(tpe({ startup: 3, draws: 8 }), { candidates: 12 }), task },
  gp: { make: () => searchTeleprompter(gp({ startup: 3 }), { candidates: 12 }), task },
  auto: { make: () => searchTeleprompter(auto({ startup: 3 }), { candidates: 12 }), task },
};

describe.each(Object.entries(implementations))("%s as a teleprompter", (name, { make, task: own }) => {
  for (const [claim, check] of Object.entries(teleprompterContract))
    test(claim, () => check(() => ({ teleprompter: make(), task: own })));

  test("is made again from its name and options", () => {
    const again = teleprompterNamed(name, make().options);
    expect({ name: again.name, options: again.options }).toEqual({ name, options: make().options });
  });
});

/** All that is asked for, answered at once with the score that `score` gives. */
function play(teleprompter: Teleprompter, own: Task, score: (work: EvaluateWork) => number): readonly EvaluateWork[] {
  let state = teleprompter.start(own);
  const all: EvaluateWork[] = [];
  for (;;) {
    const [work] = teleprompter.ask(state, seededRng(`${all.length}`), 1) as readonly EvaluateWork[];
    if (work === undefined) return all;
    all.push(work);
    const results = work.examples.map((index): ExampleResult => ({
      ok: true,
      score: score(work),
      index,
      usage: noUsage,
    }));
    state = teleprompter.tell(state, { type: "issued", work: [work] });
    state = teleprompter.tell(state, { type: "evaluated", work, results });
  }
}

describe("searchTeleprompter", () => {
  test("measures the baseline first, each configuration once, and keeps what the space does not name", () => {
    const baseline = { n: 3, "predict.adapter": "json", "other/x": 1 };
    const work = play(searchTeleprompter(grid()), { ...finiteTask, baseline }, () => 1);
    expect(work[0]?.configuration).toEqual(baseline);
    expect(new Set(work.map(({ configuration }) => canonicalJson(configuration))).size).toBe(12);
    expect(work).toHaveLength(12);
    expect(work.every(({ configuration }) => configuration["other/x"] === 1)).toBe(true);
  });

  test("tells the sampler what was measured: tpe closes in", () => {
    const line = space([float("x", { min: 0, max: 1 }), float("y", { min: 0, max: 1 })]);
    const near = ({ configuration: { x, y } }: EvaluateWork): number =>
      1 - Math.hypot(Number(x) - 0.3, Number(y) - 0.8);
    const late = (sampler: Sampler): number =>
      play(searchTeleprompter(sampler, { candidates: 50 }), { ...task, space: line, baseline: { x: 1, y: 0 } }, near)
        .slice(-20)
        .reduce((sum, work) => sum + near(work) / 20, 0);
    expect(late(tpe())).toBeGreaterThan(late(randomSampler()) + 0.2);
  });

  test("a search under the Runner finds the gain, and the same one again", async () => {
    const search = (): ReturnType<typeof optimize> =>
      optimize(parity, options({ model: parityModel(), teleprompter: searchTeleprompter(tpe(), { candidates: 12 }) }));
    const { report } = await search();
    expect(report.status).toBe("completed");
    expect(report.configuration["predict.demos"]).not.toEqual([]);
    expect((await search()).report.configuration).toEqual(report.configuration);
  });

  test("a number of candidates that is none, and an empty space, are refused", () => {
    expect(() => searchTeleprompter(tpe(), { candidates: 0 })).toThrow(UsageError);
    expect(() => searchTeleprompter(tpe()).start({ ...task, space: space([]) })).toThrow(UsageError);
  });
});

import { describe, expect, test } from "vitest";
import { canonicalJson, UsageError } from "#foundation";
import { optimize, teleprompterNamed } from "#optimize";
import type { EvaluateWork, Teleprompter } from "#optimize";
import { mean, module } from "#programs";
import { memoryStore } from "#storage/memory";
import { evolution, randomSearch, simba, teamTeleprompters } from "#teams";
import type { MutationStrategy } from "#teams";
import { scriptedModel, teleprompterContract } from "#testing";
import { space, text, validateConfiguration } from "#variables";
import type { Configuration } from "#variables";
import { crew, crewBaseline, crewSpace, crewTask, examples, play } from "./crew.ts";

interface Strategies {
  readonly mutationStrategies?: readonly MutationStrategy[];
}

const makes: Readonly<Record<string, (options?: Strategies) => Teleprompter>> = {
  team_random_search: (options) => randomSearch({ candidates: 40, ...options }),
  team_evolution: (options) => evolution({ candidates: 40, ...options }),
  team_simba: (options) => simba({ generations: 6, ...options }),
};

/** The paths that each strategy may change, and those that come and go with them. */
const mayChange: Readonly<Record<MutationStrategy, RegExp>> = {
  agent_selection: /^team\.crew$/,
  topology_mutation: /^team\.net(\.hub)?$/,
  parameter_mutation: /^\w+\/\w+$/,
  resource_reallocation: /^team\.time\./,
};

describe.each(Object.entries(makes))("%s", (name, make) => {
  for (const [claim, check] of Object.entries(teleprompterContract))
    test(claim, () => check(() => ({ teleprompter: make(), task: crewTask() })));

  test("is made again from its name and options", () => {
    const original = make({ mutationStrategies: ["topology_mutation"] });
    const again = teleprompterNamed(name, original.options, teamTeleprompters);
    expect({ name: again.name, options: again.options }).toEqual({ name: original.name, options: original.options });
    expect(play(again).work).toEqual(play(original).work);
  });

  test.each(Object.entries(mayChange))("with %s alone every other path is the baseline's (A47)", (strategy, own) => {
    const { work } = play(make({ mutationStrategies: [strategy as MutationStrategy] }));
    const fixed = (configuration: Configuration): Configuration => {
      return Object.fromEntries(Object.entries(configuration).filter(([path]) => !own.test(path)));
    };
    for (const { configuration } of work) {
      // Whoever joins brings defaults; whoever was there keeps what it had.
      for (const [path, value] of Object.entries(fixed(configuration)))
        expect([path, value]).toEqual([path, path in crewBaseline ? crewBaseline[path] : defaults[path]]);
      if (strategy !== "agent_selection") expect(fixed(configuration)).toEqual(fixed(crewBaseline));
      expect(configuration["ann/kept"]).toBe("as it is");
      expectValid(configuration);
    }
    expect(distinct(work)).toBe(work.length);
    expect(work.length).toBeGreaterThan(2);
  });

  test("with all strategies every group changes, and every candidate is valid and tried once", () => {
    const { work } = play(make());
    const changed = (own: RegExp): boolean =>
      work.some(({ configuration }) =>
        Object.keys(configuration).some((path) => own.test(path) && !same(configuration[path], crewBaseline[path])),
      );
    expect(Object.values(mayChange).every(changed)).toBe(true);
    for (const { configuration } of work) expectValid(configuration);
    expect(distinct(work)).toBe(work.length);
  });

  test("a state that was written and read after every outcome goes the same way", () => {
    expect(play(make(), { isReread: true }).work).toEqual(play(make()).work);
  });

  test("the result never scores below the baseline on the validation examples (R87)", () => {
    for (let seed = 0; seed < 10; seed++) {
      const { incumbent, results } = play(make(), { seed });
      const baseline = mean((results[0] ?? []).map((result) => (result.ok ? result.score : 0)));
      expect(incumbent?.score).toBeGreaterThanOrEqual(baseline);
    }
    const worse = play(make(), { score: (configuration) => (same(configuration, crewBaseline) ? 0.6 : 0.5) });
    expect(worse.incumbent?.configuration).toEqual(crewBaseline);
  });

  test("a budget of 25 evaluations is kept, baseline and comparison included, and the best so far comes back (A50)", async () => {
    let scored = 0;
    const { report } = await optimize(crew, {
      store: memoryStore(),
      space: crewSpace,
      teleprompter: make({ mutationStrategies: ["agent_selection", "topology_mutation", "parameter_mutation"] }),
      model: scriptedModel([]),
      modules: [module("work", ({ inputs, config }) => ({ m: Number(inputs["n"]) + worth(config) }))],
      metric: ({ m }: { m: number }, { inputs }) => (scored++, m - inputs.n),
      train: examples(4, 100),
      validation: examples(12),
      test: examples(20, 200),
      budget: { evaluations: 25 },
      seed: 3,
    });
    expect(report.spend.evaluations).toBe(25);
    expect(scored).toBe(23 * 12 + 2 * 20);
    expect(report.status).toBe("completed");
    const [best] = report.candidates;
    expect(best?.score).toBe(Math.max(...report.candidates.map(({ score }) => score ?? 0)));
  });

  test.each([[[]], [["mutation"]], ["agent_selection"], [["agent_selection", null]]])(
    "strategies that are none are refused: %j",
    (mutationStrategies) => {
      expect(() => make({ mutationStrategies: mutationStrategies as never })).toThrow(UsageError);
    },
  );

  test("strategies that have nothing to change are the caller's mistake", () => {
    const task = crewTask({ space: space([text("ann/kept")]), baseline: {} });
    const teleprompter = make({ mutationStrategies: ["topology_mutation"] });
    expect(() => teleprompter.start(task)).toThrow("the team's space has no variables for topology_mutation");
  });
});

function worth(configuration: Configuration): number {
  return (
    ((configuration["team.crew"] as readonly string[]).length + (configuration["team.net"] === "star" ? 0 : 1)) / 4
  );
}

const defaults: Configuration = { "team.time.bob": 0.5, "bob/heat": 0.5 };

function same(a: unknown, b: unknown): boolean {
  return canonicalJson(a as never) === canonicalJson(b as never);
}

function distinct(work: readonly EvaluateWork[]): number {
  return new Set(work.map(({ configuration }) => canonicalJson(configuration))).size;
}

/** Valid but for the path that the space does not name. */
function expectValid(configuration: Configuration): void {
  const own = Object.entries(configuration).filter(([path]) => path !== "ann/kept");
  expect(validateConfiguration(crewSpace, Object.fromEntries(own))).toMatchObject({ ok: true });
}

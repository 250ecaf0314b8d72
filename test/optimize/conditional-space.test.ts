import { describe, expect, test } from "vitest";
import { seededRng } from "#foundation";
import { bootstrapFewShot, checkRun, optimize, programResource, randomSearch } from "#optimize";
import type { EvaluateWork, Task, Teleprompter } from "#optimize";
import { demoOf } from "#programs";
import { choice, demos, float, space, validateConfiguration } from "#variables";
import type { Configuration } from "#variables";
import { memoryStore } from "#storage/memory";
import { parity, parityModel, train, validation } from "./parity.ts";
import { options } from "./parity-run.ts";

/** The temperature and the demonstrations matter with the chat adapter alone. */
const conditional = space(
  [
    float("predict.temperature", { min: 0, max: 1 }),
    demos("predict.demos", { pool: train.map(demoOf), max: 4 }),
    choice("predict.adapter", ["chat", "json"]),
  ],
  { when: { "predict.temperature": { "predict.adapter": "chat" }, "predict.demos": { "predict.adapter": "chat" } } },
);

const taskWith = (baseline: Configuration): Task => ({
  program: parity,
  space: conditional,
  baseline,
  train,
  validation,
});

function issued(teleprompter: Teleprompter, task: Task): EvaluateWork[] {
  const work = teleprompter.ask(teleprompter.start(task), seededRng(1), 20);
  return work.filter((item) => item.kind === "evaluate");
}

describe("a random search of a conditional space", () => {
  const baseline = { "predict.adapter": "chat", "predict.temperature": 0.3, "predict.demos": [], "other/x": 1 };
  const configurations = issued(randomSearch({ candidates: 19 }), taskWith(baseline)).map((work) => work.configuration);

  test("proposes no value for an inactive variable, the baseline's neither", () => {
    expect(configurations).toHaveLength(20);
    for (const { "other/x": _, ...own } of configurations)
      expect(validateConfiguration(conditional, own)).toMatchObject({ ok: true });
    expect(new Set(configurations.map((each) => Object.hasOwn(each, "predict.temperature")))).toEqual(
      new Set([true, false]),
    );
  });

  test("keeps what the space says nothing of", () => {
    expect(configurations.every((each) => each["other/x"] === 1)).toBe(true);
  });
});

describe("bootstrapping in a conditional space", () => {
  test("sets the demonstrations that are active in the baseline", () => {
    expect(issued(bootstrapFewShot(), taskWith({ "predict.adapter": "chat" }))).not.toEqual([]);
  });

  test("has none to set where they are inactive, and says so", () => {
    const start = (): unknown => bootstrapFewShot().start(taskWith({ "predict.adapter": "json" }));
    expect(start).toThrow(/no demos variable that is active/);
  });
});

test.each<[configuration: Configuration]>([
  [{}],
  [{ "predict.adapter": "json" }],
  [{ "predict.adapter": "chat" }],
  [{ "predict.adapter": "chat", "predict.temperature": 0.5 }],
])("a program may leave active variables to its defaults: %j", (configuration) => {
  const started = options({ space: conditional, program: { ...parity, configuration } });
  expect(() => checkRun(started)).not.toThrow();
});

describe("a winner that makes a value of the program inactive", () => {
  const either = space(
    [float("predict.temperature", { min: 0.9, max: 1 }), choice("predict.adapter", ["chat", "json"])],
    {
      when: { "predict.temperature": { "predict.adapter": "chat" } },
    },
  );
  const configuration = { "predict.adapter": "chat", "predict.temperature": 1, "predict.maxTokens": 50 };
  const hot = { ...parity, configuration };
  const cold = { "predict.adapter": "json", "predict.maxTokens": 50 };

  test("was measured without that value, and leaves the program without it", async () => {
    const model = parityModel();
    const { program, report } = await optimize(hot, options({ program: hot, space: either, model }));
    expect(program.configuration).toEqual(cold);
    expect(report).toMatchObject({ significant: true, configuration: { "predict.adapter": "json" } });
    const asJson = model.calls.filter(({ responseFormat }) => responseFormat !== undefined);
    expect(asJson.length).toBeGreaterThanOrEqual(validation.length + 40);
    expect(asJson.filter(({ temperature }) => temperature !== undefined)).toEqual([]);
    expect(model.calls.every(({ maxTokens }) => maxTokens === 50)).toBe(true);
  });

  test("leaves a stored program that can be optimised again", async () => {
    const programs = programResource(memoryStore());
    const { id } = await programs.create(hot, { space: either });
    const { store: _store, program: _program, space: _space, ...start } = options();
    for (let time = 0; time < 2; time++) await (await programs.optimize(id, start as never)).finished;
    expect((await programs.read(id)).program.configuration).toEqual(cold);
    expect(await programs.history(id)).toMatchObject([
      { before: configuration, after: cold },
      { before: cold, after: cold },
    ]);
  });
});

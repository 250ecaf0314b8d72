import { describe, expect, test } from "vitest";
import { seededRng } from "#foundation";
import { bootstrapFewShot, checkRun, randomSearch } from "#optimize";
import type { EvaluateWork, Task, Teleprompter } from "#optimize";
import { demoOf } from "#programs";
import { choice, demos, float, space, validateConfiguration } from "#variables";
import type { Configuration } from "#variables";
import { parity, train, validation } from "./parity.ts";
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

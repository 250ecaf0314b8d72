import { expect, test } from "vitest";
import { bootstrapFewShot, gepa, randomSearch, searchTeleprompter, stages, startRun } from "#optimize";
import type { EvaluateWork, Sampler, Teleprompter } from "#optimize";
import { space, text } from "#variables";
import { options } from "./parity-run.ts";
import { parity, parityModel, paritySpace, train, validation } from "./parity.ts";
import { playSearch } from "./scripted-search.ts";

const task = { program: parity, space: paritySpace, baseline: {}, train, validation: validation.slice(0, 6) };

function evaluationsOf(teleprompter: unknown, own: typeof task = task, score = 0): readonly EvaluateWork[] {
  return playSearch(teleprompter as Teleprompter, own, { score: () => score }).evaluations;
}

test("a sampler that asks for the same configuration again gets a fresh measurement of it", () => {
  const configuration = { "predict.temperature": 0.5, "predict.demos": [], "predict.adapter": "chat" };
  const stubborn = {
    name: "stubborn",
    options: {},
    start: () => 0,
    ask: (asked: number, _rng: unknown, count: number) =>
      Array.from({ length: count }, (_, at) => ({ id: `trial-${asked + at + 1}`, configuration })),
    issue: (asked: number, issued: readonly unknown[]) => asked + issued.length,
    tell: (asked: number) => asked,
    best: () => undefined,
  } as unknown as Sampler<number>;
  const rollouts = evaluationsOf(searchTeleprompter(stubborn, { candidates: 4 })).map(({ rollout = 0 }) => rollout);
  expect(rollouts).toEqual([0, 0, 1, 2, 3]);
});

test("a teacher that is like the one before tries anew what that one failed", () => {
  const work = evaluationsOf(bootstrapFewShot({ batch: 5, teachers: [{}, {}] }));
  const taught = work.filter(({ split }) => split === "train");
  expect(new Set(taught.map(({ rollout = 0, note }) => `${String(note?.["teacher"])} ${rollout}`))).toEqual(
    new Set(["0 0", "1 1"]),
  );
});

test("the noise of scores is taken from runs of their own", () => {
  const own = { ...task, space: space([text("predict.instructions")]) };
  const again = evaluationsOf(gepa({ candidates: 2 }), own).filter(({ rollout }) => rollout === 1);
  expect(again[0]).toMatchObject({ configuration: {}, split: "validation" });
});

test("what a stage begins at is known from the one before, and not paid for again", async () => {
  const model = parityModel();
  const staged = stages([
    { teleprompter: randomSearch({ candidates: 1 }), variables: ["predict.adapter"] },
    { teleprompter: randomSearch({ candidates: 1 }), variables: ["predict.temperature"] },
  ]);
  const runner = await startRun(options({ model, teleprompter: staged, test: [] }));
  const report = await runner.finished;
  expect(report.spend).toMatchObject({ evaluations: 3, calls: 3 * 24 });
});

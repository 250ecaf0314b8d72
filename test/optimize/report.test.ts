import { expect, test } from "vitest";
import { optimize, startRun } from "#optimize";
import type { EvaluateWork, Incumbent, Teleprompter, Told } from "#optimize";
import { memoryStore } from "#storage/memory";
import type { Configuration } from "#variables";
import { parityMetric } from "./parity.ts";
import { options } from "./parity-run.ts";

const good: Configuration = { "predict.temperature": 0.4 };
const bad: Configuration = { "predict.temperature": 1 };

/** Measures these configurations on these examples, one work item after the other; the baseline is `{}`. */
function inParts(
  parts: readonly (readonly [Configuration, readonly number[], number?])[],
  winner: Configuration,
): Teleprompter {
  const work = parts.map(([configuration, examples, rollout = 0], number): EvaluateWork => ({
    kind: "evaluate",
    id: `part-${number}`,
    purpose: `part ${number}`,
    split: "validation",
    configuration,
    examples,
    rollout,
  }));
  type State = { readonly issued: number; readonly told: number };
  const count = (state: State, told: Told): State =>
    told.type === "issued" ? { ...state, issued: state.issued + told.work.length } : { ...state, told: state.told + 1 };
  const incumbent = ({ told }: State): Incumbent | undefined =>
    told === 0 ? undefined : { configuration: winner, score: 1, work: "part-0" };
  return {
    name: "in_parts",
    options: {},
    start: () => ({ issued: 0, told: 0 }),
    ask: (state, _rng, capacity) => work.slice((state as State).issued, (state as State).issued + capacity),
    tell: (state, told) => count(state as State, told),
    finished: (state) => ((state as State).told === work.length ? "all parts were measured" : undefined),
    incumbent: (state) => incumbent(state as State),
  };
}

const halves = [
  [good, [0, 1, 2, 3]],
  [{}, [0, 1, 2, 3, 4, 5]],
  [bad, [0, 1]],
  [good, [4, 5, 6, 7]],
  [{}, [6, 7, 8, 9]],
] as const;

test("a configuration that was measured in parts is compared by all of them", async () => {
  const teleprompter = inParts(halves, good);
  const { report } = await optimize(options().program, { ...options(), teleprompter });
  // Both are wrong on every fourth number without demonstrations, of 100 to 107: 100 and 104.
  expect(report.validation).toMatchObject({ examples: 8, baseline: { score: 0.75 }, winner: { score: 0.75 } });
});

test("the report lists each configuration once, with all its examples, what they cost, and the first purpose", async () => {
  const teleprompter = inParts(halves, good);
  const { report } = await optimize(options().program, { ...options(), teleprompter });
  const rows = report.candidates.map(({ configuration, work, purpose, examples, usage, score }) => [
    configuration,
    work,
    purpose,
    examples,
    usage.calls,
    score,
  ]);
  expect(rows).toHaveLength(3);
  expect(rows).toContainEqual([good, "part-0", "part 0", 8, 8, 0.75]);
  expect(rows).toContainEqual([{}, "part-1", "part 1", 10, 10, 0.7]);
  expect(rows).toContainEqual([bad, "part-2", "part 2", 2, 2, 0]);
});

test("the report lists candidates best first, and one that was given up on few examples after all others", async () => {
  const lucky = [
    [{}, [0, 1, 2, 3, 4, 5]],
    [bad, [1]],
    [good, [0, 1, 2, 3, 4]],
  ] as const;
  const metric: typeof parityMetric = () => 1;
  const { report } = await optimize(options().program, { ...options(), metric, teleprompter: inParts(lucky, good) });
  const rows = report.candidates.map(({ work, examples }) => [work, examples]);
  expect(rows).toEqual([
    ["part-0", 6],
    ["part-2", 5],
    ["part-1", 1],
  ]);
});

test("an example that was measured twice counts once, with its mean", async () => {
  const metric: typeof parityMetric = ({ parity }, example) => parityMetric({ parity }, example);
  let seen = 0;
  const alternating = inParts(
    [
      [good, [1]],
      [good, [1, 2], 1],
    ],
    good,
  );
  const { report } = await optimize(options().program, {
    ...options({ test: [] }),
    concurrency: 1,
    teleprompter: alternating,
    metric: (outputs, example) => (example.inputs.n === 101 ? seen++ : metric(outputs, example)),
  });
  // Example 1 came to 0 and then to 1, example 2 to 1.
  expect(report.candidates).toMatchObject([{ examples: 2, score: 0.75, usage: { calls: 3 } }]);
});

test("a run tells the score of its baseline, whatever was measured first, and counts configurations", async () => {
  const runner = await startRun(options({ teleprompter: inParts(halves, good), test: [], store: memoryStore() }));
  await runner.finished;
  expect(runner.status()).toMatchObject({ candidates: 3, baselineScore: 0.7 });
});

test("held-out measurements have the means of the metric's further goals", async () => {
  const teleprompter = inParts([[good, [0]]], good);
  const { report } = await optimize(options().program, {
    ...options(),
    teleprompter,
    metric: (_, { inputs: { n } }) => ({ score: 1, objectives: { size: n, ...(n < 202 ? { rare: n } : {}) } }),
  });
  expect(report.heldOut?.winner.objectives).toEqual({ size: 219.5, rare: 200.5 });
  expect(report.heldOut?.baseline.objectives).toEqual({ size: 219.5, rare: 200.5 });
});

test("a metric without further goals leaves them out", async () => {
  const teleprompter = inParts([[good, [0]]], good);
  const { report } = await optimize(options().program, { ...options(), teleprompter });
  expect(report.heldOut?.winner).not.toHaveProperty("objectives");
});

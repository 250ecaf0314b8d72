import { expect, test } from "vitest";
import { seededRng } from "#foundation";
import { labeledFewShot, randomSampler, randomSearch, searchTeleprompter, stages, teleprompterNamed } from "#optimize";
import type { EvaluateWork, ExampleResult, Task, Teleprompter } from "#optimize";
import { noUsage } from "#programs";
import { choice, float, space } from "#variables";
import type { Configuration } from "#variables";
import { parity, train, validation } from "./parity.ts";
import { playSearch } from "./scripted-search.ts";

const task: Task = {
  program: parity,
  space: space([
    float("predict.temperature", { min: 0, max: 1 }),
    float("predict.topP", { min: 0, max: 1 }),
    choice("predict.adapter", ["chat", "json"]),
  ]),
  baseline: { "predict.adapter": "chat", "predict.temperature": 0.5 },
  train,
  validation,
};

const search = (candidates: number): Teleprompter => randomSearch({ candidates });

/** The adapter counts most, then the temperature. */
function score({ "predict.adapter": adapter, "predict.temperature": temperature = 1 }: Configuration): number {
  return (adapter === "json" ? 0.5 : 0) + (1 - Number(temperature)) / 2;
}

const blocks = [
  { teleprompter: search(1), kinds: ["choice"] as const },
  { teleprompter: search(6), variables: ["predict.temperature"] },
];

test("each stage changes its own variables, from the best of the one before", () => {
  const { evaluations, incumbent, reason } = playSearch(stages(blocks), task, { score });
  const [first, second] = ["1:", "2:"].map((stage) => evaluations.filter(({ id }) => id.startsWith(stage)));
  expect(first?.map(({ configuration }) => configuration["predict.temperature"])).toEqual([0.5, 0.5]);
  expect(second?.every(({ configuration }) => configuration["predict.adapter"] === "json")).toBe(true);
  expect(evaluations.every(({ configuration }) => !("predict.topP" in configuration))).toBe(true);
  expect(second).toHaveLength(7);
  expect(incumbent?.score).toBeGreaterThan(0.75);
  expect(reason).toBe("all 2 stages have ended, the last one because 6 candidates were tried");
});

test("no id stands for two items, and purposes name the stage", () => {
  const { work } = playSearch(stages([...blocks, { teleprompter: search(3) }]), task, { score });
  expect(new Set(work.map(({ id }) => id)).size).toBe(work.length);
  expect(work.at(-1)?.purpose).toMatch(/^stage 3, random_search: random_search, trial-/);
});

test("a stage uses its share and what was left, then the next has its turn", () => {
  const parts = [{ teleprompter: search(50) }, { teleprompter: search(50), share: 2 }];
  const size = validation.length;
  const { evaluations } = playSearch(stages(parts, { examples: 12 * size }), task, { score });
  expect(evaluations.filter(({ id }) => id.startsWith("1:"))).toHaveLength(4);
  expect(evaluations).toHaveLength(12);
});

test("a stage ends what it began within its share; nothing is begun that could go beyond the whole", () => {
  const parts = [{ teleprompter: search(50) }, { teleprompter: search(50) }];
  const { evaluations } = playSearch(stages(parts, { examples: 3.5 * validation.length }), task, { score });
  expect(evaluations.map(({ id }) => id)).toEqual(["1:baseline", "1:trial-1", "2:baseline"]);
});

test("what is known from earlier measurements, and what a lost race leaves out, uses up no share", () => {
  const parts = [{ teleprompter: search(50) }, { teleprompter: search(50) }];
  const known = (configuration: Configuration, index: number, { id }: EvaluateWork): number | ExampleResult =>
    id === "2:baseline"
      ? { ok: true, score: score(configuration), index, usage: noUsage, reused: true }
      : score(configuration);
  const { evaluations } = playSearch(stages(parts, { examples: 4 * validation.length }), task, { score: known });
  expect(evaluations.filter(({ id }) => id.startsWith("2:"))).toHaveLength(3);
  expect(raced(16)).toBe(2);
  expect(raced(validation.length)).toBe(1);
});

/** How many candidates a stage asks for whose races end after so many examples, where two would be too many. */
function raced(end: number): number {
  const staged = stages([{ teleprompter: searchTeleprompter(randomSampler(), { prune: "race" }) }], {
    examples: 3 * validation.length - 1,
  });
  let state = staged.start(task);
  let count = 0;
  for (let asked = 0; asked < 3; asked++) {
    const [work] = staged.ask(state, seededRng(`ask ${asked}`), 1);
    if (work?.kind !== "evaluate") break;
    const run = work.race === undefined ? work.examples : work.examples.slice(0, end);
    const results = run.map((index) => ({ ok: true, score: 0.5, index, usage: noUsage }) as const);
    state = staged.tell(staged.tell(state, { type: "issued", work: [work] }), { type: "evaluated", work, results });
    count += work.race === undefined ? 0 : 1;
  }
  return count;
}

test("what a stage needs is said before anything is paid for", () => {
  const parts = [blocks[0] as (typeof blocks)[0], { teleprompter: labeledFewShot() }];
  expect(() => stages(parts).start(task)).toThrow(/no demos variable/);
  expect(() => stages([{ teleprompter: search(1), variables: ["predict.x"] }]).start(task)).toThrow(/predict\.x/);
  expect(() => stages([{ teleprompter: search(1), kinds: ["text"] }]).start(task)).toThrow(/kinds text/);
});

test("it is made again from its name and options, and goes the same way", () => {
  const original = stages(blocks, { examples: 500 });
  const again = teleprompterNamed("stages", JSON.parse(JSON.stringify(original.options)));
  const ids = (teleprompter: Teleprompter): unknown => playSearch(teleprompter, task, { score }).evaluations;
  expect(ids(again)).toEqual(ids(original as Teleprompter));
});

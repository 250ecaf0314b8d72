import { expect, test } from "vitest";
import { labeledFewShot, randomSearch, stages, teleprompterNamed } from "#optimize";
import type { Task, Teleprompter } from "#optimize";
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
  expect(work.at(-1)?.purpose).toMatch(/^stage 3, random_search: random candidate/);
});

test("a stage uses its share and what was left, then the next has its turn", () => {
  const parts = [{ teleprompter: search(50) }, { teleprompter: search(50), share: 2 }];
  const size = validation.length;
  const { evaluations } = playSearch(stages(parts, { examples: 12 * size }), task, { score });
  expect(evaluations.filter(({ id }) => id.startsWith("1:"))).toHaveLength(4);
  expect(evaluations).toHaveLength(12);
});

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

import { canonicalJson, jsonDefect } from "tutti/foundation";
import type { Json } from "tutti/foundation";
import { expect, test } from "vitest";
import { families, generateTask, generateTasks } from "../../../../examples/synthesis/tasks/generate-task.ts";
import { kindOf } from "../../../../examples/synthesis/programs/value.ts";
import { executed } from "../executed.ts";

const tasks = generateTasks(1000, 100);

test("the hidden function, executed, gives every output but the wrong ones, which have the same kind", () => {
  for (const { task, hidden, truth, wrong, id } of tasks) {
    const run = executed(truth);
    for (const { input, output } of hidden) expect(run(input), id).toStrictEqual(output);
    for (const [row, { input, output }] of task.train.entries()) {
      if (!wrong.includes(row)) expect(run(input), id).toStrictEqual(output);
      else {
        expect(run(input), id).not.toStrictEqual(output);
        expect(kindOf(output), id).toBe(kindOf(run(input)));
      }
    }
  }
});

test("eight pairs, eight probes and twenty hidden pairs have different inputs and outputs that are there", () => {
  for (const { task, hidden, truth } of tasks) {
    expect([task.train.length, task.probes.length, hidden.length]).toEqual([8, 8, 20]);
    const inputs = [...task.train, ...hidden].map(({ input }) => input).concat(task.probes);
    expect(new Set(inputs.map((input) => canonicalJson(input))).size).toBe(36);
    const outputs: readonly Json[] = [...task.train, ...hidden].map(({ output }) => output);
    expect(outputs.filter((output) => output === null || output === "" || canonicalJson(output) === "[]")).toEqual([]);
    expect(task.probes.map(executed(truth))).not.toContain(null);
    expect(new Set(task.train.map(({ output }) => canonicalJson(output))).size).toBeGreaterThanOrEqual(3);
  }
});

test("a seed is one task, in plain JSON, and its family is the seed modulo five", () => {
  for (const seed of [0, 1, 2, 3, 4, 1234]) {
    const task = generateTask(seed);
    expect(generateTask(seed)).toStrictEqual(task);
    expect(jsonDefect(task)).toBeUndefined();
    expect(JSON.parse(JSON.stringify(task))).toStrictEqual(task);
    expect(task.family).toBe(families[seed % 5]);
  }
  expect(generateTasks(7, 3)).toStrictEqual([7, 8, 9].map(generateTask));
  expect(generateTask(5).truth).not.toBe(generateTask(0).truth);
});

test("about one task in five has one wrong pair", () => {
  const many = generateTasks(0, 300);
  const wrong = many.filter((task) => task.wrong.length > 0);
  expect(wrong.every((task) => task.wrong.length === 1)).toBe(true);
  expect(wrong.length / many.length).toBeGreaterThan(0.12);
  expect(wrong.length / many.length).toBeLessThan(0.28);
});

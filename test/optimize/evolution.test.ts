import { expect, test } from "vitest";
import { canonicalJson, seededRng, UsageError } from "#foundation";
import { evolution, randomSearch } from "#optimize";
import type { EvaluateWork, Task, Teleprompter } from "#optimize";
import { noUsage } from "#programs";
import { choice, float, permutation, space } from "#variables";
import type { Configuration } from "#variables";
import { parity, validation } from "./parity.ts";

const ridge = space(
  [
    permutation("order", ["a", "b", "c", "d"], { min: 1, max: 4, group: "order" }),
    choice("shape", ["round", "square", "long"], { group: "shape" }),
    float("radius", { min: 0, max: 1, group: "shape" }),
    float("heat", { min: 0, max: 1 }),
    float("speed", { min: 0, max: 1 }),
  ],
  { when: { radius: { shape: "round" } } },
);
const baseline = { order: ["d"], shape: "square", heat: 0.9, speed: 0.1, kept: true };
const task: Task = { program: parity, space: ridge, baseline, train: [], validation: validation.slice(0, 2) };

/** 1 at order a, c, a round shape of radius 0.3, heat 0.2 and speed 0.6. */
function height(configuration: Configuration): number {
  const near = (name: string, best: number): number => 1 - Math.abs(Number(configuration[name] ?? best + 1) - best);
  const order = configuration["order"] as readonly string[];
  const ordered = ["a", "c"].filter((item, place) => order[place] === item).length / Math.max(2, order.length);
  const shape = configuration["shape"] === "round" ? near("radius", 0.3) : 0;
  return 0.4 * ordered + 0.2 * shape + 0.2 * near("heat", 0.2) + 0.2 * near("speed", 0.6);
}

interface Played {
  readonly work: readonly EvaluateWork[];
  readonly score: number;
}

/** All that a run of so many evaluations asks for, with three out at once, and what it comes to. */
function play(teleprompter: Teleprompter, seed: number, evaluations: number): Played {
  let state = teleprompter.start(task);
  const work: EvaluateWork[] = [];
  for (let told = 0; told <= work.length; told++) {
    const free = Math.min(3 + told, evaluations) - work.length;
    const asked = teleprompter.ask(state, seededRng(seed).fork(`ask ${told}`), free) as EvaluateWork[];
    state = teleprompter.tell(state, { type: "issued", work: asked });
    work.push(...asked);
    const next = work[told];
    if (next === undefined) continue;
    const score = height(next.configuration);
    const results = next.examples.map((index) => ({ ok: true, score, index, usage: noUsage }) as const);
    state = teleprompter.tell(state, { type: "evaluated", work: next, results });
  }
  return { work, score: teleprompter.incumbent(state)?.score ?? Number.NaN };
}

test("no configuration is tried twice, though several are out at once, and what the space does not name stays", () => {
  const { work } = play(evolution({ candidates: 99, population: 6 }), 1, 100);
  const tried = work.map(({ configuration }) => canonicalJson(configuration));
  expect(tried).toHaveLength(100);
  expect(new Set(tried).size).toBe(100);
  expect(work.every(({ configuration }) => configuration["kept"] === true)).toBe(true);
});

test("a small space ends the search when it is exhausted", () => {
  const small: Task = { ...task, space: space([choice("shape", ["round", "square", "long"])]), baseline: {} };
  const teleprompter = evolution({ population: 2 });
  const state = teleprompter.start(small);
  const shapes = teleprompter.ask(state, seededRng(1), 10) as EvaluateWork[];
  expect(new Set(shapes.map(({ configuration }) => configuration["shape"]))).toEqual(
    new Set([undefined, "square", "long"]),
  );
  expect(shapes).toHaveLength(3);
});

test("children climb higher than independent random configurations", () => {
  const seeds = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
  const wins = seeds.filter((seed) => {
    return play(evolution(), seed, 80).score > play(randomSearch({ candidates: 100 }), seed, 80).score;
  });
  expect(wins.length).toBeGreaterThanOrEqual(9);
});

test.each([{ candidates: 0 }, { population: 1.5 }])("faulty options are refused: %j", (options) => {
  expect(() => evolution(options)).toThrow(UsageError);
});

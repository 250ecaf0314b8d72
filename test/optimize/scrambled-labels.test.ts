import { beforeAll, describe, expect, test } from "vitest";
import { seededRng, shuffle } from "#foundation";
import { iclModel } from "#models/icl";
import {
  beacon,
  bootstrapRandomSearch,
  copro,
  gepa,
  inferRules,
  mipro,
  optimize,
  randomSearch,
  simba,
} from "#optimize";
import type { Report, Teleprompter } from "#optimize";
import { demoOf } from "#programs";
import { memoryStore } from "#storage/memory";
import { demos, float, space, text } from "#variables";
import { desk, deskExamples, deskMetric } from "./desk.ts";
import type { DeskExample } from "./desk.ts";

const teleprompters: Readonly<Record<string, () => Teleprompter>> = {
  randomSearch: () => randomSearch(),
  bootstrapRandomSearch: () => bootstrapRandomSearch({ candidates: 6 }),
  copro: () => copro({ breadth: 4 }),
  inferRules: () => inferRules(),
  mipro: () => mipro({ trials: 8, minibatch: 12, teaching: 16 }),
  simba: () => simba({ candidates: 6, perStep: 3, minibatch: 12 }),
  gepa: () => gepa(),
  beacon: () => beacon({ candidates: 8, teaching: 16 }),
};
const seeds = [1, 2, 3];

/** Messages whose desks say nothing about them. */
function scrambled(split: string, seed: number, count: number): DeskExample[] {
  const examples = deskExamples(`${split} ${seed}`, count);
  const labels = shuffle(seededRng(`${split} labels ${seed}`), examples).map(({ expected }) => expected);
  return examples.map((example, place) => ({ ...example, expected: labels[place] ?? example.expected }));
}

async function run(teleprompter: Teleprompter, seed: number): Promise<Report> {
  const train = scrambled("train", seed, 60);
  const { report } = await optimize(desk, {
    store: memoryStore(),
    space: space([
      text("predict.instructions"),
      demos("predict.demos", { pool: train.map((example) => demoOf(example)), max: 8 }),
      float("predict.temperature", { min: 0, max: 1 }),
    ]),
    teleprompter,
    model: iclModel(),
    metric: deskMetric,
    train,
    validation: scrambled("validation", seed, 40),
    test: scrambled("test", seed, 60),
    seed,
    deterministic: true,
    budget: { calls: 400 },
  });
  return report;
}

describe("where labels are shuffled there is nothing to find (A49)", () => {
  const runs: [name: string, report: Report][] = [];
  beforeAll(async () => {
    for (const [name, make] of Object.entries(teleprompters))
      for (const seed of seeds) runs.push([name, await run(make(), seed)]);
  }, 120_000);

  test("every search does look for it", () => {
    for (const [name, { spend, heldOut }] of runs) {
      expect(spend.calls, name).toBeGreaterThan(200);
      expect(heldOut, name).toBeDefined();
    }
  });

  test("at most one run in twenty calls its winner better", () => {
    expect(runs.length).toBeGreaterThanOrEqual(20);
    const adopted = runs.filter(([, { significant }]) => significant).map(([name]) => name);
    expect(adopted.length, adopted.join(", ")).toBeLessThanOrEqual(Math.floor(runs.length / 20));
  });

  test("what is not better leaves the program as it is", () => {
    for (const [, { significant, configuration, heldOut }] of runs) {
      if (significant) continue;
      expect(configuration).toEqual({});
      expect(heldOut?.gain.interval[0]).toBeLessThanOrEqual(0);
    }
  });
});

import { describe, expect, test } from "vitest";
import { UsageError } from "#foundation";
import { bootstrapFewShot, evolution, randomSearch, teleprompterNamed } from "#optimize";
import type { Task, Teleprompter } from "#optimize";
import { teleprompterContract } from "#testing";
import { space } from "#variables";
import { parity, paritySpace, train, validation } from "./parity.ts";

const task: Task = { program: parity, space: paritySpace, baseline: {}, train, validation };

const implementations: Record<string, () => Teleprompter> = {
  randomSearch: () => randomSearch({ candidates: 6 }),
  evolution: () => evolution({ candidates: 12, population: 4 }),
  bootstrapFewShot: () => bootstrapFewShot({ candidates: 4, batch: 4, maxBootstrapped: 2, maxDemos: 4 }),
};

for (const [name, make] of Object.entries(implementations))
  describe(`${name} keeps the Teleprompter contract`, () => {
    for (const [claim, check] of Object.entries(teleprompterContract))
      test(claim, () => check(() => ({ teleprompter: make(), task })));

    test("it can be made again from its name and options", () => {
      const original = make();
      const again = teleprompterNamed(original.name, original.options);
      expect({ name: again.name, options: again.options }).toEqual({ name: original.name, options: original.options });
    });
  });

test("an unknown teleprompter is refused with the known names", () => {
  expect(() => teleprompterNamed("annealing")).toThrow(
    'unknown teleprompter "annealing"; known are random_search, evolution, bootstrap_few_shot, random, qmc, grid_search, niching_evolution, tpe',
  );
});

test.each([
  () => randomSearch({ candidates: 0 }),
  () => bootstrapFewShot({ candidates: 1.5 }),
  () => bootstrapFewShot({ threshold: Number.NaN }),
])("faulty options are refused: %s", (make) => {
  expect(make).toThrow(UsageError);
});

test("bootstrapping needs a demos variable and says so", () => {
  expect(() => bootstrapFewShot().start({ ...task, space: space([]) })).toThrow(/no demos variable/);
});

import { describe, expect, test } from "vitest";
import { UsageError } from "#foundation";
import {
  bootstrapFewShot,
  bootstrapRandomSearch,
  evolution,
  labeledFewShot,
  randomSearch,
  stages,
  teleprompterNamed,
  teleprompters,
} from "#optimize";
import type { Task, Teleprompter } from "#optimize";
import { teleprompterContract } from "#testing";
import { space } from "#variables";
import { parity, paritySpace, train, validation } from "./parity.ts";

const task: Task = { program: parity, space: paritySpace, baseline: {}, train, validation };

const implementations: Record<string, () => Teleprompter> = {
  randomSearch: () => randomSearch({ candidates: 6 }),
  evolution: () => evolution({ candidates: 12, population: 4 }),
  bootstrapFewShot: () => bootstrapFewShot({ candidates: 4, batch: 4, maxBootstrapped: 2, maxDemos: 4 }),
  labeledFewShot: () => labeledFewShot({ k: 4 }),
  bootstrapRandomSearch: () => bootstrapRandomSearch({ candidates: 6, batch: 4, maxBootstrapped: 2, maxDemos: 4 }),
  stages: () =>
    stages([
      { teleprompter: labeledFewShot({ k: 4 }), kinds: ["demos"] },
      { teleprompter: randomSearch({ candidates: 3 }), variables: ["predict.temperature", "predict.adapter"] },
      { teleprompter: randomSearch({ candidates: 3 }), share: 2 },
    ]),
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
  const known = Object.keys(teleprompters);
  expect(known.slice(0, 3)).toEqual(["random_search", "evolution", "labeled_few_shot"]);
  expect(() => teleprompterNamed("annealing")).toThrow(
    `unknown teleprompter "annealing"; known are ${known.join(", ")}`,
  );
});

test.each([
  () => randomSearch({ candidates: 0 }),
  () => bootstrapFewShot({ candidates: 1.5 }),
  () => bootstrapFewShot({ threshold: Number.NaN }),
  () => bootstrapFewShot({ teachers: [] }),
  () => bootstrapFewShot({ maxDemoTokens: 0 }),
  () => labeledFewShot({ k: 0 }),
  () => bootstrapRandomSearch({ candidates: 0 }),
  () => stages([]),
  () => stages([{ teleprompter: randomSearch(), share: 0 }]),
  () => stages([{ teleprompter: randomSearch() }], { examples: 0 }),
])("faulty options are refused: %s", (make) => {
  expect(make).toThrow(UsageError);
});

test("bootstrapping needs a demos variable and says so", () => {
  expect(() => bootstrapFewShot().start({ ...task, space: space([]) })).toThrow(/no demos variable/);
});

import { describe, expect, test } from "vitest";
import { seededRng } from "#foundation";
import { iclModel } from "#models/icl";
import { copro, inferRules, mipro, optimize } from "#optimize";
import type { Report, Teleprompter } from "#optimize";
import type { LanguageModel } from "#programs";
import { memoryStore } from "#storage/memory";
import { demos, space, text } from "#variables";
import { desk, deskExamples, deskMetric } from "./desk.ts";
import { timeless } from "./parity-run.ts";

const teleprompters: Readonly<Record<string, () => Teleprompter>> = {
  copro: () => copro({ breadth: 4, depth: 2 }),
  inferRules: () => inferRules({ candidates: 8 }),
  mipro: () => mipro(),
};

async function run(teleprompter: Teleprompter, model: LanguageModel, budget = {}): Promise<Report> {
  const { report } = await optimize(desk, {
    store: memoryStore(),
    space: space([text("predict.instructions"), demos("predict.demos", { max: 8 })]),
    teleprompter,
    model,
    metric: deskMetric,
    train: deskExamples("train", 80),
    validation: deskExamples("validation", 60),
    test: deskExamples("test", 60),
    seed: 1,
    deterministic: true,
    budget,
  });
  return report;
}

/** The offline model, whose replies come in an order drawn from the label. */
function jittered(label: string): LanguageModel {
  const [rng, inner] = [seededRng(label), iclModel()];
  return {
    ...inner,
    async generate(...call) {
      for (let turn = rng.next() * 5; turn > 0; turn--) await new Promise((resolve) => setImmediate(resolve));
      return inner.generate(...call);
    },
  };
}

for (const [name, make] of Object.entries(teleprompters))
  describe(`${name}, offline, on messages whose desks nobody can guess`, () => {
    test("gains on held-out messages, the same way whatever order the replies come in", async () => {
      const report = await run(make(), jittered("one"));
      expect(report.heldOut?.baseline.score).toBeLessThan(0.5);
      expect(report.heldOut?.winner.score).toBeGreaterThan(0.75);
      expect(report.significant).toBe(true);
      expect(timeless(await run(make(), jittered("two")))).toEqual(timeless(report));
    });

    test("a budget that ends early leaves the best so far", async () => {
      const report = await run(make(), iclModel(), { calls: 400 });
      expect(report.spend.calls).toBeLessThanOrEqual(400);
      expect(report.heldOut?.winner.score).toBeGreaterThan(0.5);
    });
  });

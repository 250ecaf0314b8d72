import { expect, test } from "vitest";
import { seededRng } from "#foundation";
import { optimize, randomSearch, readEvents, readRecord, runReport, searchTeleprompter, tpe } from "#optimize";
import type { Teleprompter } from "#optimize";
import { module, program, signature } from "#programs";
import { memoryStore } from "#storage/memory";
import { scriptedModel } from "#testing";
import { choice, float, space } from "#variables";
import type { Configuration } from "#variables";

const worker = program({ name: "worker", signature: signature("n: int -> m: float"), pipeline: ["work"] });

const workSpace = space([
  float("work.heat", { min: 0, max: 1 }),
  choice("work.tool", ["hammer", "saw"]),
  float("work.inert", { min: 0, max: 1 }),
  choice("work.colour", ["red", "green", "blue"]),
]);

/** Right more often the nearer the heat is to .3, and with a saw; each example has a luck of its own. */
function answer(n: number, config: Configuration): number {
  const near = 1 - Math.abs(Number(config["work.heat"]) - 0.3);
  const chance = 0.1 + 0.4 * near + (config["work.tool"] === "saw" ? 0.3 : 0);
  return seededRng(`${JSON.stringify(config)} ${n}`).next() < chance ? 1 : 0;
}

function examples(from: number, count: number): { inputs: { n: number }; expected: { m: number } }[] {
  return Array.from({ length: count }, (_, place) => ({ inputs: { n: from + place }, expected: { m: 1 } }));
}

/** The share of each variable in the report of a run. */
async function shares(teleprompter: Teleprompter, seed: number): Promise<Readonly<Record<string, number>>> {
  const store = memoryStore();
  const { run } = await optimize(worker, {
    store,
    space: workSpace,
    teleprompter,
    model: scriptedModel([]),
    modules: [module("work", ({ inputs, config }) => ({ m: answer(Number(inputs["n"]), config) }))],
    metric: ({ m }: { m: number }) => m,
    train: examples(0, 4),
    validation: examples(100, 40),
    seed,
    deterministic: true,
  });
  const events = await readEvents(store, run);
  const { importance } = runReport(await readRecord(store, run), events);
  if (!importance.known) throw new Error(importance.reason);
  return Object.fromEntries(importance.shares.map(({ variable, share }) => [variable, share]));
}

test.each([
  ["random search", (): Teleprompter => randomSearch({ candidates: 60 })],
  ["tpe", (): Teleprompter => searchTeleprompter(tpe(), { candidates: 60 })],
])("variables that do nothing have next to no share in the report of %s, whatever the noise", async (_, make) => {
  for (const seed of [1, 2, 3]) {
    const share = await shares(make(), seed);
    expect(Number(share["work.inert"]) + Number(share["work.colour"])).toBeLessThan(0.1);
    expect(share["work.tool"]).toBeGreaterThan(0.3);
    expect(share["work.heat"]).toBeGreaterThan(0.05);
  }
});

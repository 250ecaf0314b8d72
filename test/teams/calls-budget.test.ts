import { expect, test } from "vitest";
import { nextTurn } from "#foundation";
import { agentSelection, communicationTopology, team } from "#orchestration";
import type { Team } from "#orchestration";
import { program, signature } from "#programs";
import type { LanguageModel } from "#programs";
import { memoryStore } from "#storage/memory";
import { agentize, optimizeTeam, programModule, randomSearch, simba } from "#teams";
import { numbers } from "./crews.ts";

const ids = ["a", "b", "c"];
const writer = agentize(program({ name: "writer", signature: signature("task: int -> n: int") }), { output: "n" });

/** From one call for a request up to nine. */
const writers = (first: readonly string[]): Team =>
  team({
    name: "writers",
    agents: Object.fromEntries(ids.map((id) => [id, writer])),
    variables: [
      agentSelection("who", { agents: ids, select: "subset", default: first }),
      communicationTopology("net", { agents: ids, patterns: ["chain", "mesh", "ring"], rounds: { min: 1, max: 3 } }),
    ],
  });

interface Counting extends LanguageModel {
  readonly calls: () => number;
}

/** Never says the same twice, so that nobody agrees early; each call takes some turns of the event loop. */
function counting(): Counting {
  let calls = 0;
  return {
    id: "counting",
    calls: () => calls,
    generate: async () => {
      const number = ++calls;
      for (let turn = 0; turn < number % 4; turn++) await nextTurn();
      const text = `[[ ## n ## ]]\n${number}\n[[ ## completed ## ]]`;
      return { text, finishReason: "stop", usage: { calls: 1, inputTokens: 10, outputTokens: 5, usd: 0 } };
    },
  };
}

const teleprompters = [randomSearch({ candidates: 60 }), simba({ generations: 10, spread: 5 })];

test("eight requests at once of several calls each never make one call too many, and a dear winner is still compared", async () => {
  let [runs, compared] = [0, 0];
  for (const limit of [220, 400])
    for (const first of [["a"], ids])
      for (const teleprompter of teleprompters)
        for (const seed of [0, 1]) {
          const model = counting();
          const { report } = await optimizeTeam(writers(first), {
            store: memoryStore(),
            modules: [programModule()],
            model,
            // The dearer the better: what wins is always dearer than what the estimates come from.
            metric: ({ trace }) => trace.calls.length / 10,
            teleprompter,
            train: numbers(0, 4),
            validation: numbers(100, 6),
            test: numbers(200, 6),
            budget: { calls: limit },
            concurrency: 8,
            seed,
          });
          expect(model.calls()).toBeLessThanOrEqual(limit);
          expect(report.spend.calls).toBe(model.calls());
          runs++;
          if (report.heldOut?.examples === 6) compared++;
        }
  expect(compared).toBeGreaterThanOrEqual(0.8 * runs);
});

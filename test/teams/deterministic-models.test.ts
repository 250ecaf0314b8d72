import { expect, test } from "vitest";
import { integerBelow, nextTurn, seededRng } from "#foundation";
import { agentSelection, communicationTopology, team } from "#orchestration";
import { program, signature } from "#programs";
import type { LanguageModel } from "#programs";
import { memoryStore } from "#storage/memory";
import { agentize, optimizeTeam, programModule, simba } from "#teams";
import { float } from "#variables";
import { numbers } from "./crews.ts";

const ids = ["a", "b", "c"];
const guesser = program({ name: "guesser", signature: signature("task: int -> n: int") });
const guessers = team({
  name: "guessers",
  agents: Object.fromEntries(
    ids.map((id) => [
      id,
      agentize(guesser, { output: "n", localVariables: [float("predict.temperature", { min: 0, max: 1 })] }),
    ]),
  ),
  variables: [
    agentSelection("who", { agents: ids, select: "subset" }),
    communicationTopology("net", { agents: ids, patterns: ["mesh", "ring"], rounds: { min: 1, max: 2 } }),
  ],
});

/** Answers by the seed that it is asked with, after some turns of the event loop. */
function slow(pace: string): LanguageModel {
  const rng = seededRng(pace);
  let calls = 0;
  return {
    id: "guess",
    generate: async ({ seed = 0, temperature = 0 }) => {
      const turns = integerBelow(rng.fork(`${calls++}`), 6);
      for (let turn = 0; turn < turns; turn++) await nextTurn();
      const text = `[[ ## n ## ]]\n${(seed + Math.round(100 * temperature)) % 3}\n[[ ## completed ## ]]`;
      return { text, finishReason: "stop", usage: { calls: 1, inputTokens: 10, outputTokens: 5, usd: 0 } };
    },
  };
}

test("a deterministic run takes the same way however long its models take, with agents that ask them at once", async () => {
  const way = async (pace: string): Promise<unknown> => {
    const { report } = await optimizeTeam(guessers, {
      store: memoryStore(),
      modules: [programModule()],
      model: slow(pace),
      metric: ({ output }) => (output === 1 ? 1 : 0),
      teleprompter: simba({ generations: 2, spread: 5, minibatch: 4 }),
      train: numbers(0, 2),
      validation: numbers(100, 8),
      test: numbers(200, 8),
      seed: 1,
      deterministic: true,
    });
    return { ...report, spend: report.spend.calls };
  };
  const first = await way("one pace");
  for (const pace of ["another pace", "a third pace"]) expect(await way(pace)).toEqual(first);
});

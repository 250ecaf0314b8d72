import { expect, test } from "vitest";
import { branch, execute, parallel, predict, program, signature } from "#programs";
import type { PartialOutputs, StageDraft } from "#programs";
import { bestOfN, majority, programOfThought, react, refine, tool } from "#programs/modules";
import type { BroughtStage } from "#programs/modules";
import { scriptedModel } from "#testing";

const look = tool({ name: "look", description: "Looks", input: "n?: int", execute: () => "seen" });
const answer = "[[ ## answer ## ]]\nyes\n[[ ## completed ## ]]";

async function told(stage: StageDraft | BroughtStage, replies: readonly string[]): Promise<PartialOutputs[]> {
  const partials: PartialOutputs[] = [];
  const target = program({ name: "p", signature: signature("question -> answer"), pipeline: [stage] });
  const modules = "run" in stage ? [stage] : [];
  await execute(
    target,
    { question: "?" },
    { model: scriptedModel(replies), modules, onPartial: (partial) => partials.push(partial) },
  );
  return partials;
}

const score = (): number => 1;
const sandbox = {
  run: () => Promise.resolve({ ok: true as const, results: [{ ok: true as const, value: { answer: "yes" } }] }),
};
const calling = '[[ ## calls ## ]]\n[{"tool":"look"}]';

test.each([
  ["bestOfN", bestOfN({ n: 2, score }), [answer, answer], "best_of_n"],
  ["refine", refine({ n: 2, threshold: 1, score }), [answer], "refine"],
  ["majority", majority({ n: 2 }), [answer, answer], "majority"],
  ["react", react({ tools: [look] }), [calling, `[[ ## calls ## ]]\n[]\n${answer}`], "react"],
  ["react, asked at last", react({ tools: [look], maxSteps: 1 }), [calling, answer], "react"],
  ["programOfThought", programOfThought({ sandbox }), ["[[ ## program ## ]]\n() => 1"], "program_of_thought"],
])("%s tells what it takes, and nothing of the attempts and steps before", async (_, stage, replies, id) => {
  expect(await told(stage, replies)).toEqual([{ stage: id, attempt: 1, outputs: { answer: "yes" } }]);
});

test.each([
  ["parallel", parallel({ one: predict() }), "parallel.one"],
  ["branch", branch({ cases: {}, otherwise: predict() }), "branch.otherwise"],
])("the stages in a %s tell what they write under their paths", async (_, stage, path) => {
  expect(await told(stage, [answer])).toEqual([{ stage: path, attempt: 1, outputs: { answer: "yes" } }]);
});

import { expect, test } from "vitest";
import { executeStream, program, signature } from "#tutti";
import type { AnyModels } from "#tutti";

const qa = program({ name: "qa", signature: signature("question -> answer") });
const paris = (): string => "[[ ## answer ## ]]\nParis";

test.each<[what: string, models: AnyModels]>([
  ["a function", { model: paris }],
  ["the one that the configuration names", { models: { big: paris } }],
])("the root's executeStream takes any model: %s", async (_, models) => {
  const configured = models.models === undefined ? qa : program({ ...qa, configuration: { model: "big" } });
  const stream = executeStream(configured, { question: "?" }, models);
  for await (const { stage, outputs } of stream)
    expect({ stage, outputs }).toEqual({ stage: "predict", outputs: { answer: "Paris" } });
  expect((await stream.result).outputs).toEqual({ answer: "Paris" });
});

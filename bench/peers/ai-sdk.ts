import { generateText, Output } from "ai";
import { MockLanguageModelV4 } from "ai/test";
import { z } from "zod";
import type { Contestant, Prediction } from "../parts/contestant.ts";
import { truth } from "../parts/contestant.ts";

const schema = z.object({ answer: z.string(), confidence: z.number() });
const reply = JSON.stringify(truth);

const model = new MockLanguageModelV4({
  doGenerate: () => {
    // The mock keeps every call for assertions; kept, they would be measured as a leak.
    model.doGenerateCalls.length = 0;
    return Promise.resolve({
      content: [{ type: "text", text: reply }],
      finishReason: { unified: "stop", raw: "stop" },
      usage: {
        inputTokens: { total: 10, noCache: 10, cacheRead: undefined, cacheWrite: undefined },
        outputTokens: { total: 20, text: 20, reasoning: undefined },
      },
      warnings: [],
    });
  },
});

async function predict(question: string): Promise<Prediction> {
  const { output } = await generateText({
    model,
    output: Output.object({ schema }),
    system: "Given question, produce answer and confidence.",
    prompt: question,
  });
  return output;
}

/** AI SDK 7: `generateText` with an object as its output; a pipeline is a chain of awaits. */
export const contestant: Contestant = {
  single: predict,
  pipeline: async (question) => predict((await predict((await predict(question)).answer)).answer),
};

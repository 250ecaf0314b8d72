import { AxMockAIService, ax, flow } from "@ax-llm/ax";
import type { Contestant } from "../parts/contestant.ts";
import { truth } from "../parts/contestant.ts";

const form = "question:string -> answer:string, confidence:number";

/** ax with its own mock service and its default text format. */
export function axContestant(service: AxMockAIService<string>): Contestant {
  const generator = ax(form);
  const chain = flow<{ question: string }>()
    .n("draft", form)
    .n("review", form)
    .n("answer", form)
    .e("draft", (state) => ({ question: state.question }))
    .e("review", (state) => ({ question: state.draftResult.answer }))
    .e("answer", (state) => ({ question: state.reviewResult.answer }))
    .r((state) => ({ answer: state.answerResult.answer }));
  return {
    single: (question) => generator.forward(service, { question }),
    pipeline: (question) => chain.forward(service, { question }),
  };
}

export function mockService(): AxMockAIService<string> {
  return new AxMockAIService<string>({
    features: { functions: false, streaming: false },
    chatResponse: () =>
      Promise.resolve({
        results: [
          {
            index: 0,
            content: `answer: ${truth.answer}\nconfidence: ${truth.confidence}`,
            finishReason: "stop" as const,
          },
        ],
        modelUsage: {
          ai: "mock",
          model: "instant",
          tokens: { promptTokens: 10, completionTokens: 20, totalTokens: 30 },
        },
      }),
  });
}

/** As shipped: the mock sorts all latencies that it ever saw, on every call. */
export const contestant: Contestant = axContestant(mockService());

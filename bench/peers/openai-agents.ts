import type { Contestant, Prediction } from "../parts/contestant.ts";
import { truth } from "../parts/contestant.ts";
import { importFrom } from "../parts/installed-peer.ts";
import type { Zod } from "../parts/installed-zod.ts";

/** As much of `@openai/agents` as is used here. */
interface OpenAiAgents {
  readonly Agent: new (options: {
    readonly name: string;
    readonly instructions: string;
    readonly outputType: unknown;
    readonly model: { getResponse(): Promise<unknown>; getStreamedResponse(): never };
  }) => object;
  readonly Runner: new (options: { readonly tracingDisabled: boolean }) => {
    run(agent: object, input: string): Promise<{ readonly finalOutput?: Prediction }>;
  };
  readonly Usage: new (usage: Readonly<Record<string, number>>) => object;
}

/** OpenAI Agents: an agent with an output type, run without tracing; a pipeline is a chain of awaits. */
export async function contestantIn(folder: string): Promise<Contestant> {
  const { Agent, Runner, Usage } = (await importFrom(folder, "@openai/agents")) as OpenAiAgents;
  const { z } = (await importFrom(folder, "zod")) as Zod;
  const message = {
    type: "message",
    role: "assistant",
    status: "completed",
    content: [{ type: "output_text", text: JSON.stringify(truth) }],
  };
  const agent = new Agent({
    name: "answerer",
    instructions: "Given question, produce answer and confidence.",
    outputType: z.object({ answer: z.string(), confidence: z.number() }),
    model: {
      getResponse: () =>
        Promise.resolve({
          usage: new Usage({ requests: 1, inputTokens: 10, outputTokens: 20, totalTokens: 30 }),
          output: [message],
        }),
      getStreamedResponse: () => {
        throw new Error("nobody streams here");
      },
    },
  });
  const runner = new Runner({ tracingDisabled: true });
  const predict = async (question: string): Promise<Prediction> => {
    const { finalOutput } = await runner.run(agent, question);
    if (finalOutput === undefined) throw new Error("the agent ended without an output");
    return finalOutput;
  };
  return {
    single: predict,
    pipeline: async (question) => predict((await predict((await predict(question)).answer)).answer),
  };
}

import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { ai as axService, ax } from "@ax-llm/ax";
import { embedMany, generateObject, generateText, jsonSchema, streamText, tool } from "ai";
import { describe, expect, test } from "vitest";
import { execute, program, signature } from "#programs";
import { openAiCompatible } from "#models";
import type { ModelServerOptions } from "#models/server";
import { served, shots } from "./serving.ts";

describe("@ai-sdk/openai-compatible", () => {
  const provider = async (
    options: Partial<ModelServerOptions> = {},
  ): Promise<ReturnType<typeof createOpenAICompatible>> =>
    createOpenAICompatible({
      name: "tutti",
      baseURL: await served(options),
      includeUsage: true,
      supportsStructuredOutputs: true,
    });

  test("generates and streams text with usage", async () => {
    const model = (await provider())("icl-base-1");
    const { text, usage } = await generateText({ model, prompt: shots });
    expect(text).toBe("good");
    const streamed = streamText({ model, prompt: shots });
    expect(await streamed.text).toBe("good");
    expect((await streamed.usage).totalTokens).toBe(usage.totalTokens);
  });

  test("generates objects of a schema", async () => {
    const schema = jsonSchema<{ city: string }>({
      type: "object",
      properties: { city: { type: "string" } },
      required: ["city"],
      additionalProperties: false,
    });
    const model = (await provider())("icl-base-1");
    const { object } = await generateObject({ model, schema, prompt: "We stay in Oslo for 3 nights" });
    expect(object).toEqual({ city: "Oslo" });
  });

  test("runs a tool and answers from its result", async () => {
    const asked: unknown[] = [];
    const weather = tool({
      description: "The weather in a city",
      inputSchema: jsonSchema<{ city: string }>({
        type: "object",
        properties: { city: { type: "string" } },
        required: ["city"],
      }),
      execute: async (input) => {
        asked.push(input);
        return "It snows.";
      },
    });
    const { steps } = await generateText({
      model: (await provider())("icl-base-1"),
      tools: { weather },
      prompt: "What is the weather in Oslo?",
      stopWhen: ({ steps: done }) => done.length >= 2,
    });
    expect(asked).toEqual([{ city: "Oslo" }]);
    expect(steps.at(-1)?.text).toContain("It snows.");
  });

  test("embeds, and retries a 429 when it is told to", async () => {
    const own = await provider({ faults: { rate_limit: 0.5, seed: 2 } });
    const { embeddings } = await embedMany({
      model: own.embeddingModel("icl-base-1"),
      values: ["my card"],
      maxRetries: 5,
    });
    expect(embeddings[0]).toHaveLength(256);
    const refusing = (await provider({ faults: { rate_limit: 1 } }))("icl-base-1");
    await expect(generateText({ model: refusing, prompt: shots, maxRetries: 0 })).rejects.toMatchObject({
      statusCode: 429,
    });
  });
});

describe("@ax-llm/ax", () => {
  const service = async (options: Partial<ModelServerOptions> = {}): Promise<ReturnType<typeof axService>> =>
    axService({
      name: "openai",
      apiKey: "any",
      apiURL: await served(options),
      config: { model: "icl-base-1" as never, stream: false },
    });

  test("classifies, whole and streamed", async () => {
    const triage = ax(
      '"If the text mentions refund, answer billing." ticketText:string -> queueName:class "tech, billing", isUrgent:boolean',
    );
    const llm = await service();
    const asked = { ticketText: "a refund, please" };
    const answered = await triage.forward(llm, asked, { stream: false });
    expect(answered).toEqual({ queueName: "billing", isUrgent: false });
    expect(await triage.forward(llm, asked, { stream: true })).toEqual(answered);
  });

  test("extracts with examples", async () => {
    const extract = ax("mailText:string -> cityName:string, guestCount:number");
    extract.setExamples([
      { mailText: "two rooms in Rome for 2 guests", cityName: "Rome", guestCount: 2 },
      { mailText: "a room in Bern for 5 guests", cityName: "Bern", guestCount: 5 },
    ]);
    const answered = await extract.forward(
      await service(),
      { mailText: "a suite in Oslo for 4 guests" },
      { stream: false },
    );
    expect(answered).toEqual({ cityName: "Oslo", guestCount: 4 });
  });

  test("says what the server refused", async () => {
    const llm = await service({ limits: { run: { calls: 0 } } });
    const asked = ax("questionText:string -> answerText:string").forward(
      llm,
      { questionText: "who?" },
      { stream: false, maxRetries: 0 },
    );
    await expect(asked).rejects.toThrow();
  });
});

test("our own client gets the same answers as the model behind the endpoint", async () => {
  const sort = program({
    name: "sort",
    signature: signature('ticket -> queue: "tech" | "billing"', {
      instructions: "If the text mentions refund, answer billing.",
    }),
  });
  const model = openAiCompatible({ id: "icl-base-1", url: await served() });
  const { outputs } = await execute(sort, { ticket: "a refund, please" }, { model });
  expect(outputs).toEqual({ queue: "billing" });
});

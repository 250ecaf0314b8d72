import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { simulateReadableStream } from "ai";
import { MockEmbeddingModelV4, MockLanguageModelV3, MockLanguageModelV4 } from "ai/test";
import { describe, expect, test } from "vitest";
import { aiSdkModel, languageModelFrom } from "#models";
import type { AiSdkModel } from "#models";
import { ModelError } from "#programs";
import type { LanguageModel, ModelChunk, ModelRequest } from "#programs";
import { languageModelContract } from "#testing";
import { openAiServer } from "./fixtures/openai-server.ts";
import type { Reaction } from "./fixtures/openai-server.ts";

const request: ModelRequest = {
  messages: [
    { role: "system", content: "Be short." },
    { role: "user", content: "Hi" },
    { role: "assistant", content: "Hello" },
    { role: "user", content: "Bye" },
  ],
  temperature: 0.3,
  maxTokens: 20,
  stop: ["\n"],
  responseFormat: { type: "json", name: "outputs", schema: { type: "object" } },
};

const totals = (total: number) => ({ total, noCache: undefined, cacheRead: undefined, cacheWrite: undefined });

const v4Result = {
  content: [
    { type: "reasoning", text: "hm" },
    { type: "text", text: "Good" },
    { type: "text", text: "bye" },
  ],
  finishReason: { unified: "length", raw: "max" },
  usage: { inputTokens: totals(11), outputTokens: { total: 3, text: 3, reasoning: undefined } },
  warnings: [{ type: "unsupported", feature: "responseFormat" }],
};

const v4Parts = [
  { type: "stream-start", warnings: v4Result.warnings },
  { type: "reasoning-delta", id: "0", delta: "hm" },
  { type: "text-start", id: "1" },
  { type: "text-delta", id: "1", delta: "Good" },
  { type: "text-delta", id: "1", delta: "bye" },
  { type: "text-end", id: "1" },
  { type: "finish", finishReason: v4Result.finishReason, usage: v4Result.usage },
];

const streamOf = (parts: readonly unknown[]): ReadableStream<never> =>
  simulateReadableStream({ chunks: [...parts] }) as ReadableStream<never>;

const v4Stream = async (): Promise<unknown> => ({ stream: streamOf(v4Parts) });

/** A model object of the older specification, whose results are flat. */
function v2Model(): AiSdkModel {
  return {
    specificationVersion: "v2",
    provider: "older",
    modelId: "m",
    doGenerate: async () => ({
      content: [{ type: "text", text: "Goodbye" }],
      finishReason: "length",
      usage: { inputTokens: 11, outputTokens: 3, totalTokens: 14 },
      warnings: [],
    }),
  };
}

const models: Record<string, () => AiSdkModel> = {
  V2: v2Model,
  V3: () => new MockLanguageModelV3({ doGenerate: v4Result as never, doStream: v4Stream as never }),
  V4: () => new MockLanguageModelV4({ doGenerate: v4Result as never, doStream: v4Stream as never }),
};

describe.each(Object.entries(models))("a model object of specification %s", (_, make) => {
  for (const [claim, check] of Object.entries(languageModelContract))
    test(claim, () => check(() => aiSdkModel(make())));

  test("answers with its text, its finish reason and its usage", async () => {
    const reply = await languageModelFrom(make()).generate(request);
    expect(reply).toMatchObject({
      text: "Goodbye",
      finishReason: "length",
      usage: { calls: 1, inputTokens: 11, outputTokens: 3, usd: 0 },
    });
  });
});

test("the request arrives in the specification's form, and nothing that was not asked for with it", async () => {
  const model = new MockLanguageModelV4({ doGenerate: v4Result as never });
  const reply = await aiSdkModel(model).generate(request);
  expect(model.doGenerateCalls).toEqual([
    {
      prompt: [
        { role: "system", content: "Be short." },
        { role: "user", content: [{ type: "text", text: "Hi" }] },
        { role: "assistant", content: [{ type: "text", text: "Hello" }] },
        { role: "user", content: [{ type: "text", text: "Bye" }] },
      ],
      temperature: 0.3,
      maxOutputTokens: 20,
      stopSequences: ["\n"],
      responseFormat: { type: "json", name: "outputs", schema: { type: "object" } },
    },
  ]);
  expect(reply.warnings).toEqual(["unsupported: responseFormat"]);
});

test("the settings that presets vary arrive under the specification's names", async () => {
  const model = new MockLanguageModelV4({ doGenerate: v4Result as never });
  const settings = { temperature: 0.1, topP: 0.8, presencePenalty: 0.2, frequencyPenalty: 0.3 };
  await aiSdkModel(model).generate({ messages: request.messages, ...settings, maxTokens: 64 });
  expect(model.doGenerateCalls[0]).toMatchObject({ ...settings, maxOutputTokens: 64 });
});

test.each<[own: string, options: object, warnings: readonly string[]]>([
  ["gateway", { providerOptions: { gateway: { order: ["azure"] } } }, []],
  ["azure.chat", {}, []],
  ["openai.chat", {}, ["provider was ignored: the model is openai.chat's own"]],
])("a provider that is wished of a model of %s becomes %j with the warnings %j", async (own, options, warnings) => {
  const model = new MockLanguageModelV4({ provider: own, doGenerate: v4Result as never });
  const reply = await aiSdkModel(model).generate({ messages: [], provider: "azure" });
  expect(model.doGenerateCalls).toEqual([{ prompt: [], ...options }]);
  expect(reply.warnings).toEqual([...warnings, "unsupported: responseFormat"]);
});

test("structured output text counts instead of the parts, even when it is empty", async () => {
  const model = new MockLanguageModelV4({ doGenerate: { ...v4Result, structuredOutputText: "" } as never });
  expect((await aiSdkModel(model).generate(request)).text).toBe("");
});

test.each([
  [{ statusCode: 429, isRetryable: true, responseHeaders: { "retry-after": "2" } }, "rate_limited", true, 2000],
  [{ statusCode: 503, isRetryable: true }, "unavailable", true, undefined],
  [{ statusCode: 401, isRetryable: false }, "unauthorized", false, undefined],
  [{ statusCode: 400, isRetryable: false }, "invalid_request", false, undefined],
  [{ name: "TimeoutError" }, "timeout", true, undefined],
])("the SDK's error %j becomes %s", async (fields, code, retryable, retryAfterMs) => {
  const model: AiSdkModel = {
    ...v2Model(),
    doGenerate: () => Promise.reject(Object.assign(new Error("the provider said no"), fields)),
  };
  const failed = aiSdkModel(model).generate(request);
  await expect(failed).rejects.toBeInstanceOf(ModelError);
  await expect(failed).rejects.toMatchObject({ code, retryable, retryAfterMs });
});

test("an answer without content is a bad response, not an empty text", async () => {
  const model: AiSdkModel = { ...v2Model(), doGenerate: () => Promise.resolve({}) };
  await expect(aiSdkModel(model).generate(request)).rejects.toMatchObject({ code: "bad_response" });
});

test("a stream gives its text as it comes, then the reply with its usage and warnings", async () => {
  const model = new MockLanguageModelV4({ doStream: v4Stream as never });
  expect(await chunksOf(aiSdkModel(model))).toEqual([
    { type: "text", text: "Good" },
    { type: "text", text: "bye" },
    {
      type: "reply",
      reply: {
        text: "Goodbye",
        finishReason: "length",
        usage: { calls: 1, inputTokens: 11, outputTokens: 3, usd: 0 },
        warnings: ["unsupported: responseFormat"],
      },
    },
  ]);
});

test.each([
  ["an error part, whatever the end says", [...v4Parts.slice(0, 4), { type: "error", error: "boom" }, v4Parts.at(-1)]],
  ["no end", v4Parts.slice(0, 5)],
])("a stream with %s is a failure that another try may mend", async (_, parts) => {
  const model = new MockLanguageModelV4({ doStream: async () => ({ stream: streamOf(parts) }) });
  await expect(chunksOf(aiSdkModel(model))).rejects.toMatchObject({ code: "unavailable", retryable: true });
});

test("a model without doStream has no stream", () => {
  expect("stream" in aiSdkModel(v2Model())).toBe(false);
});

const toolRequest: ModelRequest = {
  messages: [
    { role: "user", content: "Weather?", attachments: [{ kind: "image", mediaType: "image/png", data: "QUJD" }] },
    { role: "assistant", content: "", toolCalls: [{ id: "c1", name: "weather", input: '{"city":"Bern"}' }] },
    { role: "tool", content: "sunny", toolCallId: "c1" },
  ],
  tools: [{ name: "weather", description: "tells it", inputSchema: { type: "object" } }],
  toolChoice: { name: "weather" },
};

const prompt = (data: unknown): unknown => [
  {
    role: "user",
    content: [
      { type: "text", text: "Weather?" },
      { type: "file", mediaType: "image/png", data },
    ],
  },
  {
    role: "assistant",
    content: [{ type: "tool-call", toolCallId: "c1", toolName: "weather", input: { city: "Bern" } }],
  },
  {
    role: "tool",
    content: [{ type: "tool-result", toolCallId: "c1", toolName: "weather", output: { type: "text", value: "sunny" } }],
  },
];

test.each([
  ["V3", (): MockLanguageModelV3 => new MockLanguageModelV3({ doGenerate: v4Result as never }), "QUJD"],
  [
    "V4",
    (): MockLanguageModelV4 => new MockLanguageModelV4({ doGenerate: v4Result as never }),
    { type: "data", data: "QUJD" },
  ],
])("tools, their calls and results and attachments arrive in the form of %s", async (_, make, data) => {
  const model = make();
  await aiSdkModel(model).generate(toolRequest);
  expect(model.doGenerateCalls).toEqual([
    {
      prompt: prompt(data),
      tools: [{ type: "function", name: "weather", description: "tells it", inputSchema: { type: "object" } }],
      toolChoice: { type: "tool", toolName: "weather" },
    },
  ]);
});

test("wishes for tools come back, streamed or not", async () => {
  const call = { type: "tool-call", toolCallId: "c1", toolName: "weather", input: '{"city":"Bern"}' };
  const finishReason = { unified: "tool-calls", raw: undefined };
  const model = new MockLanguageModelV4({
    doGenerate: { ...v4Result, content: [call], finishReason } as never,
    doStream: async () => ({ stream: streamOf([call, { ...v4Parts.at(-1), finishReason }]) }),
  });
  const expected = {
    finishReason: "tool_calls",
    text: "",
    toolCalls: [{ id: "c1", name: "weather", input: '{"city":"Bern"}' }],
  };
  expect(await aiSdkModel(model).generate(request)).toMatchObject(expected);
  expect((await chunksOf(aiSdkModel(model))).at(-1)).toMatchObject({ reply: expected });
});

test("an embedding model gives the vectors, in as many calls as it needs", async () => {
  const embeddingModel = new MockEmbeddingModelV4({
    maxEmbeddingsPerCall: 2,
    doEmbed: async ({ values }) => ({
      embeddings: values.map(({ length }) => [length]),
      usage: { tokens: 5 },
      warnings: [],
    }),
  });
  const model = aiSdkModel(v2Model(), { embeddingModel });
  expect(await model.embed?.(["a", "bb", "ccc"])).toEqual({
    vectors: [[1], [2], [3]],
    usage: { calls: 2, inputTokens: 10, outputTokens: 0, usd: 0 },
  });
  expect("embed" in aiSdkModel(v2Model())).toBe(false);
});

describe("a provider of the SDK itself, against a server", () => {
  const provider = (baseURL: string): ReturnType<typeof createOpenAICompatible> =>
    createOpenAICompatible({ name: "lab", baseURL, apiKey: "sk-test", includeUsage: true });

  test("answers, streams and embeds", async () => {
    await using server = await openAiServer(() => ({ does: "answer", text: "all is well" }));
    const { url } = server;
    const model = aiSdkModel(provider(url)("big-1"), { embeddingModel: provider(url).embeddingModel("embed-1") });
    const usage = { calls: 1, inputTokens: 3, outputTokens: 11, usd: 0 };
    expect(await model.generate(request)).toMatchObject({ text: "all is well", finishReason: "stop", usage });
    const chunks = await chunksOf(model);
    expect(chunks.map((chunk) => (chunk.type === "text" ? chunk.text : ""))).toEqual(["all ", "is ", "well", ""]);
    expect(chunks.at(-1)).toMatchObject({ reply: { text: "all is well", usage } });
    expect(await model.embed?.(["a", "bb"])).toMatchObject({
      vectors: [expect.any(Array), expect.any(Array)],
      usage: { calls: 1, inputTokens: 2 },
    });
  });

  test.each<[what: string, reaction: Reaction, expected: object]>([
    [
      "429",
      { does: "refuse", status: 429, headers: { "retry-after": "2" } },
      { code: "rate_limited", retryable: true, retryAfterMs: 2000 },
    ],
    ["503", { does: "refuse", status: 503 }, { code: "unavailable", retryable: true }],
    ["401", { does: "refuse", status: 401 }, { code: "unauthorized", retryable: false }],
    ["a reset", { does: "reset" }, { code: "unavailable", retryable: true }],
    ["a stream cut short", { does: "cut", text: "one two three", how: "end" }, { retryable: true }],
  ])("fails with %s as the model's error, streamed or not", async (what, reaction, expected) => {
    await using server = await openAiServer(() => reaction);
    const model = aiSdkModel(provider(server.url)("big-1"));
    await expect(chunksOf(model)).rejects.toMatchObject({ name: "ModelError", ...expected });
    if (!what.startsWith("a stream")) await expect(model.generate(request)).rejects.toMatchObject(expected);
  });
});

async function chunksOf(model: LanguageModel): Promise<ModelChunk[]> {
  const chunks: ModelChunk[] = [];
  for await (const chunk of model.stream?.(request) ?? []) chunks.push(chunk);
  return chunks;
}

import { MockLanguageModelV3, MockLanguageModelV4 } from "ai/test";
import { describe, expect, test } from "vitest";
import { aiSdkModel, languageModelFrom } from "#models";
import type { AiSdkModel } from "#models";
import { ModelError } from "#programs";
import type { ModelRequest } from "#programs";
import { languageModelContract } from "#testing";

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
  V3: () => new MockLanguageModelV3({ doGenerate: v4Result as never }),
  V4: () => new MockLanguageModelV4({ doGenerate: v4Result as never }),
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

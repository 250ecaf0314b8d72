import { afterEach, expect, test, vi } from "vitest";
import { UsageError } from "#foundation";
import { languageModelFrom } from "#models";
import type { ModelLike } from "#models";
import { ModelError } from "#programs";
import { languageModelContract, scriptedModel } from "#testing";

const request = { messages: [{ role: "user", content: "Hi" }] } as const;

afterEach(() => {
  vi.unstubAllEnvs();
});

for (const [claim, check] of Object.entries(languageModelContract))
  test(`a function: ${claim}`, () => check(() => languageModelFrom(({ messages }) => `${messages.at(-1)?.content}!`)));

test("a function is named after itself and may answer with a text or a whole reply", async () => {
  const shout = (): string => "HI";
  const model = languageModelFrom(shout);
  expect(model.id).toBe("shout");
  expect(await model.generate(request)).toMatchObject({ text: "HI", finishReason: "stop", usage: { calls: 1 } });

  const reply = {
    text: "x",
    finishReason: "length",
    usage: { calls: 1, inputTokens: 1, outputTokens: 1, usd: 0 },
  } as const;
  expect(await languageModelFrom(() => reply).generate(request)).toEqual(reply);
});

test("what a function throws becomes a model's error with the cause", async () => {
  const cause = new Error("out of ink");
  const model = languageModelFrom(() => {
    throw cause;
  });
  await expect(model.generate(request)).rejects.toBeInstanceOf(ModelError);
  await expect(model.generate(request)).rejects.toMatchObject({ code: "engine", cause });
});

test("a language model is taken as it is, and one object is always the same model", () => {
  const model = scriptedModel([]);
  expect(languageModelFrom(model)).toBe(model);
  const endpoint = { id: "m", url: "http://127.0.0.1:1/v1" };
  expect(languageModelFrom(endpoint)).toBe(languageModelFrom(endpoint));
});

test("a name is reached through the environment", () => {
  vi.stubEnv("OPENAI_API_KEY", "sk-test");
  expect(languageModelFrom("openai/gpt-5-mini").id).toBe("openai/gpt-5-mini");
});

test.each(["gpt-5-mini", "openai/", "elsewhere/m", "openai/gpt-5-mini"])(
  "the name %s that leads nowhere is refused with the ways that lead somewhere",
  (name) => {
    vi.stubEnv("OPENAI_API_KEY", undefined);
    expect(() => languageModelFrom(name)).toThrow(UsageError);
    expect(() => languageModelFrom(name)).toThrow(/OPENAI_API_KEY[\s\S]*\{ id, url, apiKey \}[\s\S]*a function/);
  },
);

test.each([null, 7, {}, { url: "http://127.0.0.1" }])("%j is no model", (value) => {
  expect(() => languageModelFrom(value as unknown as ModelLike)).toThrow(
    /model: expected a LanguageModel, an AI SDK model/,
  );
});

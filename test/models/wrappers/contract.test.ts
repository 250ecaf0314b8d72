import { describe, expect, test } from "vitest";
import {
  cached,
  cassette,
  circuitBreaker,
  fallback,
  limited,
  metered,
  priced,
  recorded,
  replayed,
  retrying,
  withTimeout,
} from "#models/wrappers";
import type { LanguageModel, ModelRequest } from "#programs";
import { memoryStore } from "#storage/memory";
import { languageModelContract, scriptedModel } from "#testing";
import { talkingModel } from "../fixtures/talking-model.ts";
import { temporaryStore } from "../fixtures/temporary-store.ts";

type Wrap = (model: LanguageModel) => LanguageModel | Promise<LanguageModel>;

const wrappers: Readonly<Record<string, Wrap>> = {
  retrying: (model) => retrying(model),
  withTimeout: (model) => withTimeout(model, { ms: 10_000 }),
  fallback: (model) => fallback([model, scriptedModel([])]),
  limited: (model) => limited(model, { concurrency: 2, callsPerMinute: 1000, tokensPerMinute: 1_000_000 }),
  circuitBreaker: (model) => circuitBreaker(model),
  cached: (model) => cached(model),
  "cached in a memory store": (model) => cached(model, { store: memoryStore() }),
  "cached in a SQLite store": async (model) => cached(model, { store: await temporaryStore() }),
  priced: (model) => priced(model, { input: 1, output: 1 }),
  metered: (model) => metered(model),
  recorded: (model) => recorded(model, cassette()),
  "all of them": (model) =>
    metered(
      cached(
        retrying(circuitBreaker(limited(withTimeout(priced(model, { input: 1, output: 1 }), { ms: 10_000 }), {}))),
      ),
    ),
};

describe.each(Object.entries(wrappers))("%s", (name, wrap) => {
  for (const [claim, check] of Object.entries(languageModelContract))
    test(claim, () => check(() => wrap(talkingModel())));

  test("keeps the model's id and what it can do, and has the verbs that the model has", async () => {
    const model = talkingModel();
    const around = await wrap(model);
    expect(around.id).toBe("talking");
    if (name !== "fallback") {
      expect(around.supports).toEqual(model.supports);
      expect(around.usdPerMillionTokens).toBeDefined();
    }
    expect([typeof around.stream, typeof around.embed]).toEqual(["function", "function"]);
    const plain = await wrap(scriptedModel(() => "x"));
    expect(Object.keys(plain)).not.toContain("stream");
    expect(Object.keys(plain)).not.toContain("embed");
    if (name !== "fallback") expect(Object.keys(plain)).not.toContain("supports");
  });

  test("calls a model that is an object of a class as its method", async () => {
    class Model implements LanguageModel {
      readonly id = "living";
      readonly #word = "alive";
      async generate(): ReturnType<LanguageModel["generate"]> {
        return { text: this.#word, finishReason: "stop", usage: { calls: 1, inputTokens: 1, outputTokens: 1, usd: 0 } };
      }
    }
    const around = await wrap(new Model());
    expect((await around.generate({ messages: [] })).text).toBe("alive");
  });
});

describe("a replayed model", () => {
  const words = ["one", "two", "three", "four", "five"];
  const question = (word: string): ModelRequest => ({
    messages: [
      { role: "system", content: "Repeat the word." },
      { role: "user", content: word },
    ],
    temperature: 0,
    maxTokens: 64,
  });

  test.each(Object.entries(languageModelContract))("%s", async (_, check) => {
    const tape = cassette();
    const model = recorded(talkingModel(), tape);
    for (const word of words) await model.generate(question(word));
    await model.embed?.(["one", "two", "three"]);
    await check(() => replayed(tape, { strict: false }));
  });
});

test.each(Object.entries(wrappers))("%s refuses what only becomes a model", async (_, wrap) => {
  for (const given of ["openai/gpt-5-mini", async () => "text", undefined, {}])
    await expect(async () => wrap(given as never)).rejects.toThrow(/expected a LanguageModel, as languageModelFrom/);
});

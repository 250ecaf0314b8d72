import { describe, expect, test } from "vitest";
import { UsageError } from "#foundation";
import { fallback } from "#models/wrappers";
import { ModelError } from "#programs";
import type { LanguageModel, ModelErrorCode, ModelErrorOptions, ModelRequest } from "#programs";
import { talkingModel } from "../fixtures/talking-model.ts";
import type { TalkingModel } from "../fixtures/talking-model.ts";

const request: ModelRequest = { messages: [{ role: "user", content: "Hi" }] };

const failing = (id: string, code: ModelErrorCode, options: ModelErrorOptions = {}): TalkingModel =>
  talkingModel(
    () => {
      throw new ModelError(code, `${id} failed`, options);
    },
    { id },
  );
const good = (id: string): TalkingModel => talkingModel(() => `${id} answers`, { id });

describe("the next model is asked", () => {
  test.each<ModelErrorCode>([
    "rate_limited",
    "unavailable",
    "timeout",
    "unauthorized",
    "unknown_model",
    "bad_response",
    "engine",
  ])("after %s, and the reply says who answered", async (code) => {
    const last = good("c");
    const reply = await fallback([failing("a", code), good("b"), last]).generate(request);
    expect(reply).toMatchObject({ text: "b answers", metadata: { answeredBy: "b" } });
    expect(last.asked).toEqual([]);
  });

  test.each<ModelErrorCode>(["invalid_request", "context_length", "budget_exhausted"])(
    "not after %s, unless told so",
    async (code) => {
      const next = good("b");
      await expect(fallback([failing("a", code), next]).generate(request)).rejects.toMatchObject({ code });
      expect(next.asked).toEqual([]);
      const told = fallback([failing("a", code), next], { on: [code] });
      expect((await told.generate(request)).text).toBe("b answers");
    },
  );

  test("not after the caller's abort", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    let isAsked = false;
    const first = talkingModel(() => {
      controller.abort(reason);
      throw new ModelError("unavailable", "down");
    });
    const heedless = talkingModel(undefined, {
      generate: async () => {
        isAsked = true;
        throw new ModelError("unavailable", "down");
      },
    });
    await expect(fallback([first, heedless]).generate(request, { signal: controller.signal })).rejects.toBe(reason);
    expect(isAsked).toBe(false);
  });

  test("of streams too, and one that does not stream answers in one piece", async () => {
    const b = good("b");
    const whole: LanguageModel = { id: "b", generate: (asked, options) => b.generate(asked, options) };
    const chunks = [];
    for await (const chunk of fallback([failing("a", "unavailable"), whole]).stream?.(request) ?? [])
      chunks.push(chunk);
    expect(chunks).toMatchObject([
      { type: "text", text: "b answers" },
      { type: "reply", reply: { text: "b answers", metadata: { answeredBy: "b" } } },
    ]);
  });

  test("but not in the middle of a stream", async () => {
    const next = good("b");
    const cut: LanguageModel = {
      ...good("a"),
      async *stream() {
        yield { type: "text", text: "half" };
        throw new ModelError("unavailable", "cut");
      },
    };
    const reading = async (): Promise<void> => {
      for await (const _ of fallback([cut, next]).stream?.(request) ?? []);
    };
    await expect(reading()).rejects.toMatchObject({ code: "unavailable", message: "cut" });
    expect(next.asked).toEqual([]);
  });
});

test("when all fail the error tells of all, and may be tried again if one of them may, when the first is ready", async () => {
  const models = [
    failing("a", "rate_limited", { retryable: true, retryAfterMs: 4000 }),
    failing("b", "rate_limited", { retryable: true, retryAfterMs: 900 }),
    failing("c", "unauthorized"),
  ];
  await expect(fallback(models).generate(request)).rejects.toMatchObject({
    code: "unauthorized",
    message: "none of 3 models answered: a failed; b failed; c failed",
    retryable: true,
    retryAfterMs: 900,
  });
});

test("it costs what the dearest costs, where all tell it, and can what all can", () => {
  const a = { ...good("a"), usdPerMillionTokens: { input: 1, output: 9 }, supports: { tools: true, images: true } };
  const b = { ...good("b"), usdPerMillionTokens: { input: 2, output: 3 }, supports: { tools: true, images: false } };
  const model = fallback([a, b]);
  expect(model.usdPerMillionTokens).toEqual({ input: 2, output: 9 });
  expect(model.supports).toEqual({ tools: true, images: false });
  const { usdPerMillionTokens: _, ...unpriced } = b;
  expect(fallback([a, unpriced]).usdPerMillionTokens).toBeUndefined();
});

test("vectors are the first model's alone: those of different models cannot be compared", async () => {
  const vectors =
    (value: number): LanguageModel["embed"] =>
    async () => ({
      vectors: [[value]],
      usage: { calls: 1, inputTokens: 1, outputTokens: 0, usd: 0 },
    });
  const first = { ...good("a"), embed: vectors(1) as NonNullable<LanguageModel["embed"]> };
  expect((await fallback([first, good("b")]).embed?.(["x"]))?.vectors).toEqual([[1]]);
  const without: LanguageModel = { id: "c", generate: (asked, options) => first.generate(asked, options) };
  expect("embed" in fallback([without, first])).toBe(false);
});

test("no model at all is refused at once", () => {
  expect(() => fallback([])).toThrow(UsageError);
});

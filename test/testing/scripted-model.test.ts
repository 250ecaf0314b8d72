import { describe, expect, test } from "vitest";
import { languageModelContract, scriptedModel } from "#testing";
import type { ModelRequest } from "#programs";
import { ModelError } from "#programs";
import { UsageError } from "#foundation";

const ask = (content: string): ModelRequest => ({ messages: [{ role: "user", content }] });

describe("a scripted model is a language model", () => {
  const open = (): ReturnType<typeof scriptedModel> =>
    scriptedModel(({ messages }) => messages.map(({ content }) => content).join(" / "));
  test.each(Object.entries(languageModelContract))("%s", (_, check) => check(open));
});

describe("the contract of language models catches one that", () => {
  type Model = ReturnType<typeof scriptedModel>;
  const broken: readonly [what: string, claim: keyof typeof languageModelContract, open: () => Model][] = [
    ["has no id", "it has an id", () => ({ ...scriptedModel(() => "x"), id: "" })],
    [
      "counts no tokens",
      "an answer has a text, a finish reason and a usage of finite non-negative numbers",
      () => scriptedModel(() => "x", { usage: { inputTokens: Number.NaN } }),
    ],
    [
      "counts two calls",
      "a call costs one call or, from a cache, none",
      () => scriptedModel(() => "x", { usage: { calls: 2 } }),
    ],
    [
      "does not look at its signal",
      "an already aborted signal rejects with its reason",
      () => {
        const model = scriptedModel(() => "x");
        return { ...model, generate: (request) => model.generate(request) };
      },
    ],
    [
      "mixes up its callers",
      "calls at once get the answers that they would get one after the other",
      () => {
        let last = "";
        return scriptedModel(async ({ messages }) => {
          last = messages.at(-1)?.content ?? "";
          await Promise.resolve();
          return last;
        });
      },
    ],
    [
      "writes to its request",
      "the request is not changed",
      () => scriptedModel((request) => `${((request as { seed: number }).seed = 1)}`),
    ],
  ];

  test.each(broken)("%s", async (_, claim, open) => {
    await expect(languageModelContract[claim]?.(open)).rejects.toThrow();
  });
});

describe("a scripted model", () => {
  test("gives its replies in order and records what it was asked", async () => {
    const model = scriptedModel(["one", { text: "two", finishReason: "length" }], { usage: { usd: 0.5 } });
    expect(await model.generate(ask("a"))).toEqual({
      text: "one",
      finishReason: "stop",
      usage: { calls: 1, inputTokens: 0, outputTokens: 0, usd: 0.5 },
    });
    expect((await model.generate(ask("b"))).finishReason).toBe("length");
    expect(model.calls).toEqual([ask("a"), ask("b")]);
  });

  test("rejects with the error in its script", async () => {
    const error = new ModelError("timeout", "late");
    await expect(scriptedModel([error]).generate(ask("a"))).rejects.toBe(error);
  });

  test("says when its script has run out, and what was asked", async () => {
    const model = scriptedModel(["one"], { id: "short" });
    await model.generate(ask("a"));
    await expect(model.generate(ask("b"))).rejects.toThrow(
      new UsageError('model short: the script has 1 replies, call 2 came; asked was "b"'),
    );
  });

  test("with an aborted signal neither answers nor counts", async () => {
    const model = scriptedModel(["one"]);
    const reason = new Error("gone");
    await expect(model.generate(ask("a"), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect((await model.generate(ask("a"))).text).toBe("one");
  });
});

import assert from "node:assert/strict";
import type { LanguageModel, ModelReply, ModelRequest, Usage } from "#programs";
import type { Contract } from "./contract.ts";

/** Opens the model under test: a new one for every claim. */
export type OpenLanguageModel = () => LanguageModel | Promise<LanguageModel>;

const finishReasons = ["stop", "length", "content_filter", "tool_calls", "error", "other"];

/** What every LanguageModel must do. The model must answer the same to the same request at temperature 0. */
export const languageModelContract: Contract<OpenLanguageModel> = {
  "it has an id": async (open) => {
    const { id } = await open();
    assert.equal(typeof id, "string");
    assert.notEqual(id, "");
  },

  "an answer has a text, a finish reason and a usage of finite non-negative numbers": async (open) => {
    const model = await open();
    checkReply(await model.generate(question("one")));
  },

  "a call costs one call or, from a cache, none": async (open) => {
    const model = await open();
    const { usage } = await model.generate(question("one"));
    assert.ok(usage.calls === 0 || usage.calls === 1, `calls: ${usage.calls}`);
  },

  "an already aborted signal rejects with its reason": async (open) => {
    const model = await open();
    const reason = new Error("the caller has gone");
    await assert.rejects(
      Promise.resolve(model.generate(question("one"), { signal: AbortSignal.abort(reason) })),
      (thrown) => thrown === reason,
    );
  },

  "a call that was aborted does not harm the next": async (open) => {
    const model = await open();
    await model.generate(question("one"), { signal: AbortSignal.abort() }).catch(() => {});
    checkReply(await model.generate(question("one")));
  },

  "calls at once get the answers that they would get one after the other": async (open) => {
    const model = await open();
    const requests = ["one", "two", "three", "four", "five"].map(question);
    const alone: string[] = [];
    for (const request of requests) alone.push((await model.generate(request)).text);
    const together = await Promise.all(requests.map((request) => model.generate(request)));
    assert.deepEqual(
      together.map(({ text }) => text),
      alone,
    );
  },

  "the request is not changed": async (open) => {
    const model = await open();
    const request = question("one");
    const before = structuredClone(request);
    await model.generate(deepFrozen(request));
    assert.deepEqual(request, before);
  },
};

function question(word: string): ModelRequest {
  return {
    messages: [
      { role: "system", content: "Repeat the word." },
      { role: "user", content: word },
    ],
    temperature: 0,
    maxTokens: 64,
  };
}

function checkReply({ text, finishReason, usage, warnings = [] }: ModelReply): void {
  assert.equal(typeof text, "string");
  assert.ok(finishReasons.includes(finishReason), `finishReason: ${finishReason}`);
  for (const key of ["calls", "inputTokens", "outputTokens", "usd"] satisfies (keyof Usage)[])
    assert.ok(Number.isFinite(usage[key]) && usage[key] >= 0, `usage.${key}: ${usage[key]}`);
  for (const warning of warnings) assert.equal(typeof warning, "string");
}

function deepFrozen<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  Object.values(value).forEach(deepFrozen);
  return Object.freeze(value);
}

import assert from "node:assert/strict";
import type { LanguageModel, ModelCallOptions, ModelChunk, ModelReply, ModelRequest, Usage } from "#programs";
import type { Contract } from "./contract.ts";

/** Opens the model under test: a new one for every claim. */
export type OpenLanguageModel = () => LanguageModel | Promise<LanguageModel>;

const finishReasons = ["stop", "length", "content_filter", "tool_calls", "error", "other"];

/**
 * What every LanguageModel must do. The model must answer the same to the same request at temperature 0. What it does
 * not have, `stream` or `embed`, is not asked of it. That a stream cut short throws is for its own tests to show: only
 * they can cut it.
 */
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

  "a stream is pieces of text and, last and once, the whole reply with that text": async (open) => {
    const chunks = await streamed(await open(), "one");
    if (chunks === undefined) return;
    const last = chunks.pop();
    assert.ok(last?.type === "reply", "the reply is not last");
    checkReply(last.reply);
    assert.equal(chunks.map((chunk) => (chunk.type === "text" ? chunk.text : "(a reply)")).join(""), last.reply.text);
  },

  "a streamed answer is the answer": async (open) => {
    const model = await open();
    const last = (await streamed(model, "one"))?.at(-1);
    if (last === undefined) return;
    const { text, finishReason, toolCalls } = await model.generate(question("one"));
    assert.ok(last.type === "reply");
    assert.deepEqual(
      { text: last.reply.text, finishReason: last.reply.finishReason, toolCalls: last.reply.toolCalls },
      { text, finishReason, toolCalls },
    );
  },

  "an already aborted signal ends a stream with its reason before any piece": async (open) => {
    const reason = new Error("the caller has gone");
    const seen: ModelChunk[] = [];
    const model = await open();
    if (model.stream === undefined) return;
    const chunks = streamed(model, "one", { signal: AbortSignal.abort(reason) }, (chunk) => seen.push(chunk));
    await assert.rejects(chunks, (thrown) => thrown === reason);
    assert.deepEqual(seen, []);
  },

  "an abort between two pieces ends a stream with its reason": async (open) => {
    const model = await open();
    if (model.stream === undefined) return;
    const controller = new AbortController();
    const reason = new Error("enough");
    const chunks = streamed(model, "one", { signal: controller.signal }, () => controller.abort(reason));
    await assert.rejects(chunks, (thrown) => thrown === reason);
  },

  "who leaves a stream early does not harm the next": async (open) => {
    const model = await open();
    if (model.stream === undefined) return;
    for await (const _ of model.stream(question("one"))) break;
    checkReply(await model.generate(question("one")));
    assert.equal((await streamed(model, "one"))?.at(-1)?.type, "reply");
  },

  "vectors come one for each text, of one length and of finite numbers": async (open) => {
    const model = await open();
    if (model.embed === undefined) return;
    const { vectors, usage } = await model.embed(["one", "two", "three"]);
    assert.equal(vectors.length, 3);
    assert.equal(new Set(vectors.map(({ length }) => length)).size, 1);
    for (const value of vectors.flat()) assert.ok(Number.isFinite(value), `a vector has ${value}`);
    checkUsage(usage);
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
  checkUsage(usage);
  for (const warning of warnings) assert.equal(typeof warning, "string");
}

function checkUsage(usage: Usage): void {
  for (const key of ["calls", "inputTokens", "outputTokens", "usd"] satisfies (keyof Usage)[])
    assert.ok(Number.isFinite(usage[key]) && usage[key] >= 0, `usage.${key}: ${usage[key]}`);
}

/** All chunks of a streamed answer; `undefined` of a model that does not stream. */
async function streamed(
  model: LanguageModel,
  word: string,
  options: ModelCallOptions = {},
  onChunk: (chunk: ModelChunk) => void = () => {},
): Promise<ModelChunk[] | undefined> {
  if (model.stream === undefined) return undefined;
  const chunks: ModelChunk[] = [];
  for await (const chunk of model.stream(question(word), options)) {
    chunks.push(chunk);
    onChunk(chunk);
  }
  return chunks;
}

function deepFrozen<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  Object.values(value).forEach(deepFrozen);
  return Object.freeze(value);
}

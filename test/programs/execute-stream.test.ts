import { describe, expect, expectTypeOf, test } from "vitest";
import { UsageError } from "#foundation";
import {
  chainOfThought,
  execute,
  executeStream,
  ModelError,
  module,
  noUsage,
  predict,
  program,
  ProgramError,
  signature,
} from "#programs";
import type {
  Execution,
  ExecutionStream,
  LanguageModel,
  ModelCallOptions,
  ModelChunk,
  ModelReply,
  ModelRequest,
  PartialOutputs,
} from "#programs";
import { scriptedModel } from "#testing";

const qa = program({ name: "qa", signature: signature("question -> answer, size: int") });
const good = "[[ ## answer ## ]]\na small cat\n[[ ## size ## ]]\n42\n[[ ## completed ## ]]";
const reply = (text: string): ModelReply => ({ text, finishReason: "stop", usage: { ...noUsage, calls: 1 } });

/** A stream as a script: texts are chunks, a reply ends it, an error is thrown. */
type StreamScript = readonly (string | ModelReply | Error)[];

interface StreamingModel extends LanguageModel {
  readonly requests: readonly ModelRequest[];
  readonly options: readonly ModelCallOptions[];
  /** How many streams were left, by their end or by the reader. */
  readonly ended: () => number;
}

function streamingModel(...scripts: readonly StreamScript[]): StreamingModel {
  const [requests, options]: [ModelRequest[], ModelCallOptions[]] = [[], []];
  let ended = 0;
  return {
    id: "streaming",
    requests,
    options,
    ended: () => ended,
    generate: () => Promise.reject(new Error("asked for a whole reply")),
    async *stream(request, given = {}): AsyncGenerator<ModelChunk> {
      const script = scripts[requests.push(request) - 1] ?? [];
      options.push(given);
      try {
        for (const piece of script) {
          await Promise.resolve();
          if (piece instanceof Error) throw piece;
          yield typeof piece === "string" ? { type: "text", text: piece } : { type: "reply", reply: piece };
        }
      } finally {
        ended++;
      }
    },
  };
}

/** A text in pieces of three characters, and the whole of it. */
function inPieces(text: string): StreamScript {
  return [...(text.match(/[\s\S]{1,3}/g) ?? []), reply(text)];
}

async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const seen: T[] = [];
  for await (const item of stream) seen.push(item);
  return seen;
}

/** Every single change that a run tells, none taken together. */
async function told(model: LanguageModel, source = qa): Promise<PartialOutputs[]> {
  const seen: PartialOutputs[] = [];
  await execute(source, { question: "?" }, { model, onPartial: (partial) => seen.push(partial) });
  return seen;
}

describe("outputs in the making", () => {
  test("are told as they grow, only what changed, and each of its type", async () => {
    const seen = await told(streamingModel(inPieces(good)));
    expect(seen.every(({ stage, attempt }) => stage === "predict" && attempt === 1)).toBe(true);
    const changes = seen.map(({ outputs }) => outputs as { readonly answer?: string; readonly size?: number });
    const texts = changes.flatMap(({ answer = [] }) => answer);
    expect(texts.length).toBeGreaterThan(3);
    expect(new Set(texts).size).toBe(texts.length);
    for (const text of texts) expect("a small cat".startsWith(text)).toBe(true);
    expect(texts.at(-1)).toBe("a small cat");
    expect(changes.filter((change) => Object.hasOwn(change, "size"))).toEqual([{ size: 42 }]);
  });

  test.each([
    ["json", '{"answer": "a small cat", "size": 42}'],
    ["xml", "<answer>a small cat</answer>\n<size>42</size>"],
  ])("are told by the %s adapter as well", async (adapter, text) => {
    const seen = await told(streamingModel(inPieces(text)), { ...qa, configuration: { adapter } });
    expect(seen.length).toBeGreaterThan(3);
    expect(Object.assign({}, ...seen.map(({ outputs }) => outputs))).toEqual({ answer: "a small cat", size: 42 });
  });

  test("are told stage by stage, the reasoning too", async () => {
    const two = program({
      name: "two",
      signature: signature("question -> answer, size: int"),
      pipeline: [predict({ id: "draft", signature: signature("question -> draft") }), chainOfThought()],
    });
    const second = `[[ ## reasoning ## ]]\nso\n${good}`;
    const seen = await told(
      streamingModel(inPieces("[[ ## draft ## ]]\nd\n[[ ## completed ## ]]"), inPieces(second)),
      two,
    );
    const names = seen.map(({ stage, outputs }) => `${stage} ${Object.keys(outputs).join()}`);
    expect([...new Set(names)]).toEqual([
      "draft draft",
      "chain_of_thought reasoning",
      "chain_of_thought answer",
      "chain_of_thought size",
    ]);
  });

  test("begin anew when the model is asked again, and say so", async () => {
    const model = streamingModel(inPieces("[[ ## answer ## ]]\nbad\n[[ ## size ## ]]\nbig"), inPieces(good));
    const seen = await told(model);
    const restart = seen.findIndex(({ attempt }) => attempt === 2);
    expect(seen.slice(0, restart).every(({ attempt }) => attempt === 1)).toBe(true);
    expect(seen[restart]).toEqual({ stage: "predict", attempt: 2, outputs: {} });
    expect(Object.assign({}, ...seen.slice(restart).map(({ outputs }) => outputs))).toEqual({
      answer: "a small cat",
      size: 42,
    });
    expect(seen.slice(0, restart).some(({ outputs }) => Object.hasOwn(outputs, "size"))).toBe(false);
    expect(model.requests[1]?.messages.at(-1)?.content).toContain('size: expected int, got "big"');
  });

  test("of a model that does not stream come at once", async () => {
    expect(await told(scriptedModel([good]))).toEqual([
      { stage: "predict", attempt: 1, outputs: { answer: "a small cat", size: 42 } },
    ]);
  });

  test("of a form that was forgotten come in the end", async () => {
    const one = program({ name: "one", signature: signature("question -> answer") });
    const seen: PartialOutputs[] = [];
    const model = streamingModel(inPieces("just Paris"));
    await execute(one, { question: "?" }, { model, onPartial: (partial) => seen.push(partial) });
    expect(seen).toEqual([{ stage: "predict", attempt: 1, outputs: { answer: "just Paris" } }]);
  });

  test("do not change what the model is asked, and nobody streams who does not listen", async () => {
    const model = streamingModel(inPieces(good));
    await told(model);
    const whole = scriptedModel([good]);
    await execute(qa, { question: "?" }, { model: whole });
    expect(model.requests).toEqual(whole.calls);
    await expect(execute(qa, { question: "?" }, { model })).rejects.toThrow("asked for a whole reply");
  });

  test("of a long text are told in steps that grow with it", async () => {
    const long = `[[ ## answer ## ]]\n${"word ".repeat(4_000)}\n[[ ## size ## ]]\n1`;
    const seen = await told(streamingModel(inPieces(long)));
    expect(seen.length).toBeGreaterThan(100);
    expect(seen.length).toBeLessThan(2_000);
  });
});

describe("a stream that goes wrong", () => {
  test("by being cut is a failure of the model, never a short answer", async () => {
    for (const script of [[good], [], ["[[ ## answer ## ]]\nhalf"]]) {
      const failure = (await told(streamingModel(script)).catch((thrown: unknown) => thrown)) as ProgramError;
      expect(failure).toBeInstanceOf(ProgramError);
      expect(failure).toMatchObject({ code: "stage_failed", retryable: true });
      expect(failure.cause).toMatchObject({ name: "ModelError", code: "unavailable", retryable: true });
    }
  });

  test("rejects with the model's error, and in the re-ask with what was spent before", async () => {
    const error = new ModelError("rate_limited", "slow down", { retryable: true });
    const failure = told(streamingModel(inPieces("nothing here"), ["[[ ## ans", error]));
    await expect(failure).rejects.toMatchObject({ cause: error, retryable: true, usage: { calls: 1 } });
  });
});

describe("executeStream", () => {
  test("is iterated for the changes and asked for the result", async () => {
    const stream = executeStream(qa, { question: "?" }, { model: streamingModel(inPieces(good)) });
    const seen = await all(stream);
    expect(Object.assign({}, ...seen.map(({ outputs }) => outputs))).toEqual({ answer: "a small cat", size: 42 });
    const { outputs, history, usage } = await stream.result;
    expect(outputs).toEqual({ answer: "a small cat", size: 42 });
    expect(history).toHaveLength(1);
    expect(usage.calls).toBe(1);
    expectTypeOf(stream).toEqualTypeOf<ExecutionStream<{ answer: string; size: number }>>();
    expectTypeOf(stream.result).toEqualTypeOf<Promise<Execution<{ answer: string; size: number }>>>();
    expectTypeOf(seen[0]?.outputs.size).toEqualTypeOf<number | undefined>();
    expectTypeOf(seen[0]?.outputs["reasoning"]).toEqualTypeOf<unknown>();
  });

  test("needs no reader", async () => {
    const { outputs } = await executeStream(qa, { question: "?" }, { model: streamingModel(inPieces(good)) }).result;
    expect(outputs).toEqual({ answer: "a small cat", size: 42 });
  });

  test("gives a slow reader several changes as one, attempts apart", async () => {
    const model = streamingModel(inPieces("[[ ## answer ## ]]\nbad\n[[ ## size ## ]]\nbig"), inPieces(good));
    const stream = executeStream(qa, { question: "?" }, { model });
    await stream.result;
    expect(await all(stream)).toEqual([
      { stage: "predict", attempt: 1, outputs: { answer: "bad" } },
      { stage: "predict", attempt: 2, outputs: { answer: "a small cat", size: 42 } },
    ]);
  });

  test("is left early: the model's stream is left, its signal aborts and the result rejects", async () => {
    const model = streamingModel([...inPieces(good).slice(0, -1), ...inPieces(good)]);
    const stream = executeStream(qa, { question: "?" }, { model });
    for await (const { outputs } of stream) if (outputs.answer !== undefined) break;
    await expect(stream.result).rejects.toMatchObject({ name: "AbortError" });
    expect(model.options[0]?.signal?.aborted).toBe(true);
    while (model.ended() === 0) await new Promise(setImmediate);
    expect(model.requests).toHaveLength(1);
  });

  test("is aborted from outside: the iteration throws the reason", async () => {
    const [controller, reason] = [new AbortController(), new Error("gone")];
    const stream = executeStream(
      qa,
      { question: "?" },
      { model: streamingModel(inPieces(good)), signal: controller.signal },
    );
    const reading = (async () => {
      for await (const _ of stream) controller.abort(reason);
    })();
    await expect(reading).rejects.toBe(reason);
    await expect(stream.result).rejects.toBe(reason);
  });

  test("throws while iterating what it rejects with", async () => {
    const wrong = executeStream(qa, {} as { question: string }, { model: scriptedModel([]) });
    await expect(all(wrong)).rejects.toThrow(UsageError);
    await expect(wrong.result).rejects.toThrow(UsageError);
    const broken = module("broken", () => {
      throw new Error("no");
    });
    const failing = program({ name: "f", signature: qa.signature, pipeline: ["broken"] });
    await expect(all(executeStream(failing, { question: "?" }, { modules: [broken] }))).rejects.toThrow("no");
  });

  test("hands caching and rollout on", async () => {
    const model = streamingModel(inPieces(good));
    await executeStream(qa, { question: "?" }, { model, cache: false, rollout: 2 }).result;
    expect(model.options[0]?.cache).toBe(false);
    expect(model.requests[0]?.rollout).toBe(2);
  });
});

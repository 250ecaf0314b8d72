import { generateText, jsonSchema, Output, streamText } from "ai";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { UsageError } from "#foundation";
import { asLanguageModel, wholeConversation } from "#interop";
import type { LanguageModelOptions } from "#interop";
import { languageModelFrom } from "#models";
import { ensure, execute, program, signature } from "#programs";
import type { LanguageModel, ModelChunk, Program } from "#programs";
import { scriptedModel } from "#testing";

Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false });

const answer = program({ name: "answer", signature: signature("question -> answer") });
const triage = program({
  name: "triage",
  signature: signature('ticket -> queue: "billing" | "tech", urgency: float(0..1)'),
  configuration: { "predict.adapter": "json" },
});
const tech = '{"queue":"tech","urgency":0.5}';
const said = (text: string): string => `[[ ## answer ## ]]\n${text}\n\n[[ ## completed ## ]]`;

async function all<T>(iterable: AsyncIterable<T> | Iterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of iterable) items.push(item);
  return items;
}

/** A model that streams its reply in these pieces. */
function streaming(...pieces: readonly (readonly string[])[]): LanguageModel & { readonly done: () => boolean } {
  let [index, isDone] = [0, false];
  const usage = { calls: 1, inputTokens: 7, outputTokens: 5, usd: 0.25 };
  const model: LanguageModel = {
    id: "streaming",
    async generate() {
      return { text: (pieces[index++] ?? []).join(""), finishReason: "stop", usage };
    },
    async *stream(): AsyncGenerator<ModelChunk, void, undefined> {
      const own = pieces[index++] ?? [];
      try {
        for (const text of own) {
          yield { type: "text", text };
          // A reader sees each piece before the next one comes.
          for (let turn = 0; turn < 20; turn++) await Promise.resolve();
        }
        yield { type: "reply", reply: { text: own.join(""), finishReason: "stop", usage } };
      } finally {
        isDone = true;
      }
    },
  };
  return { ...model, done: () => isDone };
}

describe("a program as a model of the AI SDK", () => {
  test("answers a prompt with its one output, and says what it cost", async () => {
    const inner = scriptedModel([said("forty-two")], { usage: { inputTokens: 11, outputTokens: 3, usd: 0.5 } });
    const result = await generateText({ model: asLanguageModel(answer, { model: inner }), prompt: "What is it?" });
    expect(result.text).toBe("forty-two");
    expect(result.finishReason).toBe("stop");
    expect(result.usage).toMatchObject({ inputTokens: 11, outputTokens: 3, totalTokens: 14 });
    expect(result.warnings).toEqual([]);
    expect(result.providerMetadata).toEqual({ tutti: { outputs: { answer: "forty-two" }, calls: 1, usd: 0.5 } });
    expect(inner.calls[0]?.messages.at(-1)?.content).toContain("What is it?");
  });

  test("answers with the output that was chosen, and tells all of them besides", async () => {
    const model = asLanguageModel(triage, { model: () => tech, output: "urgency", modelId: "sorter" });
    expect(model).toMatchObject({ specificationVersion: "v4", provider: "tutti", modelId: "sorter" });
    const result = await generateText({ model, prompt: "It crashes" });
    expect(result.text).toBe("0.5");
    expect(result.providerMetadata).toMatchObject({ tutti: { outputs: { queue: "tech", urgency: 0.5 } } });
  });

  test("gives all outputs where an object is asked for", async () => {
    const model = asLanguageModel(triage, { model: () => tech, output: "queue" });
    const output = Output.object({ schema: z.object({ queue: z.string(), urgency: z.number() }) });
    expect((await generateText({ model, prompt: "It crashes", output })).output).toEqual({
      queue: "tech",
      urgency: 0.5,
    });
    const streamed = streamText({ model, prompt: "It crashes", output });
    expect(await streamed.output).toEqual({ queue: "tech", urgency: 0.5 });
  });

  test("warns of an object that it does not give", async () => {
    const model = asLanguageModel(triage, { model: () => tech, output: "queue" });
    const { warnings } = await generateText({
      model,
      prompt: "It crashes",
      output: Output.object({ schema: jsonSchema({ type: "object", required: ["queue", "owner"] }) }),
    });
    expect(warnings).toMatchObject([{ feature: "responseFormat", details: "triage gives queue, urgency, not owner" }]);
  });

  test("warns of what of a call it does not heed", async () => {
    const inner = scriptedModel([said("yes")]);
    const { warnings } = await generateText({
      model: asLanguageModel(answer, { model: inner }),
      system: "Be brief.",
      messages: [
        { role: "user", content: "Hello" },
        { role: "assistant", content: "Good day" },
        {
          role: "user",
          content: [
            { type: "text", text: "Is it?" },
            { type: "file", data: "AA==", mediaType: "image/png" },
          ],
        },
      ],
      temperature: 0,
      seed: 1,
      tools: { look: { inputSchema: jsonSchema({ type: "object" }) } },
    });
    const features = (warnings ?? []).map((warning) => ("feature" in warning ? warning.feature : ""));
    expect(features).toEqual([
      "temperature",
      "seed",
      "tools",
      "file parts of messages",
      "system messages",
      "earlier messages",
    ]);
    expect(inner.calls[0]?.messages.at(-1)?.content).toContain("Is it?");
    expect(JSON.stringify(inner.calls[0])).not.toContain("Good day");
  });

  test("gives earlier turns to a program that takes them, and everything where it is told so", async () => {
    const messages = [
      { role: "user" as const, content: "Who wrote it?" },
      { role: "assistant" as const, content: "Ada" },
      { role: "user" as const, content: "And when?" },
    ];
    const chatty = program({ name: "chatty", signature: signature("turns?: history, question -> answer") });
    const remembering = scriptedModel([said("1843")]);
    const { warnings } = await generateText({ model: asLanguageModel(chatty, { model: remembering }), messages });
    expect(warnings).toEqual([]);
    expect(remembering.calls[0]?.messages.map(({ role }) => role)).toEqual(["system", "user", "assistant", "user"]);
    const told = scriptedModel([said("1843")]);
    const whole = asLanguageModel(answer, { model: told, prompt: wholeConversation });
    expect((await generateText({ model: whole, messages })).warnings).toEqual([]);
    expect(told.calls[0]?.messages.at(-1)?.content).toContain(
      "User: Who wrote it?\n\nAssistant: Ada\n\nUser: And when?",
    );
  });

  test("streams a text while it is written", async () => {
    const inner = streaming(["[[ ## answer ## ]]\nfor", "ty ", "two", "\n\n[[ ## completed ## ]]"]);
    const result = streamText({ model: asLanguageModel(answer, { model: inner }), prompt: "What is it?" });
    const pieces = await all(result.textStream);
    expect(pieces.join("")).toBe("forty two");
    expect(pieces.length).toBeGreaterThan(1);
    expect(await result.usage).toMatchObject({ inputTokens: 7, outputTokens: 5 });
    expect(await result.finishReason).toBe("stop");
  });

  test.each([
    ["chat", ["[[ ## answer ## ]]\nforty two \n", "\n[[ ## completed ## ]]"]],
    ["xml", ["<answer>forty two \n", "\n</answer>"]],
    ["json", ['{"answer":"forty two \\n', '"}']],
  ])("streams what the whole text begins with, with the adapter %s", async (adapter, pieces) => {
    const made = program({ ...answer, configuration: { "predict.adapter": adapter } });
    const whole = await execute(made, { question: "x" }, { model: streaming(pieces) });
    const parts = await streamed(made, { model: streaming(pieces) });
    expect(parts.map((part) => part.delta ?? "").join("")).toBe(whole.outputs.answer);
    expect(parts.at(-1)).toMatchObject({ type: "finish", finishReason: { unified: "stop" } });
  });

  test("streams what the last stage writes, and no draft of it", async () => {
    const pipeline = ["predict", { module: "predict", id: "again" }];
    const twice = program({ name: "twice", signature: answer.signature, pipeline });
    const parts = await streamed(twice, { model: streaming([said("draft")], ["[[ ## answer ## ]]\nfi", "nal"]) });
    expect(parts.map((part) => part.delta ?? "").join("")).toBe("final");
    expect(parts.at(-1)).toMatchObject({ finishReason: { unified: "stop" } });
  });

  test("fails rather than contradict what it has streamed", async () => {
    const isRight = ensure((outputs: { answer: string }) => outputs.answer.startsWith("right"), "be right");
    const checked = program({ name: "checked", signature: signature("question -> answer", { ensure: [isRight] }) });
    const asked = (first: string): Promise<Part[]> =>
      streamed(checked, { model: streaming(["[[ ## answer ## ]]\n", first, " and more"], [said("right again")]) });
    const wrong = await asked("wrong");
    expect(wrong.map(({ type }) => type).slice(-2)).toEqual(["error", "finish"]);
    expect(wrong.at(-2)).toMatchObject({ error: { code: "unusable_reply", retryable: true } });
    expect(wrong.at(-1)).toMatchObject({ usage: { inputTokens: { total: 14 } } });
    const unsaid = await streamed(checked, { model: streaming(["hm"], [said("right again")]) });
    expect(unsaid.map((part) => part.delta ?? "").join("")).toBe("right again");
  });

  test("a failure is an error of the stream, with what it had cost", async () => {
    const parts = await streamed(answer, { model: scriptedModel([new Error("the line is dead")]) });
    expect(parts.slice(-2)).toMatchObject([
      { type: "error", error: { message: "stage predict failed: the line is dead" } },
      { type: "finish", finishReason: { unified: "error" } },
    ]);
    const errors: unknown[] = [];
    const result = streamText({
      model: asLanguageModel(answer, { model: scriptedModel([new Error("the line is dead")]) }),
      prompt: "x",
      onError: ({ error }) => void errors.push(error),
    });
    expect(await result.finishReason).toBe("error");
    expect(errors).toMatchObject([{ message: "stage predict failed: the line is dead" }]);
  });

  test("stops with the call's signal, and when nobody reads on", async () => {
    const abort = new AbortController();
    const aborting = scriptedModel(() => {
      abort.abort(new Error("enough"));
      return said("x");
    });
    const call = { model: asLanguageModel(answer, { model: aborting }), prompt: "x", abortSignal: abort.signal };
    await expect(generateText(call)).rejects.toThrow("enough");
    const waiting = Promise.withResolvers<AbortSignal | undefined>();
    const hanging = asLanguageModel(answer, {
      model: (_, { signal }) => {
        waiting.resolve(signal);
        return new Promise(() => {});
      },
    });
    const { stream } = await hanging.doStream({
      prompt: [{ role: "user", content: [{ type: "text", text: "x" } as never] }],
    });
    const reader = stream.getReader();
    await reader.read();
    const reading = reader.read();
    const signal = await waiting.promise;
    await reader.cancel();
    expect(signal?.aborted).toBe(true);
    expect(await reading).toEqual({ done: true, value: undefined });
  });
});

interface Part {
  readonly type: string;
  readonly delta?: string;
  readonly error?: unknown;
}

async function streamed(program: Program, options: LanguageModelOptions): Promise<Part[]> {
  const prompt = [{ role: "user" as const, content: [{ type: "text" as const, text: "x" }] }];
  const { stream } = await asLanguageModel(program, options).doStream({ prompt });
  return all(stream as unknown as AsyncIterable<Part>);
}

describe("a program as a model of a program", () => {
  const outer = program({ name: "outer", signature: signature("task -> answer") });
  const inner = (): LanguageModel =>
    languageModelFrom(asLanguageModel(answer, { model: streaming([said(said("yes"))]), prompt: wholeConversation }));

  test("answers the other's whole prompt", async () => {
    const { outputs, usage } = await execute(outer, { task: "Is it?" }, { model: inner() });
    expect(outputs).toEqual({ answer: "yes" });
    expect(usage).toMatchObject({ calls: 1, inputTokens: 7, outputTokens: 5 });
  });

  test("also as a stream", async () => {
    const model = inner();
    const request = { messages: [{ role: "user" as const, content: "Is it?" }] };
    const chunks = await all(model.stream?.(request) ?? []);
    expect(chunks.at(-1)).toMatchObject({ type: "reply", reply: { finishReason: "stop", usage: { inputTokens: 7 } } });
    const text = chunks.map((chunk) => (chunk.type === "text" ? chunk.text : "")).join("");
    expect(chunks.at(-1)).toMatchObject({ reply: { text } });
    expect(text).toContain("yes");
  });
});

test.each([
  ["two outputs", triage, {}, "triage: asLanguageModel.output: which one? It can be queue, urgency"],
  ["an unknown output", triage, { output: "owner" }, 'expected one of queue, urgency, got "owner"'],
  ["two inputs", program({ name: "p", signature: signature("a, b -> c") }), {}, "which one? It can be a, b"],
  ["another input to fill", program({ name: "p", signature: signature("a, b: int -> c") }), {}, "it also wants b"],
  ["no text", program({ name: "p", signature: signature("b: int -> c") }), {}, "none, since no input is a text"],
  ["a prompt of no function", answer, { prompt: "all" as never }, "asLanguageModel.prompt: expected a function"],
  ["an empty name", answer, { modelId: "" }, "asLanguageModel.modelId: expected a name"],
] as const)("refuses %s at once", (_, made, options, message) => {
  const make = (): unknown => asLanguageModel(made as Program, options as LanguageModelOptions);
  expect(make).toThrow(UsageError);
  expect(make).toThrow(message);
});

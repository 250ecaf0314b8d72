import { describe, expect, test } from "vitest";
import { z } from "zod";
import { ensure, execute, ModelError, noUsage, program, ProgramError, signature } from "#programs";
import type { FinishReason, LanguageModel, ModelRequest } from "#programs";
import { UsageError } from "#foundation";
import { scriptedModel } from "#testing";

const sized = program({ name: "sized", signature: signature("thing -> size: int, unit?: string") });
const good = "[[ ## size ## ]]\n4\n[[ ## completed ## ]]";
const run = (
  configuration: object,
  model = scriptedModel([good]),
): ReturnType<typeof execute<{ thing: string }, object>> =>
  execute({ ...sized, configuration } as typeof sized, { thing: "cat" }, { model });
const asked = async (configuration: object): Promise<ModelRequest> => {
  const model = scriptedModel([good]);
  await run(configuration, model);
  return model.calls[0] as ModelRequest;
};

describe("a reply that cannot be used", () => {
  test("is shown to the model with its defects, once, and both calls count", async () => {
    const model = scriptedModel(
      ["[[ ## size ## ]]\nbig", { text: good, usage: { calls: 1, inputTokens: 5, outputTokens: 2, usd: 0.25 } }],
      {
        usage: { inputTokens: 3, usd: 0.5 },
      },
    );
    const { outputs, usage, history } = await run({ temperature: 0.3 }, model);
    expect(outputs).toEqual({ size: 4 });
    expect(usage).toEqual({ calls: 2, inputTokens: 8, outputTokens: 2, usd: 0.75 });
    expect(history[0]?.usage).toEqual(usage);
    const [first, second] = model.calls as [ModelRequest, ModelRequest];
    expect(second.temperature).toBe(0.3);
    expect(second.messages.slice(0, first.messages.length)).toEqual(first.messages);
    expect(second.messages.slice(first.messages.length)).toMatchInlineSnapshot(`
      [
        {
          "content": "[[ ## size ## ]]
      big",
          "role": "assistant",
        },
        {
          "content": "Your answer could not be used:
      - size: expected int, got "big"
      Answer again, in the form that was asked for.",
          "role": "user",
        },
      ]
    `);
  });

  test("twice is a program error with the last text, its defects and what it cost", async () => {
    const model = scriptedModel(["nothing here", "[[ ## unit ## ]]\ncm"], { usage: { outputTokens: 2 } });
    const failure = await run({}, model).catch((thrown: unknown) => thrown);
    expect(failure).toBeInstanceOf(ProgramError);
    expect(failure).toMatchObject({
      code: "unusable_reply",
      stage: "predict",
      raw: "[[ ## unit ## ]]\ncm",
      usage: { calls: 2, outputTokens: 4 },
      retryable: false,
    });
    expect((failure as Error).message).toBe(
      'stage predict: the reply of scripted could not be used, twice: size: expected int, got nothing. It said: "[[ ## unit ## ]]\\ncm"',
    );
  });

  test("is asked for as often as maxAttempts says, with all that was wrong so far", async () => {
    const bad = ["", "[[ ## size ## ]]\nbig", "[[ ## size ## ]]\nhuge"];
    const model = scriptedModel([...bad, good], { usage: { inputTokens: 3 } });
    const { outputs, usage } = await run({ maxAttempts: 4 }, model);
    expect(outputs).toEqual({ size: 4 });
    expect(usage).toMatchObject({ calls: 4, inputTokens: 12 });
    const conversation = model.calls[3]?.messages.slice(2).map(({ role, content }) => [role, content.split("\n")[1]]);
    expect(conversation).toEqual([
      ["assistant", undefined],
      ["user", expect.stringContaining("- expected ")],
      ["assistant", "big"],
      ["user", '- size: expected int, got "big"'],
      ["assistant", "huge"],
      ["user", '- size: expected int, got "huge"'],
    ]);
  });

  test.each([
    [1, "once"],
    [3, "3 times"],
  ])("%i attempts that all fail are an error that says %s and what all of them cost", async (maxAttempts, times) => {
    const model = scriptedModel(() => "nothing here", { usage: { outputTokens: 2 } });
    const failure = (await run({ maxAttempts }, model).catch((thrown: unknown) => thrown)) as ProgramError;
    expect(failure.message).toContain(`could not be used, ${times}: `);
    expect(failure.usage).toMatchObject({ calls: maxAttempts, outputTokens: 2 * maxAttempts });
    expect(model.calls).toHaveLength(maxAttempts);
  });

  test("is never answered with an empty message, which providers refuse", async () => {
    const model = scriptedModel(["", good]);
    await run({}, model);
    expect(model.calls[1]?.messages.at(-2)).toEqual({ role: "assistant", content: "(no answer)" });
  });

  test.each<[FinishReason, told: string, toModel: string]>([
    ["length", "it was cut at 64 tokens: raise maxTokens. ", "- It was cut because it was too long. Be briefer."],
    ["content_filter", "the provider's content filter cut it. ", "- Parts of it were filtered."],
    ["error", "the provider ended it with an error. ", "- It broke off."],
  ])("because of its end (%s) says so", async (finishReason, told, toModel) => {
    const model = scriptedModel(() => ({ text: "[[ ## si", finishReason }), { usage: { outputTokens: 64 } });
    const failure = (await run({}, model).catch((thrown: unknown) => thrown)) as ProgramError;
    expect(failure.message).toContain(`could not be used, twice: ${told}expected the markers`);
    expect(model.calls[1]?.messages.at(-1)?.content).toContain(toModel);
  });

  test("cut at maxTokens names that number, whatever the provider counted", async () => {
    const model = scriptedModel(() => ({ text: "", finishReason: "length" }));
    await expect(run({ maxTokens: 32 }, model)).rejects.toThrow("it was cut at 32 tokens: raise maxTokens");
    await expect(run({}, model)).rejects.toThrow("it was cut: raise maxTokens");
  });

  test("cut behind the last output that was asked for is used", async () => {
    const model = scriptedModel([{ text: "[[ ## size ## ]]\n4\n[[ ## compl", finishReason: "length" }]);
    expect((await run({}, model)).outputs).toEqual({ size: 4 });
  });

  test("is quoted in the error no longer than it helps, and kept whole beside it", async () => {
    const raw = "x".repeat(5000);
    const failure = (await run({}, scriptedModel([raw, raw])).catch((thrown: unknown) => thrown)) as ProgramError;
    expect(failure.message.length).toBeLessThan(600);
    expect(failure.raw).toBe(raw);
  });

  test("followed by a failure of the model keeps what was spent", async () => {
    const error = new ModelError("timeout", "too slow", { retryable: true });
    const failure = run({}, scriptedModel(["nothing", error], { usage: { usd: 1 } }));
    await expect(failure).rejects.toMatchObject({
      code: "stage_failed",
      cause: error,
      retryable: true,
      usage: { calls: 1, usd: 1 },
    });
  });
});

describe("the settings of a stage", () => {
  test("that are the model's reach its request", async () => {
    const settings = {
      temperature: 0.1,
      topP: 0.9,
      maxTokens: 50,
      seed: 7,
      presencePenalty: 0.2,
      frequencyPenalty: 0.3,
      provider: "openai",
    };
    expect(await asked(settings)).toMatchObject(settings);
    expect(Object.keys(await asked({}))).toEqual(["messages"]);
  });

  test("instructions replace the signature's", async () => {
    const { messages } = await asked({ instructions: "Guess the size." });
    expect(messages[0]?.content).toContain("Task: Guess the size.\n");
  });

  test("demos come before the case, others than at the last call too", async () => {
    const demos = [{ inputs: { thing: "dog" }, outputs: { size: 5 } }];
    const model = scriptedModel(() => good);
    for (const configuration of [{ demos }, {}, { demos: [...demos, ...demos] }, { demos }, { demos, adapter: "chat" }])
      await run(configuration, model);
    expect(model.calls.map(({ messages }) => messages.length)).toEqual([4, 2, 6, 4, 4]);
    expect(model.calls[3]).toEqual(model.calls[0]);
  });

  test("one configuration renders its prompt once, however many calls it makes", async () => {
    const model = scriptedModel(() => good);
    const demos = [{ inputs: { thing: "dog" }, outputs: { size: 5 } }];
    await run({ demos }, model);
    await run({ demos }, model);
    const [first, second] = model.calls.map(({ messages }) => messages.slice(0, 3));
    expect(first).toHaveLength(3);
    first?.forEach((message, index) => expect(second?.[index]).toBe(message));
  });

  test("as many instructions as an optimiser tries each get their own prompt", async () => {
    const model = scriptedModel(() => good);
    const texts = Array.from({ length: 150 }, (_, index) => `Instruction ${index % 100}.`);
    for (const instructions of texts) await run({ instructions }, model);
    expect(model.calls.map(({ messages }) => messages[0]?.content.split("\n")[0])).toEqual(
      texts.map((text) => `Task: ${text}`),
    );
  });

  test.each<[configuration: object, message: string]>([
    [{ temperature: "hot" }, 'configuration predict.temperature: expected a number, got "hot"'],
    [{ adapter: "xml2" }, 'configuration predict.adapter: expected one of chat, json, xml, got "xml2"'],
    [{ adapter: "toString" }, 'configuration predict.adapter: expected one of chat, json, xml, got "toString"'],
    [{ maxAttempts: 6 }, "configuration predict.maxAttempts: expected a whole number from 1 to 5, got 6"],
    [{ maxAttempts: 1.5 }, "configuration predict.maxAttempts: expected a whole number from 1 to 5, got 1.5"],
    [{ instructions: 5 }, "configuration predict.instructions: expected a text, got 5"],
    [{ provider: ["openai"] }, "configuration predict.provider: expected a text, got a list of 1"],
    [{ demos: "none" }, 'configuration demos: expected a list, got "none"'],
    [{ demos: [{ inputs: {} }] }, "configuration demos[0]: expected { inputs, outputs }, got an object with inputs"],
  ])("%j is refused before the model is asked", async (configuration, message) => {
    const model = scriptedModel([]);
    await expect(run(configuration, model)).rejects.toThrow(new UsageError(message));
    expect(model.calls).toEqual([]);
  });
});

test("a signature that asks for a reasoning of its own is not asked for two", async () => {
  const own = program({
    name: "own",
    signature: signature("thing -> reasoning, size: int"),
    pipeline: ["chain_of_thought"],
    configuration: { adapter: "json" },
  });
  const model = scriptedModel(['{"reasoning": "small", "size": 4}']);
  const { outputs } = await execute(own, { thing: "cat" }, { model });
  expect(outputs).toEqual({ reasoning: "small", size: 4 });
  expect(model.calls[0]?.responseFormat?.schema["required"]).toEqual(["reasoning", "size"]);
});

test("a schema whose check itself fails does not hide what the call cost", async () => {
  const output = z.object({
    size: z.number().refine(() => {
      throw new Error("a bug in the check");
    }),
  });
  const checked = program({
    name: "checked",
    signature: signature({ input: z.object({ thing: z.string() }), output }),
  });
  const run = execute(checked, { thing: "cat" }, { model: scriptedModel([good], { usage: { inputTokens: 9 } }) });
  await expect(run).rejects.toMatchObject({ code: "stage_failed", usage: { calls: 1, inputTokens: 9 } });
});

test("what the caller says of caches reaches the model, in the second question too", async () => {
  for (const cache of [undefined, false, true]) {
    const said: (boolean | undefined)[] = [];
    const model: LanguageModel = {
      id: "listening",
      generate: (_request, options) => {
        said.push(options?.cache);
        return Promise.resolve({ text: said.length === 1 ? "" : good, finishReason: "stop", usage: noUsage });
      },
    };
    await execute(sized, { thing: "cat" }, { model, cache });
    expect(said).toEqual([cache, cache]);
  }
});

describe("an assertion that does not hold", () => {
  const small = program({
    name: "small",
    signature: signature("thing -> size: int", { ensure: [ensure(({ size }) => size < 5, "a size below 5")] }),
  });
  const sizes = (...values: readonly number[]): readonly string[] => values.map((size) => `[[ ## size ## ]]\n${size}`);

  test("is told to the model, which is asked again", async () => {
    const model = scriptedModel(sizes(9, 8, 4));
    const options = { model, overrides: { maxAttempts: 3 } };
    expect((await execute(small, { thing: "cat" }, options)).outputs).toEqual({ size: 4 });
    expect(model.calls[2]?.messages.at(-1)?.content).toContain("- expected a size below 5, got another answer");
  });

  test("in the last attempt is an error that says it", async () => {
    const failure = execute(small, { thing: "cat" }, { model: scriptedModel(sizes(9, 8)) });
    await expect(failure).rejects.toMatchObject({ code: "unusable_reply", usage: { calls: 2 } });
    await expect(failure).rejects.toThrow("could not be used, twice: expected a size below 5, got another answer.");
  });

  test("looks at the inputs, and at no reasoning", async () => {
    const echoed = program({
      name: "echoed",
      signature: signature("thing -> name", {
        ensure: [ensure((outputs, { thing }) => Object.keys(outputs).join() === "name" && outputs.name === thing, "x")],
      }),
      pipeline: ["chain_of_thought"],
    });
    const model = scriptedModel(["[[ ## reasoning ## ]]\nso\n[[ ## name ## ]]\ncat"]);
    expect((await execute(echoed, { thing: "cat" }, { model })).outputs).toEqual({ name: "cat" });
  });
});

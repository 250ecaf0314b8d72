import { generateText, stepCountIs, tool } from "ai";
import { MockLanguageModelV4 } from "ai/test";
import { describe, expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { UsageError } from "#foundation";
import { asTool } from "#interop";
import { program, signature } from "#programs";
import { scriptedModel } from "#testing";
import type { Script } from "#testing";

const triage = program({
  name: "ticket triage",
  signature: signature('ticket: string(1..200) -> queue: "billing" | "tech", urgency: float(0..1)', {
    instructions: "Choose the queue of a ticket.",
  }),
  configuration: { "predict.adapter": "json" },
});
const tech = JSON.stringify({ queue: "tech", urgency: 0.5 });

const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 1, text: 1, reasoning: undefined },
};

/** A model that calls the tool once, with this input, and then has enough. */
function caller(input: object, toolName = "ticket_triage"): MockLanguageModelV4 {
  const call = { type: "tool-call" as const, toolCallId: "1", toolName, input: JSON.stringify(input) };
  return new MockLanguageModelV4({
    doGenerate: [
      { content: [call], finishReason: { unified: "tool-calls", raw: undefined }, usage, warnings: [] },
      {
        content: [{ type: "text", text: "done" }],
        finishReason: { unified: "stop", raw: undefined },
        usage,
        warnings: [],
      },
    ],
  });
}

async function called(input: object, script: Script): Promise<{ text: string; asked: number; seen: unknown }> {
  const model = caller(input);
  const inner = scriptedModel(script);
  const { text } = await generateText({
    model,
    tools: { ticket_triage: tool(asTool(triage, { model: inner })) },
    prompt: "Sort this.",
    stopWhen: stepCountIs(3),
  });
  const last = model.doGenerateCalls.at(-1)?.prompt.at(-1);
  const [part] = Array.isArray(last?.content) ? last.content : [];
  return { text, asked: inner.calls.length, seen: part };
}

describe("a program as a tool of the AI SDK", () => {
  test("is called by a model, which sees the outputs", async () => {
    expect(await called({ ticket: "it crashes" }, [tech])).toMatchObject({
      text: "done",
      asked: 1,
      seen: {
        type: "tool-result",
        toolName: "ticket_triage",
        output: { type: "json", value: { queue: "tech", urgency: 0.5 } },
      },
    });
  });

  test("shows the model the form of its inputs and what it is for", async () => {
    const model = caller({ ticket: "x" });
    await generateText({
      model,
      tools: { ticket_triage: asTool(triage, { model: scriptedModel([tech]) }) },
      prompt: "Sort this.",
    });
    expect(model.doGenerateCalls[0]?.tools).toMatchObject([
      {
        type: "function",
        name: "ticket_triage",
        description: "Choose the queue of a ticket.",
        inputSchema: {
          type: "object",
          properties: { ticket: { type: "string", maxLength: 200 } },
          required: ["ticket"],
        },
      },
    ]);
  });

  test("is not run for inputs that do not fit, and the model learns why", async () => {
    const { asked, seen } = await called({ ticket: "" }, []);
    expect(asked).toBe(0);
    expect(JSON.stringify(seen)).toContain("expected string (1 to 200 characters)");
  });

  test("that fails is an error to the model, with the reason", async () => {
    const { text, seen } = await called({ ticket: "x" }, [new Error("the line is dead")]);
    expect(text).toBe("done");
    expect(seen).toMatchObject({
      output: { type: "error-text", value: "ProgramError: stage predict failed: the line is dead" },
    });
  });

  test("is aborted with the call around it", async () => {
    const abort = new AbortController();
    let wasAborted: boolean | undefined;
    const inner = scriptedModel((_, { signal }) => {
      abort.abort(new Error("enough"));
      wasAborted = signal?.aborted;
      return tech;
    });
    const running = generateText({
      model: caller({ ticket: "x" }),
      tools: { ticket_triage: asTool(triage, { model: inner }) },
      prompt: "Sort this.",
      abortSignal: abort.signal,
      stopWhen: stepCountIs(3),
    });
    await expect(running).rejects.toThrow("enough");
    expect(wasAborted).toBe(true);
  });
});

describe("the tool alone", () => {
  test("keeps the types of the program", async () => {
    const made = asTool(triage, { model: () => tech });
    expectTypeOf(made.execute).parameter(0).toEqualTypeOf<{ ticket: string }>();
    expectTypeOf(made.execute).returns.resolves.toEqualTypeOf<{ queue: "billing" | "tech"; urgency: number }>();
    expect(await made.execute({ ticket: "x" })).toEqual({ queue: "tech", urgency: 0.5 });
  });

  test("reads an input that its schema changes once", async () => {
    const parse = program({
      name: "parse",
      signature: signature({
        input: z.object({ day: z.string().transform((text) => text.split("-")) }),
        output: z.object({ year: z.string().transform(Number) }),
      }),
      configuration: { "predict.adapter": "json" },
    });
    const made = asTool(parse, { model: () => '{"year":"2026"}' });
    // At once: Mastra takes no schema that is async.
    expect(made.inputSchema["~standard"].validate({ day: "2026-11-20" })).toEqual({ value: { day: "2026-11-20" } });
    expect(made.inputSchema["~standard"].validate({ day: 5 })).toMatchObject({ issues: [{ path: ["day"] }] });
    const outputs = await made.execute({ day: "2026-11-20" });
    expect(outputs).toEqual({ year: 2026 });
    expect(await made.outputSchema["~standard"].validate(outputs)).toEqual({ value: outputs });
  });

  test("has the name and the description that it is given", () => {
    const { name, description } = asTool(triage, { name: "sort", description: "Sorts tickets." });
    expect({ name, description }).toEqual({ name: "sort", description: "Sorts tickets." });
  });

  test.each([
    ["no program", () => asTool({} as never), "asTool: expected program(…), got an empty object"],
    ["a name with spaces", () => asTool(triage, { name: "a b" }), "asTool.name: expected at most 64 letters"],
    ["a program whose name gives none", () => asTool({ ...triage, name: "分類" }), "pass { name }"],
    ["an empty description", () => asTool(triage, { description: " " }), "expected words for the model"],
    ["an unknown module", () => asTool(program({ ...triage, pipeline: ["think"] })), "think"],
    ["overrides that nobody reads", () => asTool(triage, { overrides: { predict: { warmth: 1 } } }), "predict.warmth"],
    ["a name of no model", () => asTool(triage, { model: "nobody" }), 'model "nobody" cannot be reached'],
  ])("refuses %s at once", (_, make, message) => {
    expect(make).toThrow(UsageError);
    expect(make).toThrow(message);
  });
});

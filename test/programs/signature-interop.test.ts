import { Client } from "@modelcontextprotocol/client";
import { InMemoryTransport, McpServer } from "@modelcontextprotocol/server";
import { generateText, Output, stepCountIs, tool } from "ai";
import { MockLanguageModelV4 } from "ai/test";
import { describe, expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { inputSchema, outputSchema, recordJsonSchema, signature } from "#programs";
import type { StandardSchema } from "#programs";

const triage = signature(
  'ticket: string(1..200) "what the customer wrote", tries?: int(0..) -> queue: "billing" | "tech", urgency: float(0..1)',
);

describe("a signature is a Standard Schema of its inputs", () => {
  const standard = triage["~standard"];

  test("that gives the value, or issues with their paths", async () => {
    expect(standard).toMatchObject({ version: 1, vendor: "tutti" });
    expect(await standard.validate({ ticket: "x" })).toEqual({ value: { ticket: "x" } });
    expect(await standard.validate({ ticket: "", tries: -1, other: 1 })).toEqual({
      issues: [
        { message: 'expected string (1 to 200 characters), got ""', path: ["ticket"] },
        { message: "expected int (at least 0), got -1", path: ["tries"] },
        { message: "expected only ticket, tries, got an unknown field", path: ["other"] },
      ],
    });
    expect(await standard.validate("x")).toEqual({ issues: [{ message: 'expected an object, got "x"', path: [] }] });
    const deep = signature("rows: list[dict[str, int]] -> x")["~standard"];
    expect(await deep.validate({ rows: [{}, { a: "b" }] })).toMatchObject({ issues: [{ path: ["rows", 1, "a"] }] });
  });

  test("with its types and its JSON Schema, in the dialects that mean the same", () => {
    type Types = NonNullable<(typeof triage)["~standard"]["types"]>;
    expectTypeOf<Types["input"]>().toEqualTypeOf<{ ticket: string; tries?: number }>();
    for (const target of ["draft-2020-12", "draft-07"])
      expect(standard.jsonSchema.input({ target })).toEqual(recordJsonSchema(triage.inputs));
    expect(() => standard.jsonSchema.input({ target: "openapi-3.0" })).toThrow("draft-2020-12 or draft-07");
  });

  test("without being more than plain data to JSON, copies and comparisons", () => {
    expect(Object.keys(triage)).toEqual(["instructions", "inputs", "outputs"]);
    expect({ ...triage }).not.toHaveProperty("~standard");
    expect(JSON.parse(JSON.stringify(triage))).toEqual(triage);
    expect(structuredClone(triage)).toEqual(triage);
  });

  test("from schemas checks what they check, and gives out what they give out", async () => {
    const trimmed = signature({
      input: z.object({ word: z.string().trim().min(2), times: z.int().default(1) }),
      output: z.object({ text: z.string() }),
    });
    expect(await trimmed["~standard"].validate({ word: " ab " })).toEqual({ value: { word: "ab", times: 1 } });
    expect(await trimmed["~standard"].validate({ word: " a " })).toMatchObject({ issues: [{ path: ["word"] }] });
  });

  test("either side has its schema, also of a signature that was stored", async () => {
    const stored = JSON.parse(JSON.stringify(triage)) as typeof triage;
    const [given, made]: StandardSchema[] = [inputSchema(stored), outputSchema(stored)];
    expect(await given?.["~standard"].validate({ ticket: "x" })).toEqual({ value: { ticket: "x" } });
    expect(await made?.["~standard"].validate({ queue: "tech", urgency: 2 })).toMatchObject({
      issues: [{ path: ["urgency"] }],
    });
    expect(outputSchema(stored)["~standard"].jsonSchema.output({ target: "draft-07" })).toEqual(
      recordJsonSchema(triage.outputs),
    );
    type Types = NonNullable<ReturnType<typeof outputSchema<{ queue: string }>>["~standard"]["types"]>;
    expectTypeOf<Types["output"]>().toEqualTypeOf<{ queue: string }>();
  });
});

const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 1, text: 1, reasoning: 0 },
};

describe("in the AI SDK", () => {
  test("a signature is the input schema of a tool", async () => {
    const called: unknown[] = [];
    const route = tool({
      description: "Routes a ticket.",
      inputSchema: triage,
      execute: (input) => {
        expectTypeOf(input).toEqualTypeOf<{ ticket: string; tries?: number }>();
        called.push(input);
        return "tech";
      },
    });
    const input = JSON.stringify({ ticket: "help", tries: 2 });
    const model = new MockLanguageModelV4({
      doGenerate: [
        {
          content: [{ type: "tool-call", toolCallId: "1", toolName: "route", input }],
          finishReason: { unified: "tool-calls", raw: undefined },
          usage,
          warnings: [],
        },
        {
          content: [{ type: "text", text: "done" }],
          finishReason: { unified: "stop", raw: undefined },
          usage,
          warnings: [],
        },
      ],
    });
    const { text } = await generateText({ model, tools: { route }, prompt: "?", stopWhen: stepCountIs(3) });
    expect(text).toBe("done");
    expect(called).toEqual([{ ticket: "help", tries: 2 }]);
    expect(model.doGenerateCalls[0]?.tools).toMatchObject([{ inputSchema: recordJsonSchema(triage.inputs) }]);
  });

  test("its outputs are the schema of a structured answer, and are checked", async () => {
    const answer = (urgency: number): MockLanguageModelV4 =>
      new MockLanguageModelV4({
        doGenerate: {
          content: [{ type: "text", text: JSON.stringify({ queue: "tech", urgency }) }],
          finishReason: { unified: "stop", raw: undefined },
          usage,
          warnings: [],
        },
      });
    const ask = (urgency: number) =>
      generateText({
        model: answer(urgency),
        output: Output.object({ schema: outputSchema(triage) }),
        prompt: "?",
      });
    const { output } = await ask(0.5);
    expectTypeOf(output).toEqualTypeOf<{ queue: "billing" | "tech"; urgency: number }>();
    expect(output).toEqual({ queue: "tech", urgency: 0.5 });
    const refused = await ask(5).then(
      ({ output: wrong }) => wrong,
      (error: unknown) => String(error),
    );
    expect(refused).toContain("schema");
  });
});

test("in an MCP server it is the input and the output schema of a tool", async () => {
  const server = new McpServer({ name: "triage", version: "1.0.0" });
  server.registerTool(
    "route",
    { description: "Routes a ticket.", inputSchema: triage, outputSchema: outputSchema(triage) },
    ({ ticket }) => {
      const routed = { queue: ticket.includes("paid") ? ("billing" as const) : ("tech" as const), urgency: 0.5 };
      return { content: [{ type: "text", text: JSON.stringify(routed) }], structuredContent: routed };
    },
  );
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  const client = new Client({ name: "test", version: "1.0.0" });
  await Promise.all([server.connect(ours), client.connect(theirs)]);
  try {
    const { tools } = await client.listTools();
    expect(tools[0]?.inputSchema).toMatchObject(recordJsonSchema(triage.inputs));
    const routed = await client.callTool({ name: "route", arguments: { ticket: "I paid" } });
    expect(routed.structuredContent).toEqual({ queue: "billing", urgency: 0.5 });
    const refused = await client.callTool({ name: "route", arguments: { ticket: "" } }).then(
      (result) => JSON.stringify(result),
      (error: unknown) => String(error),
    );
    expect(refused).toContain("1 to 200 characters");
  } finally {
    await client.close();
    await server.close();
  }
});

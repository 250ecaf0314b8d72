import { Client } from "@modelcontextprotocol/client";
import { InMemoryTransport } from "@modelcontextprotocol/server";
import { describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { UsageError } from "#foundation";
import { mcpServer } from "#mcp";
import type { McpServerOptions } from "#mcp";
import { program, signature } from "#programs";
import type { LanguageModel } from "#programs";
import { scriptedModel } from "#testing";

const json = { configuration: { "predict.adapter": "json" } };
const triage = program({
  name: "ticket triage",
  signature: signature('ticket: string(1..200) -> queue: "billing" | "tech", urgency: float(0..1)', {
    instructions: "Choose the queue of a ticket.",
  }),
  ...json,
});
const tech = '{"queue":"tech","urgency":0.5}';

/** A model that streams the text by its characters. */
function inPieces(text: string): LanguageModel {
  const reply = { text, finishReason: "stop", usage: { calls: 1, inputTokens: 0, outputTokens: 0, usd: 0 } } as const;
  return {
    id: "in pieces",
    generate: async () => reply,
    async *stream() {
      for (const piece of text) {
        yield { type: "text", text: piece };
        await Promise.resolve();
      }
      yield { type: "reply", reply };
    },
  };
}

async function clientOf(options: McpServerOptions): Promise<Client> {
  const [near, far] = InMemoryTransport.createLinkedPair();
  const server = mcpServer(options);
  const client = new Client({ name: "test", version: "1.0.0" });
  await Promise.all([server.connect(far), client.connect(near)]);
  onTestFinished(async () => {
    await client.close();
    await server.close();
  });
  return client;
}

const call = (ticket: unknown): { name: string; arguments: Record<string, unknown> } => ({
  name: "ticket_triage",
  arguments: { ticket },
});

describe("an MCP server of programs", () => {
  test("lists each as a tool, with the forms of what goes in and comes out", async () => {
    const client = await clientOf({ programs: [triage], model: () => tech, name: "sorter", version: "2.0.0" });
    expect(client.getServerVersion()).toMatchObject({ name: "sorter", version: "2.0.0" });
    const { tools } = await client.listTools();
    expect(tools).toMatchObject([
      {
        name: "ticket_triage",
        title: "ticket triage",
        description: "Choose the queue of a ticket.",
        inputSchema: { type: "object", properties: { ticket: { type: "string" } }, required: ["ticket"] },
        outputSchema: { type: "object", required: ["queue", "urgency"] },
      },
    ]);
  });

  test("runs what is called, and gives its outputs as structure and as text", async () => {
    const inner = scriptedModel([tech]);
    const client = await clientOf({ programs: [triage], model: inner });
    const result = await client.callTool(call("it crashes"));
    expect(result).toMatchObject({
      content: [{ type: "text", text: tech }],
      structuredContent: { queue: "tech", urgency: 0.5 },
    });
    expect(result.isError).toBeFalsy();
    expect(inner.calls).toHaveLength(1);
  });

  test("answers inputs that do not fit with an error that says why, and runs nothing", async () => {
    const inner = scriptedModel([]);
    const client = await clientOf({ programs: [triage], model: inner });
    for (const ticket of ["", 5, undefined]) {
      const { isError, content } = await client.callTool(call(ticket));
      expect(isError).toBe(true);
      expect(JSON.stringify(content)).toContain("expected string (1 to 200 characters)");
    }
    expect(inner.calls).toEqual([]);
  });

  test("answers with an error when the program fails", async () => {
    const client = await clientOf({ programs: [triage], model: scriptedModel([new Error("the line is dead")]) });
    expect(await client.callTool(call("x"))).toMatchObject({
      isError: true,
      content: [{ type: "text", text: "ticket_triage: stage predict failed: the line is dead" }],
    });
  });

  test("aborts the model call of a call that is cancelled", async () => {
    const asked = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    const client = await clientOf({
      programs: [triage],
      model: (_, { signal }) => {
        signal?.addEventListener("abort", () => ended.resolve());
        asked.resolve();
        return new Promise(() => {});
      },
    });
    const abort = new AbortController();
    const calling = client.callTool(call("x"), { signal: abort.signal });
    await asked.promise;
    abort.abort(new Error("enough"));
    await expect(calling).rejects.toThrow("enough");
    await ended.promise;
  });

  test("tells whoever wants to know which stage it has come to", async () => {
    const two = program({
      name: "two",
      signature: signature('ticket -> queue: "billing" | "tech", urgency: float'),
      pipeline: ["predict", { module: "predict", id: "again" }],
      configuration: { "predict.adapter": "json", "again.adapter": "json" },
    });
    const client = await clientOf({ programs: [two], model: inPieces(tech) });
    const told: unknown[] = [];
    const options = { onprogress: (progress: unknown) => void told.push(progress) };
    await client.callTool({ name: "two", arguments: { ticket: "x" } }, options);
    expect(told).toMatchObject([
      { progress: 1, message: "predict" },
      { progress: 2, message: "again" },
    ]);
  });

  test("gives as structure what fits, where a schema makes something else of the outputs", async () => {
    const output = z.object({
      day: z.string().transform((text) => new Set([text])),
      word: z.string().transform((text) => text.trim()),
    });
    const parse = (name: string, made: typeof output): ReturnType<typeof program> =>
      program({
        name,
        signature: signature({ input: z.object({ text: z.string().transform((text) => [text]) }), output: made }),
        ...json,
      });
    const client = await clientOf({ programs: [parse("parse", output)], model: () => '{"day":"Friday","word":" a "}' });
    const result = await client.callTool({ name: "parse", arguments: { text: "x" } });
    expect(result).toMatchObject({ structuredContent: { day: "Friday", word: " a " } });
  });

  test("serves programs with models and names of their own", async () => {
    const other = {
      program: triage,
      name: "sort",
      description: "Sorts.",
      model: () => tech.replace("tech", "billing"),
    };
    const client = await clientOf({ programs: [triage, other], model: () => tech });
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(["ticket_triage", "sort"]);
    const queue = async (name: string): Promise<unknown> =>
      (await client.callTool({ name, arguments: { ticket: "x" } })).structuredContent?.["queue" as never];
    expect([await queue("ticket_triage"), await queue("sort")]).toEqual(["tech", "billing"]);
  });
});

test.each([
  ["no programs", {}, "at least one program"],
  ["an empty list", { programs: [] }, "at least one program"],
  ["something else", { programs: [null] }, "asTool: expected program(…), got null"],
  ["two tools of one name", { programs: [triage, triage] }, "two tools are called ticket_triage"],
  ["a name of no model", { programs: [triage], model: "nobody" }, "cannot be reached"],
])("refuses %s at once", (_, options, message) => {
  const make = (): unknown => mcpServer(options as McpServerOptions);
  expect(make).toThrow(UsageError);
  expect(make).toThrow(message);
});

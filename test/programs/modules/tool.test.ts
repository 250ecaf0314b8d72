import { Client, InMemoryTransport } from "@modelcontextprotocol/client";
import { McpServer } from "@modelcontextprotocol/server";
import { type } from "arktype";
import { describe, expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { UsageError } from "#foundation";
import { execute, program, ProgramError, signature } from "#programs";
import { mcpTools, tool, ToolInputError } from "#programs/modules";
import type { McpClient, Tool } from "#programs/modules";

const add = tool({
  name: "add",
  description: "Adds",
  input: "a: int, b?: int",
  execute: ({ a, b = 0 }) => ({ sum: a + b }),
});

describe("a tool's input", () => {
  test("is typed and checked by field types, a signature or a schema of any library", async () => {
    const of = signature("word, times: int -> text");
    const bySignature = tool({
      name: "repeat",
      description: "Repeats",
      input: of,
      execute: (input) => {
        expectTypeOf(input).toEqualTypeOf<{ word: string; times: number }>();
        return input.word.repeat(input.times);
      },
    });
    const byZod = tool({
      name: "upper",
      description: "Upper case",
      input: z.object({ word: z.string().min(2), mark: z.string().default("!") }),
      execute: (input) => {
        expectTypeOf(input).toEqualTypeOf<{ word: string; mark: string }>();
        return input.word.toUpperCase() + input.mark;
      },
    });
    const byArk = tool({ name: "ark", description: "Ark", input: type({ n: "number" }), execute: ({ n }) => n * 2 });
    expect(await bySignature.call({ word: "ab", times: 2 })).toBe("abab");
    expect(await byZod.call({ word: "ab" })).toBe("AB!");
    expect(await byArk.call({ n: 2 })).toBe(4);
    expect(byZod.inputSchema).toMatchObject({ type: "object", required: ["word"] });
    await expect(byZod.call({ word: "a" })).rejects.toThrow(ToolInputError);
  });

  test("is read as its fields want it: models write numbers as texts", async () => {
    expect(await add.call({ a: "1", b: "2" })).toEqual({ sum: 3 });
    expect(await add.call({ a: 1, b: null })).toEqual({ sum: 1 });
  });

  test.each([
    [{}, "the input does not fit: a: expected int, got nothing"],
    [{ a: "x" }, 'a: expected int, got "x"'],
    [{ a: 1, c: 2 }, "c: expected only a, b, got an unknown field"],
    ["text", 'expected an object, got "text"'],
    [null, "expected an object, got null"],
  ])("%j is refused in words", async (input, message) => {
    await expect(add.call(input)).rejects.toThrow(message);
    await expect(add.call(input)).rejects.toThrow(ToolInputError);
  });
});

describe("what a tool gives", () => {
  const gives = (value: unknown, maxOutputChars?: number): Promise<unknown> =>
    tool({
      name: "give",
      description: "Gives",
      input: "n?: int",
      execute: () => value,
      ...(maxOutputChars === undefined ? {} : { maxOutputChars }),
    }).call({});

  test("is made JSON", async () => {
    expect(await gives(undefined)).toBe(null);
    expect(await gives({ at: new Date(0), skip: undefined, nan: Number.NaN })).toEqual({
      at: "1970-01-01T00:00:00.000Z",
      nan: null,
    });
  });

  test("that is no JSON, or too much of it, is an error", async () => {
    const ring: { self?: unknown } = {};
    ring.self = ring;
    await expect(gives(ring)).rejects.toThrow("it gave something that is no JSON");
    await expect(gives(10n)).rejects.toThrow("it gave something that is no JSON");
    await expect(gives(() => 1)).rejects.toThrow("it gave something that is no JSON");
    await expect(gives("x".repeat(101), 100)).rejects.toThrow("it gave 103 characters of JSON, more than 100");
    await expect(gives("x".repeat(2 ** 20))).rejects.toThrow("characters of JSON, more than 1048576");
  });
});

describe("a tool as a stage", () => {
  test("takes the values of its names; an object is its outputs, anything else has its name", async () => {
    const double = tool({ name: "double", description: "Doubles", input: "sum: int", execute: ({ sum }) => sum * 2 });
    const calc = program({
      name: "calc",
      signature: signature("a: int, b: int -> sum: int, double: int"),
      pipeline: [add, double],
    });
    const { outputs } = await execute(calc, { a: 1, b: 2 }, { modules: [add, double] });
    expect(outputs).toEqual({ sum: 3, double: 6 });
    expect(JSON.parse(JSON.stringify(calc))).toEqual(calc);
  });

  test("fails with what it throws", async () => {
    const cause = new Error("no disk");
    const bad = tool({
      name: "bad",
      description: "Fails",
      input: "a: int",
      execute: () => {
        throw cause;
      },
    });
    const one = program({ name: "one", signature: signature("a: int -> b: int"), pipeline: [bad] });
    const error = await execute(one, { a: 1 }, { modules: [bad] }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ProgramError);
    expect(error).toMatchObject({ code: "stage_failed", stage: "bad", cause });
  });
});

test("what is no tool is refused", () => {
  const make = (options: object): unknown =>
    tool({ name: "x", description: "d", input: "a", execute: () => 1, ...options });
  expect(() => make({ name: "a b" })).toThrow(
    new UsageError('tool.name: expected a name of letters, digits, "_" and "-", got "a b"'),
  );
  expect(() => make({ description: " " })).toThrow("tool x.description: expected words for the model");
  expect(() => make({ execute: 1 })).toThrow("tool x.execute: expected a function, got 1");
  expect(() => make({ input: "a -> b" })).toThrow('tool x.input: expected inputs alone, without "->", got "a -> b"');
  expect(() => make({ input: 1 })).toThrow(
    "tool x.input: expected a schema, a signature or field types as a text, got 1",
  );
  expect(() => make({ input: "a: itn" })).toThrow(UsageError);
});

describe("the tools of an MCP server", () => {
  const called: unknown[] = [];
  const client: McpClient = {
    listTools: ({ cursor } = {}) => {
      const entry = (name: string): { name: string; inputSchema: object } => ({
        name,
        inputSchema: { type: "object", properties: { q: { type: "string" } } },
      });
      return Promise.resolve(
        cursor === undefined ? { tools: [entry("find")], nextCursor: "2" } : { tools: [entry("fail")] },
      );
    },
    callTool: (params, { signal } = {}) => {
      called.push(params, signal);
      if (params.name === "fail")
        return Promise.resolve({ isError: true, content: [{ type: "text", text: "server is down" }] });
      return Promise.resolve({
        content: [
          { type: "text", text: "one" },
          { type: "image", data: "" },
        ],
      });
    },
  };
  const named = (tools: readonly Tool[], name: string): Tool => tools.find((each) => each.name === name) as Tool;

  test("are ours, from all pages of its list", async () => {
    const tools = await mcpTools(client, { prefix: "web_" });
    expect(tools.map(({ name }) => name)).toEqual(["web_find", "web_fail"]);
    const { signal } = new AbortController();
    expect(await named(tools, "web_find").call({ q: "x" }, { signal })).toBe("one\n(image left out)");
    expect(called).toEqual([{ name: "find", arguments: { q: "x" } }, signal]);
  });

  test("fail where the server reports an error", async () => {
    await expect(named(await mcpTools(client), "fail").call({})).rejects.toThrow("server is down");
  });

  test("can be chosen from", async () => {
    expect((await mcpTools(client, { only: ["fail"] })).map(({ name }) => name)).toEqual(["fail"]);
    await expect(mcpTools(client, { only: ["nope"] })).rejects.toThrow(
      'the server has no tool "nope"; it has find, fail',
    );
  });
});

test("the official MCP client is such a client: its tools are called, checked by the server, and fail in words", async () => {
  const server = new McpServer({ name: "words", version: "1.0.0" });
  server.registerTool(
    "length",
    { description: "Counts letters", inputSchema: z.object({ word: z.string().max(5) }) },
    ({ word }) => ({ content: [{ type: "text", text: String(word.length) }] }),
  );
  const client = new Client({ name: "test", version: "1.0.0" });
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  await Promise.all([server.connect(theirs), client.connect(ours)]);
  const [length] = (await mcpTools(client)) as [Tool];
  expect([length.name, length.description]).toEqual(["length", "Counts letters"]);
  expect(length.inputSchema).toMatchObject({ required: ["word"] });
  expect(await length.call({ word: "four" })).toBe("4");
  await expect(length.call({ word: "longer" })).rejects.toThrow(/word|characters|validation/i);
  await client.close();
});

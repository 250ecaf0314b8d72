import { toJsonSchema, toStandardJsonSchema } from "@valibot/to-json-schema";
import { type } from "arktype";
import * as v from "valibot";
import { describe, expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { UsageError } from "#foundation";
import { execute, program, recordJsonSchema, signature, typeText } from "#programs";
import type { Field, SchemaSource, Signature } from "#programs";
import { scriptedModel } from "#testing";

const input = z.object({ ticket: z.string() });

/** The fields that an output schema becomes. */
function outputsOf(output: SchemaSource): readonly Field[] {
  return signature({ input, output }).outputs;
}

/** What a program with this output schema gives for a model's JSON. */
async function given<O extends object>(typed: Signature<{ ticket: string }, O>, ...replies: unknown[]): Promise<O> {
  const model = scriptedModel(replies.map((reply) => JSON.stringify(reply)));
  const router = program({ name: "router", signature: typed, configuration: { adapter: "json" } });
  return (await execute(router, { ticket: "x" }, { model })).outputs;
}

const limited: readonly Field[] = [
  { name: "queue", type: { kind: "literal", values: ["billing", "tech"] } },
  { name: "urgency", type: { kind: "float", min: 0, max: 1 } },
  { name: "tries", type: { kind: "int", min: 1 } },
  { name: "code", type: { kind: "string", minLength: 2, maxLength: 8, pattern: "^[A-Z]+$" } },
  { name: "tags", type: { kind: "list", item: { kind: "string" }, minItems: 1, maxItems: 5 }, optional: true },
];

describe("the limits of a schema become limits of the fields", () => {
  test("of zod", async () => {
    const output = z.object({
      queue: z.enum(["billing", "tech"]),
      urgency: z.number().min(0).max(1),
      tries: z.int().positive(),
      code: z
        .string()
        .min(2)
        .max(8)
        .regex(/^[A-Z]+$/),
      tags: z.array(z.string()).min(1).max(5).optional(),
    });
    expect(outputsOf(output)).toEqual(limited);
  });

  test("of valibot, by its own JSON Schema or with one beside it", async () => {
    const output = v.object({
      queue: v.picklist(["billing", "tech"]),
      urgency: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
      tries: v.pipe(v.number(), v.integer(), v.minValue(1)),
      code: v.pipe(v.string(), v.minLength(2), v.maxLength(8), v.regex(/^[A-Z]+$/)),
      tags: v.optional(v.pipe(v.array(v.string()), v.minLength(1), v.maxLength(5))),
    });
    expect(outputsOf(toStandardJsonSchema(output))).toEqual(limited);
    const paired = signature({ input, output: { schema: output, jsonSchema: toJsonSchema(output) } });
    expect(paired.outputs).toEqual(limited);
    const outputs = await given(paired, { queue: "tech", urgency: 0.5, tries: 1, code: "AB" });
    expectTypeOf(outputs.queue).toEqualTypeOf<"billing" | "tech">();
    expect(outputs).toEqual({ queue: "tech", urgency: 0.5, tries: 1, code: "AB" });
    expect(() => signature({ input, output })).toThrow("valibot does not. Pass { schema, jsonSchema }");
  });

  test("of arktype", async () => {
    const output = type({
      queue: "'billing' | 'tech'",
      urgency: "0 <= number <= 1",
      tries: "number.integer >= 1",
      code: "/^[A-Z]+$/ & 2 <= string <= 8",
      "tags?": "1 <= string[] <= 5",
    });
    const typed = signature({ input: type({ ticket: "string" }), output });
    expect(typed.outputs).toHaveLength(limited.length);
    expect(typed.outputs).toEqual(expect.arrayContaining([...limited]));
    const outputs = await given(typed, { queue: "tech", urgency: 0.5, tries: 1, code: "AB" });
    expectTypeOf(outputs.queue).toEqualTypeOf<"billing" | "tech">();
    expect(outputs.code).toBe("AB");
  });

  test("and are shown to the model and checked", async () => {
    const typed = signature({ input, output: z.object({ urgency: z.number().min(0).max(1) }) });
    expect(await given(typed, { urgency: 7 }, { urgency: 0.7 })).toEqual({ urgency: 0.7 });
    expect(recordJsonSchema(typed.outputs)["properties"]).toEqual({
      urgency: { type: "number", minimum: 0, maximum: 1 },
    });
  });
});

describe("what else a schema says", () => {
  test("dates, formats, exclusive bounds and safe integers", () => {
    const outputs = outputsOf(
      z.object({
        day: z.iso.date(),
        at: z.iso.datetime(),
        mail: z.email(),
        above: z.number().gt(0.5),
        below: z.int().lt(10),
        any: z.int(),
        risky: z.string().regex(/(a+)+/),
      }),
    );
    expect(Object.fromEntries(outputs.map((field) => [field.name, typeText(field.type)]))).toEqual({
      day: "date (YYYY-MM-DD)",
      at: "date (YYYY-MM-DDThh:mm:ssZ)",
      mail: "string (email)",
      above: "float (at least 0.5)",
      below: "int (at most 9)",
      any: "int",
      // Its own library runs it; ours does not.
      risky: "string",
    });
  });

  test("null, values that are no texts, maps and other unions", async () => {
    const output = z.object({
      owner: z.string().nullable(),
      stars: z.literal([1, 2, 3]),
      either: z.union([z.literal("a"), z.literal("b")]),
      counts: z.record(z.string(), z.int()),
      mixed: z.union([z.string(), z.number()]),
      shape: z.union([z.string(), z.array(z.string())]),
    });
    expect(outputsOf(output).map(({ name, type: fieldType }) => `${name}: ${typeText(fieldType)}`)).toEqual([
      "owner: string or null",
      "stars: one of 1, 2, 3",
      'either: one of "a", "b"',
      "counts: map of int",
      "mixed: json (string or number)",
      'shape: json (of the schema {"anyOf":[{"type":"string"},{"type":"array","items":{"type":"string"}}]})',
    ]);
    const reply = { owner: null, stars: 2, either: "a", counts: { x: 1 }, mixed: 5, shape: [] };
    const stored = JSON.parse(JSON.stringify(signature({ input, output }))) as Signature<{ ticket: string }>;
    expect(await given(stored, { ...reply, stars: 4 }, reply)).toEqual(reply);
    const nullable = signature({
      input,
      output: z.object({ owner: z.string().nullable(), either: z.enum(["a"]).nullable() }),
    });
    expect(await given(nullable, { owner: "None", either: null })).toEqual({ owner: null, either: null });
  });

  test("references are followed; a schema within itself is anything", () => {
    const point = z.object({ x: z.number(), label: z.string() }).meta({ id: "Point" });
    const recursive = z.object({
      name: z.string(),
      get children() {
        return z.array(recursive);
      },
    });
    expect(outputsOf(z.object({ from: point, to: point })).map(({ type: fieldType }) => typeText(fieldType))).toEqual([
      "object {x: float, label: string}",
      "object {x: float, label: string}",
    ]);
    const [tree] = outputsOf(z.object({ tree: recursive }));
    expect(typeText(tree?.type ?? { kind: "bool" })).toMatch(/^object \{name: string, children: list of object \{/);
    expect(JSON.stringify(tree)).not.toContain("$ref");
  });

  test("a schema without a JSON Schema is refused, and told what to do", () => {
    const refused = (): unknown => outputsOf(z.object({ at: z.date() }));
    expect(refused).toThrow(UsageError);
    expect(refused).toThrow(/signature.output: zod has no JSON Schema for it \(.*\). Pass \{ schema, jsonSchema \}/);
  });
});

describe("what a schema makes of values", () => {
  test("is what the caller gets: defaults and transforms are applied once", async () => {
    const typed = signature({
      input,
      output: z.object({
        words: z.string().transform((text) => text.split(" ")),
        sure: z.boolean().default(false),
      }),
    });
    const outputs = await given(typed, { words: "one two" });
    expectTypeOf(outputs).toEqualTypeOf<{ words: string[]; sure: boolean }>();
    expect(outputs).toEqual({ words: ["one", "two"], sure: false });
  });

  test("of inputs is what the model sees; what is left out has its default", async () => {
    const typed = signature({
      input: z.object({ word: z.string().trim(), times: z.int().default(3) }),
      output: z.object({ text: z.string() }),
    });
    const model = scriptedModel(["[[ ## text ## ]]\nx"]);
    await execute(program({ name: "p", signature: typed }), { word: " ab " }, { model });
    expect(model.calls[0]?.messages.at(-1)?.content).toContain("[[ ## word ## ]]\nab\n[[ ## times ## ]]\n3");
  });

  test("in a pipeline is for the end: the stages pass on what the model wrote", async () => {
    const typed = signature({ input, output: z.object({ size: z.string().transform((text) => text.length) }) });
    const run = program({ name: "p", signature: typed });
    const { outputs, history } = await execute(
      run,
      { ticket: "x" },
      { model: scriptedModel(["[[ ## size ## ]]\nabc"]) },
    );
    expect(history[0]?.outputs).toEqual({ size: "abc" });
    expect(outputs).toEqual({ size: 3 });
  });

  test("must be an object", async () => {
    const typed = signature({ input, output: z.object({ a: z.string() }).transform(({ a }) => a) });
    await expect(given(typed as never, { a: "x" })).rejects.toThrow("expected a schema that gives out an object");
  });
});

test("instructions and descriptions may be told beside the schemas", () => {
  const told = signature(
    { input, output: z.object({ size: z.int() }) },
    { instructions: "Go.", descriptions: { size: "cm" } },
  );
  expect(told.instructions).toBe("Go.");
  expect(told.outputs[0]?.description).toBe("cm");
});

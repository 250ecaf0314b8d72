import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { execute, json, program, recordJsonSchema, signature } from "#programs";
import type { Field, FieldType, ModelRequest, ModelSupport, ResponseFormat } from "#programs";
import type { Json } from "#foundation";
import { scriptedModel } from "#testing";
import { anyFields, anyRecord } from "./any-record.ts";

fc.configureGlobal({ seed: 20 });

const triage = signature('ticket, history?: list[str] -> queue: "billing" | "tech", note?: string', {
  instructions: "Route the ticket.",
});

describe("the json adapter's prompt", () => {
  test("tells the schema, shows the demos as objects and asks for structured output", async () => {
    const demos = [{ inputs: { ticket: "Charged twice" }, outputs: { queue: "billing", note: "angry" } }];
    const model = scriptedModel(['{"queue": "tech"}']);
    const run = program({ name: "triage", signature: triage, configuration: { adapter: "json", demos } });
    const { outputs } = await execute(run, { ticket: "It is broken" }, { model });
    expect(outputs).toEqual({ queue: "tech" });
    expect(prompt(model.calls[0]?.messages)).toMatchInlineSnapshot(`
      "
      ── system
      Task: Route the ticket.

      Inputs:
      - ticket: string
      - history: list of string (optional)
      Outputs, in this order:
      - queue: one of "billing", "tech"
      - note: string (optional)

      Answer with one JSON object and nothing else. It satisfies this JSON Schema:
      {"type":"object","properties":{"queue":{"enum":["billing","tech"]},"note":{"type":"string"}},"required":["queue"],"additionalProperties":false}
      ── user
      {"ticket":"Charged twice"}
      ── assistant
      {"queue":"billing","note":"angry"}
      ── user
      {"ticket":"It is broken"}
      "
    `);
    expect(model.calls[0]?.responseFormat).toMatchObject({ type: "json", name: "outputs", strict: true });
  });
});

describe("the schema that the json adapter tells", () => {
  const run = program({ name: "triage", signature: triage, configuration: { adapter: "json" } });
  const good = '{"queue": "tech"}';
  const told = ({ messages, responseFormat }: ModelRequest): readonly [inPrompt: boolean, asFormat: boolean] => [
    messages[0]?.content.includes("JSON Schema") === true,
    responseFormat !== undefined,
  ];

  test.each<[supports: ModelSupport | undefined, told: readonly [inPrompt: boolean, asFormat: boolean]]>([
    [{ structuredOutput: true }, [false, true]],
    [{ structuredOutput: false }, [true, false]],
    [{}, [true, true]],
    [undefined, [true, true]],
  ])("to a model that supports %j", async (supports, expected) => {
    const model = scriptedModel([good]);
    await execute(run, { ticket: "x" }, { model: { ...model, ...(supports === undefined ? {} : { supports }) } });
    expect(model.calls.map(told)).toEqual([expected]);
  });

  test.each(["unsupported: responseFormat", "response_format was ignored", "no structured output here"])(
    "is in the prompt, too, from the moment on that the model warns (%s), and the warned reply counts",
    async (warning) => {
      const scripted = scriptedModel([
        { text: good, warnings: ["topP was ignored"] },
        { text: good, warnings: ["provider was ignored", warning] },
        { text: good },
      ]);
      const model = { ...scripted, supports: { structuredOutput: true } };
      for (let call = 0; call < 3; call++)
        expect((await execute(run, { ticket: "x" }, { model })).outputs).toEqual({ queue: "tech" });
      expect(scripted.calls.map(told)).toEqual([
        [false, true],
        [false, true],
        [true, true],
      ]);
      // What one model said is not held against another.
      const other = scriptedModel([good]);
      await execute(run, { ticket: "x" }, { model: { ...other, supports: { structuredOutput: true } } });
      expect(other.calls.map(told)).toEqual([[false, true]]);
    },
  );

  test("is in the re-ask after a warned reply that could not be read", async () => {
    const scripted = scriptedModel([{ text: "Tech.", warnings: ["unsupported: responseFormat"] }, good]);
    await execute(run, { ticket: "x" }, { model: { ...scripted, supports: { structuredOutput: true } } });
    expect(scripted.calls.map(told)).toEqual([
      [false, true],
      [true, true],
    ]);
  });
});

describe("the response format", () => {
  const formatOf = (outputs: readonly Field[]): ResponseFormat | undefined =>
    json.responseFormat?.({ instructions: "", inputs: [], outputs });

  test("has every property required and an optional one nullable, as strict structured output wants it", () => {
    const { outputs } = signature({
      input: z.object({ q: z.string() }),
      output: z.object({
        queue: z.enum(["billing", "tech"]).optional(),
        size: z.number().min(0).optional(),
        name: z.string().max(5),
        who: z.object({ age: z.int().optional() }).optional(),
        tags: z.array(z.object({ tag: z.string(), weight: z.number().optional() })),
        either: z.union([z.string(), z.object({ n: z.int().optional() })]),
      }),
    });
    expect(formatOf(outputs)).toMatchObject({
      strict: true,
      schema: {
        type: "object",
        additionalProperties: false,
        required: ["queue", "size", "name", "who", "tags", "either"],
        properties: {
          queue: { type: ["string", "null"], enum: ["billing", "tech", null] },
          size: { type: ["number", "null"], minimum: 0 },
          name: { type: "string" },
          who: {
            anyOf: [
              { type: "object", properties: { age: { type: ["integer", "null"] } }, required: ["age"] },
              { type: "null" },
            ],
          },
          tags: {
            type: "array",
            items: {
              type: "object",
              properties: { tag: { type: "string" }, weight: { type: ["number", "null"] } },
              required: ["tag", "weight"],
              additionalProperties: false,
            },
          },
          either: { anyOf: [{ type: "string" }, { type: "object", required: ["n"] }] },
        },
      },
    });
    expect(JSON.stringify(formatOf(outputs))).not.toContain("maxLength");
  });

  test("is the plain schema where the strict form cannot say it", () => {
    for (const type of [
      { kind: "json" },
      { kind: "map", value: { kind: "string" } },
      { kind: "list", item: { kind: "json" } },
      { kind: "json", schema: { $ref: "#/a" } },
      { kind: "json", schema: { anyOf: [{ type: "string" }, {}] } },
      { kind: "json", schema: { type: "object", properties: {}, additionalProperties: true } },
    ] satisfies FieldType[]) {
      const outputs: Field[] = [{ name: "x", type, optional: true }];
      expect(formatOf(outputs)).toEqual({ type: "json", name: "outputs", schema: recordJsonSchema(outputs) });
    }
  });

  test("of outputs is made once", () => {
    const { outputs } = triage;
    expect(formatOf(outputs)).toBe(formatOf(outputs));
  });
});

describe("the json adapter reads", () => {
  test.each<[what: string, reply: string, values: object]>([
    ["an object", '{"queue": "tech", "note": "x"}', { queue: "tech", note: "x" }],
    ["no further keys", '{"queue": "tech", "mood": "bad"}', { queue: "tech" }],
    ["a null of an optional field as absent", '{"queue": "tech", "note": null}', { queue: "tech" }],
    ["an object in prose", 'Sure: {"queue": "tech"} – done', { queue: "tech" }],
    ["no inherited keys", '{"__proto__": {"queue": "tech"}}', {}],
  ])("%s", (_, reply, values) => {
    expect(json.read(reply, triage.outputs)).toEqual({ ok: true, values });
  });

  test.each(["tech", "[1]", '"tech"', "null", ""])("nothing from %j", (reply) => {
    expect(json.read(reply, triage.outputs)).toEqual({
      ok: false,
      issues: [{ path: "", expected: "one JSON object", received: "none" }],
    });
  });
});

test("what is rendered as a demo's answer reads back equal", () => {
  fc.assert(
    fc.property(
      anyFields.chain((fields) => fc.tuple(fc.constant(fields), anyRecord(fields, fc.string()))),
      ([fields, values]) => {
        const shown = { instructions: "", inputs: fields, outputs: fields };
        const [, , answer] = json.preamble(shown, [{ inputs: {}, outputs: values as Record<string, Json> }]);
        expect(json.read(answer?.content ?? "", fields)).toEqual({ ok: true, values });
      },
    ),
    { numRuns: 300 },
  );
});

function prompt(messages: readonly { role: string; content: string }[] = []): string {
  return `\n${messages.map(({ role, content }) => `── ${role}\n${content}`).join("\n")}\n`;
}

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { execute, json, program, recordJsonSchema, signature } from "#programs";
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
    expect(model.calls[0]?.responseFormat).toEqual({
      type: "json",
      name: "outputs",
      schema: recordJsonSchema(triage.outputs),
    });
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

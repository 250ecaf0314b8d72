import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { chat, json, signature, xml } from "#programs";
import type { Adapter, Field } from "#programs";
import { anyFields, anyRecord } from "./any-record.ts";

fc.configureGlobal({ seed: 20 });

const adapters = [chat, json, xml];
const { outputs } = signature({
  input: z.object({ q: z.string() }),
  output: z.object({
    text: z.string(),
    queue: z.enum(["tech", "technical"]),
    size: z.int(),
    tags: z.array(z.string()),
    who: z.object({ name: z.string() }),
    note: z.string().optional(),
  }),
});
const values = {
  text: 'Say "hi" & é\n<b>',
  queue: "technical",
  size: 42,
  tags: ["a", "b c"],
  who: { name: "Ann" },
  note: "no",
};

/** What is said of an answer at each of its lengths, in order, each thing once. */
function course(adapter: Adapter, fields: readonly Field[], reply: string): Record<string, unknown>[] {
  const seen: Record<string, unknown>[] = [];
  for (let length = 0; length <= reply.length; length++) {
    const partial = adapter.readPartial(reply.slice(0, length), fields);
    if (JSON.stringify(partial) !== JSON.stringify(seen.at(-1))) seen.push(partial);
  }
  return seen;
}

describe.each(adapters)("a reply in the making, read by $name", (adapter) => {
  const { content } = adapter.answer({ instructions: "", inputs: [], outputs }, values);
  const said = course(adapter, outputs, content);
  const of = (name: keyof typeof values): unknown[] => [
    ...new Set(said.map((partial) => JSON.stringify(partial[name])).filter((value) => value !== undefined)),
  ];

  test("grows texts, each a beginning of the next", () => {
    const texts = of("text").map((text) => JSON.parse(String(text)) as string);
    expect(texts.length).toBeGreaterThan(8);
    for (const text of texts) expect(values.text.startsWith(text)).toBe(true);
    expect(texts.at(-1)).toBe(values.text);
  });

  test("holds back a literal, a number and an object until they are whole", () => {
    expect(of("queue")).toEqual(['"technical"']);
    expect(of("size")).toEqual(["42"]);
    expect(of("who")).toEqual(['{"name":"Ann"}']);
  });

  test("grows lists", () => {
    const lists = of("tags").map((list) => JSON.parse(String(list)) as string[]);
    expect(lists.at(-1)).toEqual(["a", "b c"]);
    expect(lists).toContainEqual(["a", "b"]);
  });

  test("takes no beginning of another word for the word that there is no value", () => {
    const [note] = outputs.slice(-1) as [Field];
    const none = adapter.answer({ instructions: "", inputs: [], outputs: [note] }, { note: "None" }).content;
    if (adapter !== json) expect(course(adapter, [note], none)).toEqual([{}]);
    const word = adapter.answer({ instructions: "", inputs: [], outputs: [note] }, { note: "Nonsense" }).content;
    expect(course(adapter, [note], word).at(-1)).toEqual({ note: "Nonsense" });
  });

  test("says nothing of what the model still thinks", () => {
    expect(adapter.readPartial(`<think>${content}`, outputs)).toEqual({});
    expect(adapter.readPartial(`<think>${content}</think>`, outputs)).toEqual({});
    expect(adapter.readPartial(`<think>hm</think>${content.slice(0, -5)}`, outputs)).toMatchObject({ size: 42 });
  });

  test("in the end says what the reply says, and on the way nothing of another type", () => {
    const text = fc.stringMatching(/^([\w.,:;!?'"{}[\]()$%&/+<>-]{0,12}[\w.!?)}\]"])?$/);
    fc.assert(
      fc.property(
        anyFields.chain((fields) => fc.tuple(fc.constant(fields), anyRecord(fields, text))),
        ([fields, record]) => {
          const reply = adapter.answer({ instructions: "", inputs: [], outputs: fields }, record).content;
          const finished = adapter.read(reply, fields);
          const steps = course(adapter, fields, reply);
          for (const partial of steps)
            for (const [name, value] of Object.entries(partial)) {
              const kind = fields.find((field) => field.name === name)?.type.kind;
              if (kind === "string") expect(typeof value).toBe("string");
              else if (kind === "list") expect(Array.isArray(value)).toBe(true);
              else if (kind !== "map") expect(value).toEqual(record[name]);
            }
          // Without a mark of its end, the last field of a chat reply could go on.
          expect(finished).toEqual({ ok: true, values: { ...record, ...steps.at(-1) } });
        },
      ),
      { numRuns: 60 },
    );
  });
});

test("JSON that models write is forgiven on the way, too", () => {
  const fields = outputs.filter(({ name }) => name === "text" || name === "size");
  for (const reply of [
    '```json\n{"text": "a", "size": 4, "x',
    "Sure! {'text': 'a', size: 4, ",
    '{"text": "a", "size": 4, "text2": tru',
    '{"text": "a", "size": "4"} and more',
  ])
    expect(json.readPartial(reply, fields)).toEqual({ text: "a", size: 4 });
  expect(json.readPartial('{"text": "a\\', fields)).toEqual({ text: "a" });
  expect(json.readPartial('{"text": "a\\u00e', fields)).toEqual({ text: "a" });
  expect(json.readPartial('{"text": "a\\ud83d', fields)).toEqual({ text: "a" });
  expect(json.readPartial('{"text": "a\\ud83d\\ude00', fields)).toEqual({ text: "a😀" });
  expect(json.readPartial('{"size": 4', fields)).toEqual({});
  expect(json.readPartial('{"size": big, "text": "a"', fields)).toEqual({});
  expect(json.readPartial('["text"', fields)).toEqual({});
});

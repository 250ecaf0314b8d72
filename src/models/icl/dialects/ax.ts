import type { Json } from "#foundation";
import type { Message } from "#programs";
import { readAxInputs, readAxOutputs } from "./ax-fields.ts";
import type { AxField } from "./ax-fields.ts";
import type { Dialect } from "./dialect.ts";
import { renderObject } from "./json-object.ts";
import { parseObject, plainText, readPlainText } from "./json-text.ts";
import { narrowed, schemaBounds } from "./schema-fields.ts";
import type { Piece } from "./structured-text.ts";
import type { AnsweredField } from "./task.ts";
import { turns } from "./turns.ts";

const realQuery = "REAL USER QUERY:\n";

/** ax: XML-like sections in the system message, `Title: value` in the messages, wire keys or JSON in the answer. */
export const ax: Dialect = {
  name: "ax",
  recognise: isAx,
  parse: ({ messages, responseFormat }) => {
    const { system } = turns(messages);
    const inputs = readAxInputs(section(system, "input_fields"));
    const outputs = readAxOutputs(section(system, "output_fields"));
    const isQuestion = (content: string): boolean =>
      inputs.some(({ title }) => content.startsWith(`${title}:`) || content.includes(`\n${title}:`));
    const { answered, question } = turns(messages, isQuestion);
    const fields = outputs.map(({ field }) => narrowed(field, responseFormat?.schema));
    const at = question.indexOf(realQuery);
    return {
      instruction: section(system, "task_definition"),
      inputs: inputs.map(({ field }) => field),
      outputs: fields,
      input: titledTexts(at < 0 ? question : question.slice(at + realQuery.length), inputs),
      bounds: schemaBounds(responseFormat?.schema),
      demos: answered.map((turn) => {
        const values = readAnswer(turn.assistant, outputs);
        const broken = values.size === 0;
        return { inputs: titledTexts(turn.user, inputs), outputs: values, broken, at: turn.at };
      }),
    };
  },
  render: (answers, messages) =>
    turns(messages).system.includes("Return one valid JSON object") ? renderObject(answers) : renderPairs(answers),
};

function isAx(messages: readonly Message[]): boolean {
  const { system } = turns(messages);
  return system.includes("<identity>") && system.includes("<output_fields>") && system.includes("(wire key: `");
}

function section(system: string, name: string): string {
  const start = system.indexOf(`<${name}>`);
  const end = system.indexOf(`</${name}>`, start);
  return start < 0 || end < 0 ? "" : system.slice(start + name.length + 2, end).trim();
}

/** The text after each title that begins a line, up to the next one. */
function titledTexts(text: string, fields: readonly AxField[]): Map<string, string> {
  const names = new Map(
    fields.flatMap(
      ({ title, field }) =>
        [
          [title, field.name],
          [field.name, field.name],
        ] as const,
    ),
  );
  const found = new Map<string, string>();
  let current: string | undefined;
  for (const line of text.split("\n")) {
    const colon = line.indexOf(":");
    const name = colon < 0 ? undefined : names.get(line.slice(0, colon).trim());
    if (name !== undefined) found.set((current = name), line.slice(colon + 1).trim());
    else if (current !== undefined) found.set(current, `${found.get(current) ?? ""}\n${line}`);
  }
  return new Map([...found].map(([name, value]) => [name, value.trim()]));
}

function readAnswer(text: string, outputs: readonly AxField[]): ReadonlyMap<string, Json> {
  const object = parseObject(text);
  if (object !== undefined) return object;
  const texts = titledTexts(text, outputs);
  return new Map(
    outputs.flatMap(({ field }) => {
      const value = texts.get(field.name);
      return value === undefined ? [] : [[field.name, readPlainText(value, field.type)] as const];
    }),
  );
}

function renderPairs(answers: readonly AnsweredField[]): Piece[] {
  const present = answers.filter(({ value }) => value !== undefined);
  return present.flatMap(({ field, value = null }, index): Piece[] => [
    { text: `${index === 0 ? "" : "\n"}${field.name}: `, slipped: `${index === 0 ? "" : "\n"}${field.name} ` },
    { text: typeof value === "object" ? JSON.stringify(value, null, 2) : plainText(value) },
  ]);
}

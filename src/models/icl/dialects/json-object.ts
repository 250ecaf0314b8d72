import type { Json, JsonObject } from "#foundation";
import type { Field } from "#programs";
import type { Dialect } from "./dialect.ts";
import { headedTask } from "./headed-task.ts";
import { parseObject, plainText } from "./json-text.ts";
import { hasTaskHeader } from "./task-header.ts";
import { turns } from "./turns.ts";
import type { Piece, StructuredText } from "./structured-text.ts";
import type { AnsweredField } from "./task.ts";

const closing = "\n\nAnswer with one JSON object and nothing else.";

/** Our JSON adapter: inputs and outputs are one JSON object each. */
export const jsonObject: Dialect = {
  name: "json",
  recognise: (messages) => hasTaskHeader(turns(messages).system, closing),
  parse: (request) =>
    headedTask(request, {
      closing,
      readInputs,
      readOutputs: (text) => parseObject(text) ?? new Map<string, Json>(),
      isBroken: (text) => parseObject(text) === undefined,
      schemaIn,
    }),
  render: renderObject,
};

/** One JSON object. Its slips: prose before it, a bare key, `=` for a colon, a missing comma, no closing brace. */
export function renderObject(answers: readonly AnsweredField[]): StructuredText {
  const present = answers.filter(({ value }) => value !== undefined);
  const entries = present.flatMap(({ field, value }, index): Piece[] => [
    ...(index === 0 ? [] : [{ text: ", ", slipped: " " }]),
    { text: JSON.stringify(field.name), slipped: field.name },
    { text: ": ", slipped: " = " },
    { text: JSON.stringify(value) },
  ]);
  return [{ text: "{", slipped: "Here is the answer: {" }, ...entries, { text: "}", slipped: "" }];
}

/** The schema that closes the system text. */
function schemaIn(system: string): JsonObject | undefined {
  const stated = parseObject(system.slice(system.lastIndexOf("\n") + 1));
  return stated === undefined ? undefined : Object.fromEntries(stated);
}

function readInputs(text: string, fields: readonly Field[]): Map<string, string> {
  const values = parseObject(text);
  const [first] = fields;
  if (values === undefined) return new Map(first === undefined ? [] : [[first.name, text]]);
  return new Map([...values].map(([name, value]) => [name, plainText(value)]));
}

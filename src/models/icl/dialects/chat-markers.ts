import type { Json } from "#foundation";
import type { Field } from "#programs";
import type { Dialect } from "./dialect.ts";
import { headedTask } from "./headed-task.ts";
import { plainText, readPlainText } from "./json-text.ts";
import { hasTaskHeader } from "./task-header.ts";
import { turns } from "./turns.ts";

const closing = "\n\nAnswer every output under its own marker";
const completed = "completed";

/** Our chat adapter: every field under a marker `[[ ## name ## ]]`. */
export const chatMarkers: Dialect = {
  name: "chat",
  recognise: (messages) => hasTaskHeader(turns(messages).system, closing),
  parse: (request) => headedTask(request, { closing, readInputs, readOutputs, isBroken }),
  render: (answers) => [
    ...answers.flatMap(({ field, value }) =>
      value === undefined
        ? []
        : [{ text: `${marker(field.name)}\n`, slipped: `${field.name}: ` }, { text: `${plainText(value)}\n` }],
    ),
    { text: marker(completed), slipped: "" },
  ],
};

function isBroken(text: string, outputs: ReadonlyMap<string, Json>): boolean {
  return outputs.size === 0 || !text.includes(marker(completed));
}

function marker(name: string): string {
  return `[[ ## ${name} ## ]]`;
}

/** The text under each marker; a text without markers is the first field. */
function readInputs(text: string, fields: readonly Field[]): Map<string, string> {
  const found = sections(text);
  const [first] = fields;
  return found.size > 0 || first === undefined ? found : new Map([[first.name, text]]);
}

function readOutputs(text: string, fields: readonly Field[]): Map<string, Json> {
  const found = sections(text);
  const values = new Map<string, Json>();
  for (const { name, type } of fields) {
    const section = found.get(name);
    if (section !== undefined) values.set(name, readPlainText(section, type));
  }
  return values;
}

function sections(text: string): Map<string, string> {
  const marks = [...text.matchAll(/^\[\[ ## (?<name>[^\s#]+) ## \]\]$/gm)];
  return new Map(
    marks.map((mark, index) => {
      const from = mark.index + mark[0].length + 1;
      return [
        mark.groups?.["name"] ?? "",
        text.slice(from, Math.max(from, (marks[index + 1]?.index ?? text.length + 1) - 1)),
      ];
    }),
  );
}

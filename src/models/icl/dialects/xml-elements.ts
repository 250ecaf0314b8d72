import type { Json } from "#foundation";
import type { Field } from "#programs";
import type { Dialect } from "./dialect.ts";
import { headedTask } from "./headed-task.ts";
import { plainText, readPlainText } from "./json-text.ts";
import type { Piece } from "./structured-text.ts";
import { hasTaskHeader } from "./task-header.ts";
import { turns } from "./turns.ts";
import { escapeXml, unescapeXml } from "./xml-text.ts";

const closing = "\n\nAnswer every output in an element of its own";

/** Our XML adapter: every field in an element of its own, one after the other. */
export const xmlElements: Dialect = {
  name: "xml",
  recognise: (messages) => hasTaskHeader(turns(messages).system, closing),
  parse: (request) => headedTask(request, { closing, readInputs: readElements, readOutputs }),
  render: (answers) => {
    const present = answers.filter(({ value }) => value !== undefined);
    return present.flatMap(({ field: { name }, value = null }, index): Piece[] => [
      { text: `${index === 0 ? "" : "\n"}<${name}>`, slipped: `${index === 0 ? "" : "\n"}${name}: ` },
      { text: escapeXml(plainText(value)) },
      { text: `</${name}>`, slipped: "" },
    ]);
  },
};

/** The content of each field's element; a text without any is the first field. */
function readElements(text: string, fields: readonly Field[]): Map<string, string> {
  const found = new Map<string, string>();
  let from = 0;
  for (const { name } of fields) {
    const start = text.indexOf(`<${name}>`, from);
    const end = start < 0 ? -1 : text.indexOf(`</${name}>`, start);
    if (end < 0) continue;
    found.set(name, unescapeXml(text.slice(start + name.length + 2, end)));
    from = end;
  }
  const [first] = fields;
  return found.size > 0 || first === undefined ? found : new Map([[first.name, text]]);
}

function readOutputs(text: string, fields: readonly Field[]): Map<string, Json> {
  if (!text.includes("</")) return new Map();
  const found = readElements(text, fields);
  const present = fields.filter(({ name }) => found.has(name));
  return new Map(present.map(({ name, type }) => [name, readPlainText(found.get(name) ?? "", type)]));
}

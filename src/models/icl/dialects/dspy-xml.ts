import type { Json } from "#foundation";
import type { Field } from "#programs";
import type { Dialect } from "./dialect.ts";
import { dspyForm, parseDspy, readSection, sectionText } from "./dspy-prompt.ts";
import type { Piece } from "./structured-text.ts";
import { nested, readNested } from "./xml-text.ts";

/** DSPy's XMLAdapter: every field as an element, lists and records as nested ones. */
export const dspyXml: Dialect = {
  name: "dspy-xml",
  recognise: (messages) => dspyForm(messages) === "xml",
  parse: (request) => parseDspy(request, { inputs: elements, outputs: readOutputs }),
  render: (answers) =>
    answers.flatMap(({ field, value = null }, index): Piece[] => {
      const isNested = typeof value === "object" && value !== null;
      const [open, close] = isNested ? ["", ""] : ["\n", "\n"];
      return [
        {
          text: `${index === 0 ? "" : "\n\n"}<${field.name}>${open}`,
          slipped: `${index === 0 ? "" : "\n\n"}${field.name}: `,
        },
        { text: nested(value, sectionText) },
        { text: `${close}</${field.name}>`, slipped: "" },
      ];
    }),
};

/** The content of each field's element that begins a line, in the order of the fields. */
function elements(text: string, fields: readonly Field[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const { name } of fields) {
    const open = `<${name}>`;
    const start = text.startsWith(open) ? 0 : text.indexOf(`\n${open}`) + 1;
    const end = start > 0 || text.startsWith(open) ? text.indexOf(`</${name}>`, start) : -1;
    if (end >= 0) found.set(name, text.slice(start + open.length, end).trim());
  }
  return found;
}

function readOutputs(text: string, fields: readonly Field[]): Map<string, Json> | undefined {
  const found = elements(text, fields);
  if (found.size === 0) return undefined;
  const present = fields.filter(({ name }) => found.has(name));
  return new Map(present.map(({ name, type }) => [name, readNested(found.get(name) ?? "", type, readSection)]));
}

import type { Json } from "#foundation";
import type { Field } from "#programs";
import type { Dialect } from "./dialect.ts";
import { dspyForm, parseDspy, readSection, sectionText } from "./dspy-prompt.ts";
import type { Piece } from "./structured-text.ts";

/** DSPy's ChatAdapter: every field under a marker `[[ ## name ## ]]`, blank lines between, types noted. */
export const dspyChat: Dialect = {
  name: "dspy-chat",
  recognise: (messages) => dspyForm(messages) === "chat",
  parse: (request) => parseDspy(request, { inputs: markedSections, outputs: readOutputs }),
  render: (answers) => [
    ...answers.flatMap(({ field, value = null }): Piece[] => [
      { text: `[[ ## ${field.name} ## ]]\n`, slipped: `${field.name}: ` },
      { text: `${sectionText(value)}\n\n` },
    ]),
    { text: "[[ ## completed ## ]]\n", slipped: "" },
  ],
};

/** The text under each marker. */
export function markedSections(text: string): Map<string, string> {
  const parts = text.split(/^\[\[ ## (\S+) ## \]\][^\S\n]*$/m);
  const found = new Map<string, string>();
  for (let index = 1; index < parts.length; index += 2)
    found.set(parts[index] as string, (parts[index + 1] ?? "").trim());
  return found;
}

function readOutputs(text: string, fields: readonly Field[]): Map<string, Json> | undefined {
  const found = markedSections(text);
  if (!found.has("completed")) return undefined;
  return new Map(
    fields.flatMap(({ name, type }) => {
      const section = found.get(name);
      return section === undefined ? [] : [[name, readSection(section, type)] as const];
    }),
  );
}

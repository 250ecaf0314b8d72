import type { Dialect } from "./dialect.ts";
import { markedSections } from "./dspy-chat.ts";
import { dspyForm, parseDspy } from "./dspy-prompt.ts";
import { renderObject } from "./json-object.ts";
import { parseObject } from "./json-text.ts";

/** DSPy's JSONAdapter: inputs under markers, outputs as one JSON object. */
export const dspyJson: Dialect = {
  name: "dspy-json",
  recognise: (messages) => dspyForm(messages) === "json",
  parse: (request) => parseDspy(request, { inputs: markedSections, outputs: parseObject }),
  render: (answers) => renderObject(answers.map(({ field, value = null }) => ({ field, value }))),
};

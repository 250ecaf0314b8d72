import type { JsonObject } from "#foundation";
import type { Field } from "#programs";
import type { Dialect } from "./dialect.ts";
import { renderObject } from "./json-object.ts";
import { parseObject, plainText } from "./json-text.ts";
import { schemaBounds, schemaFields } from "./schema-fields.ts";
import { turns } from "./turns.ts";

const text: Field = { name: "text", type: { kind: "string" } };
const answer: Field = { name: "answer", type: { kind: "string" } };

/** Any other conversation: earlier exchanges are demonstrations, the last user message is the input. */
export const plainChat: Dialect = {
  name: "plain",
  recognise: () => true,
  parse: ({ messages, responseFormat }) => {
    const { system, answered, question, toolResults } = turns(messages);
    const schema = hasProperties(responseFormat?.schema) ? responseFormat?.schema : undefined;
    // What a tool found is what the question is to be answered from.
    const input = toolResults.length === 0 ? question : toolResults.join("\n");
    return {
      instruction: system,
      inputs: [text],
      outputs: schema === undefined ? [answer] : schemaFields(schema),
      input: new Map([[text.name, input]]),
      bounds: schemaBounds(schema),
      demos: answered.map(({ user, assistant, at }) => {
        const values = schema === undefined ? new Map([[answer.name, assistant]]) : parseObject(assistant);
        return { inputs: new Map([[text.name, user]]), outputs: values ?? new Map(), broken: values === undefined, at };
      }),
    };
  },
  render: (answers) => {
    const [only] = answers;
    if (answers.length === 1 && only?.field === answer) return [{ text: plainText(only.value ?? "") }];
    return renderObject(answers);
  },
};

/** Whether a schema names what it wants; `{ "type": "object" }` wants any object. */
function hasProperties(schema: JsonObject | undefined): boolean {
  return schema !== undefined && schemaFields(schema).length > 0;
}

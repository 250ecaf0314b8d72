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
    const { system, answered, question } = turns(messages);
    const schema = responseFormat?.schema;
    return {
      instruction: system,
      inputs: [text],
      outputs: schema === undefined ? [answer] : schemaFields(schema),
      input: new Map([[text.name, question]]),
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

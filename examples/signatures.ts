import { ensure, execute, executeStream, program, signature } from "tutti";
import { iclModel } from "tutti/models/icl";
import { z } from "zod";

const model = iclModel();

// As a text: types, limits and descriptions. A typo is an error in the editor, and again at run time.
const sort = program({
  name: "sort",
  signature: signature(
    'message: string(..500) "from a customer" -> queue: "billing" | "technical", order: string(/^[A-Z]-[0-9]+$/), due?: date',
    { ensure: [ensure(({ order }, { message }) => message.includes(order), "an order that the message names")] },
  ),
  configuration: { adapter: "json" }, // or "chat", which is usual, or "xml"
});
const message = "The billing of order A-4711 is wrong. Please mend it by 2026-03-01.";
const { outputs } = await execute(sort, { message }, { model });
const queue: "billing" | "technical" = outputs.queue;
console.log(queue, outputs.order, outputs.due);

// From schemas: zod, arktype, or valibot by toStandardJsonSchema of @valibot/to-json-schema. Transforms are applied.
const contact = signature({
  input: z.object({ text: z.string() }),
  output: z.object({ email: z.email().transform((email) => email.toLowerCase()) }),
});
const found = await execute(program({ name: "find", signature: contact }), { text: "Ask Ann@Example.org" }, { model });
console.log(found.outputs.email);

// Followed while it is written: what changed, typed.
const stream = executeStream(sort, { message }, { model });
for await (const partial of stream) console.log(partial.outputs);
console.log((await stream.result).usage.calls);

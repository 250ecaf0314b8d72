import fc from "fast-check";
import { expect, test } from "vitest";
import { iclModel } from "#models/icl";
import { chat, json, recordJsonSchema, signature, xml } from "#programs";
import type { Message } from "#programs";
import { ask, prompt } from "./asking.ts";
import type { Asked } from "./asking.ts";

const shape = 'text -> kind: "a" | "b", note?: string, amount: float, tags: list[str], sure: bool';
const inputs = { text: 'Anna said "pay 5" \n to Bob' };

test.each([
  ["chat", chat],
  ["json", json],
  ["xml", xml],
])("the %s adapter reads every kind of output that it asked for", async (_name, adapter) => {
  const demos = [
    { inputs: { text: "pay 7 to Carl" }, outputs: { kind: "b", note: "Carl", amount: 7, tags: ["pay"], sure: true } },
    { inputs: { text: "pay 9 to Dora" }, outputs: { kind: "a", amount: 9, tags: [], sure: false } },
  ];
  for (const shownDemos of [[], demos]) {
    const { values } = await ask(iclModel(), { signature: shape, demos: shownDemos, inputs, adapter });
    expect(Object.keys(values)).toEqual(expect.arrayContaining(["kind", "amount", "tags", "sure"]));
    expect(values).toMatchObject({ amount: 5, tags: expect.any(Array), sure: expect.any(Boolean) });
    expect(["a", "b"]).toContain(values["kind"]);
  }
});

test("the two adapters get the same answers", async () => {
  const demos = [
    { inputs: { text: "pay 7 to Carl", where: "Rome" }, outputs: { kind: "b", place: { city: "Rome" } } },
    { inputs: { text: "call Dora", where: "Oslo" }, outputs: { kind: "a", place: { city: "Oslo" } } },
  ];
  const asked = {
    signature: 'text, where -> kind: "a" | "b", place: json',
    demos,
    inputs: { text: "call Carl", where: "Bern" },
  };
  const byMarkers = await ask(iclModel(), { ...asked, adapter: chat });
  const byObject = await ask(iclModel(), { ...asked, adapter: json });
  expect(byMarkers.reply.metadata).toMatchObject({ dialect: "chat" });
  expect(byObject.reply.metadata).toMatchObject({ dialect: "json" });
  expect(byMarkers.values).toEqual(byObject.values);
});

test("a re-ask is answered like the question it refers to", async () => {
  const asked: Asked = { signature: 'text -> kind: "red" | "blue"', inputs: { text: "blue sky" } };
  const messages: Message[] = [
    ...prompt(asked),
    { role: "assistant", content: "[[ ## kind ## ]]\nred\n[[ ## completed ## ]]" },
    {
      role: "user",
      content: "Your answer could not be used:\n- kind: red is wrong\nAnswer again, in the form that was asked for.",
    },
  ];
  const first = await iclModel().generate({ messages: prompt(asked) });
  expect((await iclModel().generate({ messages })).text).toBe(first.text);
  expect(first.text).toBe("[[ ## kind ## ]]\nblue\n[[ ## completed ## ]]");
});

test("JSON is valid at temperature 0, and at any temperature when it is asked for as structured output", async () => {
  const model = iclModel();
  const schema = recordJsonSchema(signature(shape).outputs);
  const text = fc.string({ unit: "binary", maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(text, fc.double({ min: 0, max: 3, noNaN: true }), async (value, temperature) => {
      const messages = prompt({ signature: shape, inputs: { text: value }, adapter: json });
      JSON.parse((await model.generate({ messages })).text);
      const responseFormat = { type: "json" as const, name: "outputs", schema };
      JSON.parse((await model.generate({ messages, temperature, responseFormat })).text);
    }),
    { numRuns: 100, seed: 1 },
  );
});

test("at temperature 2 the form slips as often as 1/(1 + e^(6/T)) per structural token says", async () => {
  const model = iclModel({ seed: "slips" });
  const messages = prompt({ signature: 'text -> kind: "a" | "b", sure: bool', inputs, adapter: json });
  const draws = 1000;
  let invalid = 0;
  for (let rollout = 0; rollout < draws; rollout++) {
    const { text } = await model.generate({ messages, temperature: 2, rollout });
    if (!isJson(text)) invalid++;
  }
  // Two braces, two keys, two colons, one comma.
  const expected = 1 - (1 - 1 / (1 + Math.exp(3))) ** 7;
  expect(Math.abs(invalid / draws - expected)).toBeLessThan(3 * Math.sqrt((expected * (1 - expected)) / draws));
});

test("demonstrations that break the form are imitated", async () => {
  const good = prompt({ signature: "text -> kind: bool", inputs: { text: "x" }, adapter: json });
  const [system, question] = [good[0], good[1]];
  if (system === undefined || question === undefined) throw new Error("two messages were expected");
  const broken = Array.from({ length: 8 }, (): Message[] => [question, { role: "assistant", content: "yes!" }]).flat();
  const { text } = await iclModel().generate({ messages: [system, ...broken, question] });
  expect(isJson(text)).toBe(false);
});

test("no messages whatever make it crash", async () => {
  const model = iclModel();
  const fragment = fc.constantFrom(
    'Task: t\n\nInputs:\n- x: string\nOutputs, in this order:\n- y: one of "a", "b-c"\n- constructor: list of int',
    "\n\nAnswer every output under its own marker",
    "[[ ## x ## ]]\n",
    "[[ ## completed ## ]]",
    '{"x": 1, "__proto__": {}}',
    "\n\nAnswer with one JSON object and nothing else.",
    "If the text mentions (a, answer b-c.",
    "- y: object {a: list of",
    "Your answer could not be used:",
    "\n\nAnswer every output in an element of its own",
    "<x>a</x>",
    "Your input fields are:\n1. `x` (str): \nYour output fields are:\n1. `y` (Literal['a', ",
    "All interactions will be structured in the following way, with the appropriate values filled in.",
    "In adhering to this structure, your objective is: ",
    "Outputs will be a JSON object with the following fields",
    "<identity></identity><output_fields>\nX (wire key: `x`): (This number field must be included)",
    "</output_fields>",
    "I provided an assistant with the following instructions to perform a task for me:\n```",
    "The following are examples of different task inputs:\n```\n# Example 1\n## Inputs\n### a\n",
    "Q: a\nA: b\n\nQ: c\nA:",
    "- examples_with_feedback: json\n- improved_instruction: string\n[[ ## examples_with_feedback ## ]]\n[{'inputs': ",
  );
  const content = fc
    .array(fc.oneof(fragment, fc.string({ unit: "binary", maxLength: 30 })), { maxLength: 5 })
    .map((parts) => parts.join(""));
  const message = fc.record({
    role: fc.constantFrom("system" as const, "user" as const, "assistant" as const),
    content,
  });
  await fc.assert(
    fc.asyncProperty(fc.array(message, { maxLength: 6 }), fc.constantFrom(0, 1, 2), async (messages, temperature) => {
      const { text, usage } = await model.generate({ messages, temperature });
      expect(typeof text).toBe("string");
      expect(Number.isInteger(usage.inputTokens + usage.outputTokens)).toBe(true);
    }),
    { numRuns: 600, seed: 2 },
  );
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

import { expect, test } from "vitest";
import { UsageError } from "#foundation";
import { countTokens, iclModel, modelCardOf } from "#models/icl";
import { accuracy, answers, choice, prompt, shown } from "./asking.ts";
import { cases, opaqueLabels } from "./intents.ts";

const labels = opaqueLabels;
const named = ["cardArrival", "lost_card", "exchange-rate"];

test("small has a name, a shorter context and a lower price of its own", async () => {
  const small = iclModel({ tier: "small" });
  const messages = prompt({ signature: choice(labels), inputs: { text: "my refund" } });
  const { usage, metadata, text } = await small.generate({ messages });
  expect(small.id).toBe("icl-small-1");
  expect(metadata).toMatchObject({ units: (usage.inputTokens + 2 * countTokens(text)) / 1000 });
  const long = { messages: [{ role: "user" as const, content: "word ".repeat(2100) }] };
  await expect(small.generate(long)).rejects.toMatchObject({ code: "context_length" });
  expect((await iclModel().generate(long)).warnings).toBeUndefined();
  expect(modelCardOf("small")).toMatchObject({
    name: "icl-small-1",
    contextTokens: 2048,
    price: { input: 1, output: 2 },
  });
  expect(() => iclModel({ tier: "large" as never })).toThrow(UsageError);
});

test("small knows words and neighbours alone: names of labels say nothing to it", async () => {
  const texts = ["I lost it", "what rate do you exchange at"].map((text, index) => ({ text, kind: index + 1 }));
  expect(accuracy(await answers(iclModel(), texts, { labels: named }), texts, named)).toBe(1);
  expect(accuracy(await answers(iclModel({ tier: "small" }), texts, { labels: named }), texts, named)).toBe(0);
});

test("rules work in small as well", async () => {
  const one = [{ text: "a penguin came in", kind: 3 }];
  const instructions = "If the text mentions penguin, answer L3.";
  expect(await answers(iclModel({ tier: "small" }), one, { labels, instructions })).toEqual(["L3"]);
});

test("a stream says in pieces what generate says at once, and last the whole reply", async () => {
  const request = {
    messages: prompt({
      signature: choice(labels),
      demos: shown(cases("demos", 6), labels),
      inputs: { text: "my refund" },
    }),
  };
  const whole = await iclModel().generate(request);
  const pieces: string[] = [];
  let last: unknown;
  for await (const chunk of iclModel().stream?.(request) ?? []) {
    if (chunk.type === "text") pieces.push(chunk.text);
    else last = chunk.reply;
  }
  expect(pieces.length).toBeGreaterThan(2);
  expect(pieces.join("")).toBe(whole.text);
  expect(last).toEqual(whole);
});

test("the evidence and the probabilities of labels are in the metadata", async () => {
  const demos = shown(cases("demos", 12), labels);
  const messages = prompt({ signature: choice(labels), demos, inputs: { text: "refund the invoice" } });
  const { metadata } = await iclModel().generate({ messages });
  const [told] = Reflect.get(metadata as object, "evidence") as {
    output: string;
    because: string;
    labels: { value: string; probability: number }[];
  }[];
  expect(told).toMatchObject({ output: "kind", because: expect.stringContaining("closest examples") });
  expect(told?.labels).toHaveLength(5);
  expect(told?.labels[0]).toMatchObject({ value: "L0" });
  expect(told?.labels[0]?.probability).toBeGreaterThan(told?.labels[1]?.probability ?? 1);
});

test("what a strict schema requires and the prompt does not answer is null", async () => {
  const schema = {
    type: "object",
    properties: {
      note: { type: ["string", "null"] },
      mood: { type: ["string", "null"], enum: ["sad", "happy", null] },
    },
    required: ["note", "mood"],
  };
  const messages = [{ role: "user" as const, content: "I am happy" }];
  const { text } = await iclModel().generate({ messages, responseFormat: { type: "json", name: "o", schema } });
  expect(JSON.parse(text)).toEqual({ note: null, mood: "happy" });
});

test("dates come out as ISO 8601 has them", async () => {
  const asked = async (content: string): Promise<unknown> => {
    const schema = { type: "object", properties: { due: { type: "string", format: "date" } }, required: ["due"] };
    const reply = await iclModel().generate({
      messages: [{ role: "user", content }],
      responseFormat: { type: "json", name: "o", schema },
    });
    return (JSON.parse(reply.text) as { due: string }).due;
  };
  expect(await asked("pay until 3 May 2026, please")).toBe("2026-05-03");
  expect(await asked("until 24.12.2026")).toBe("2026-12-24");
  expect(await asked("by 2026-01-05")).toBe("2026-01-05");
  expect(await asked("until 3.5.2026")).toBe("2026-05-03");
  // Nobody knows which of the two it is.
  expect(await asked("until 3/5/2026")).toBe("");
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { UsageError } from "#foundation";
import { countTokens, iclModel, modelCard } from "#models/icl";
import { ModelError } from "#programs";
import type { ModelRequest } from "#programs";
import { choice, prompt, shown } from "./asking.ts";
import { cases, opaqueLabels } from "./intents.ts";

const labels = opaqueLabels;

function request(demoCount: number, options: Partial<ModelRequest> = {}): ModelRequest {
  const demos = shown(cases("demos", demoCount), labels);
  return { messages: prompt({ signature: choice(labels), demos, inputs: { text: "my refund" } }), ...options };
}

test("tokens are up to six letters, up to three digits or one other character, the space before attached", () => {
  expect(countTokens("")).toBe(0);
  expect(countTokens("hello world")).toBe(2);
  expect(countTokens("extraordinary 12345!")).toBe(3 + 2 + 1);
  expect(countTokens("a\n\nb")).toBe(4);
});

test("token counts add up over lines", () => {
  const text = fc.string({ unit: "binary", maxLength: 40 });
  fc.assert(fc.property(text, text, (a, b) => countTokens(`${a}\n${b}`) === countTokens(a) + 1 + countTokens(b)));
});

test("usage counts contents and four tokens a message; nothing is paid, units are fictional", async () => {
  const asked = request(6);
  const { usage, text, metadata } = await iclModel().generate(asked);
  const inputTokens = asked.messages.reduce((sum, { content }) => sum + 4 + countTokens(content), 0);
  expect(usage).toEqual({ calls: 1, inputTokens, outputTokens: countTokens(text), usd: 0 });
  expect(metadata).toMatchObject({ units: (inputTokens * 5 + countTokens(text) * 15) / 1000, truncatedDemos: 0 });
});

test("a prompt beyond the context loses its oldest demonstrations, and the warnings say so", async () => {
  const asked = request(60);
  const all = await iclModel().generate(asked);
  expect(all.warnings).toBeUndefined();
  const { usage, warnings, text } = await iclModel({ contextTokens: 600 }).generate(asked);
  expect(usage.inputTokens).toBeLessThanOrEqual(600);
  expect(usage.inputTokens).toBeGreaterThan(500);
  const [warning] = warnings ?? [];
  const dropped = Number(/oldest (\d+) demonstrations/.exec(warning ?? "")?.[1]);
  const kept = request(60).messages.filter((_, index) => index === 0 || index > 2 * dropped);
  expect((await iclModel().generate({ messages: kept })).usage).toEqual(usage);
  expect((await iclModel().generate({ messages: kept })).text).toBe(text);
});

test("a prompt that is too long without demonstrations is refused", async () => {
  const refused = iclModel({ contextTokens: 20 }).generate(request(3));
  await expect(refused).rejects.toBeInstanceOf(ModelError);
  await expect(refused).rejects.toMatchObject({ code: "context_length", retryable: false });
});

test("max tokens cut the answer, stop strings end it", async () => {
  const whole = await iclModel().generate(request(6));
  expect(whole.finishReason).toBe("stop");
  const cut = await iclModel().generate(request(6, { maxTokens: 5 }));
  expect(cut).toMatchObject({ finishReason: "length", usage: { outputTokens: 5 } });
  expect(whole.text.startsWith(cut.text)).toBe(true);
  const stopped = await iclModel().generate(request(6, { stop: ["", "\n[[ ## completed"] }));
  expect(stopped.finishReason).toBe("stop");
  expect(`${stopped.text}\n[[ ## completed ## ]]`).toBe(whole.text);
});

test("what it cannot honour it says; what makes no sense it refuses", async () => {
  const { warnings } = await iclModel().generate(request(0, { presencePenalty: 1, frequencyPenalty: 0 }));
  expect(warnings).toEqual(["presencePenalty was ignored"]);
  await expect(iclModel().generate(request(0, { temperature: -1 }))).rejects.toMatchObject({ code: "invalid_request" });
  await expect(iclModel().generate(request(0, { topP: 0 }))).rejects.toMatchObject({ code: "invalid_request" });
  expect(() => iclModel({ contextTokens: 0 })).toThrow(UsageError);
});

test("embeddings have length 1, equal texts are equal and related texts are nearer", async () => {
  const texts = [
    "the card has not arrived",
    "my card did not arrive",
    "weather in Oslo",
    "the card has not arrived",
    "",
  ];
  const { vectors, usage } = (await iclModel().embed?.(texts)) ?? { vectors: [], usage: undefined };
  const dot = (a: number, b: number): number =>
    (vectors[a] ?? []).reduce((sum, value, index) => sum + value * (vectors[b]?.[index] ?? 0), 0);
  expect(vectors.map(({ length }) => length)).toEqual([256, 256, 256, 256, 256]);
  expect(dot(0, 3)).toBeCloseTo(1);
  expect(dot(0, 1)).toBeGreaterThan(dot(0, 2) + 0.3);
  expect(dot(4, 4)).toBe(0);
  expect(usage).toMatchObject({ calls: 1, outputTokens: 0, usd: 0 });
});

test("the model card carries the model's name and says what it is not", () => {
  expect(modelCard["name"]).toBe(iclModel().id);
  expect(modelCard["description"]).toMatch(/no weights, no hidden knowledge of any data set/);
});

import { describe, expect, test } from "vitest";
import { UsageError } from "#foundation";
import { cached, priced, priceTable } from "#models/wrappers";
import type { ModelRequest } from "#programs";
import { talkingModel } from "../fixtures/talking-model.ts";

const request: ModelRequest = { messages: [{ role: "user", content: "12345" }] };
const { usdPerMillionTokens: _, ...unpriced } = talkingModel(() => "0123456789", { id: "lab/words-1" });

describe("a price", () => {
  test("turns the tokens of every verb into money, and is told beforehand", async () => {
    const model = priced(unpriced, { input: 2, output: 10 });
    expect(model.usdPerMillionTokens).toEqual({ input: 2, output: 10 });
    expect((await model.generate(request)).usage.usd).toBeCloseTo(0.00011, 12);
    for await (const chunk of model.stream?.(request) ?? [])
      if (chunk.type === "reply") expect(chunk.reply.usage.usd).toBeCloseTo(0.00011, 12);
    expect((await model.embed?.(["a", "b"]))?.usage.usd).toBeCloseTo(0.000004, 12);
  });

  test.each([
    ["its id", { "lab/words-1": { input: 1, output: 1 }, "words-1": { input: 9, output: 9 } }],
    ["its id without the provider", { "words-1": { input: 1, output: 1 } }],
  ])("is found in a table under %s", (_name, table) => {
    expect(priced(unpriced, table).usdPerMillionTokens).toEqual({ input: 1, output: 1 });
  });

  test("counts more than what the model told", async () => {
    const told = talkingModel(() => "x", { usdPerMillionTokens: { input: 100, output: 100 } });
    expect(priced(told, { input: 0, output: 0 }).usdPerMillionTokens).toEqual({ input: 0, output: 0 });
  });

  test("costs nothing twice: what a cache gives stays free", async () => {
    const model = priced(cached(unpriced), { input: 2, output: 10 });
    await model.generate(request);
    expect((await model.generate(request)).usage).toMatchObject({ calls: 0, usd: 0 });
  });
});

test("a model without an entry is refused, with those that there are", () => {
  expect(() => priced(unpriced, { other: { input: 1, output: 1 } })).toThrow(
    /no entry for lab\/words-1; there are other/,
  );
});

test("a table from outside is checked entry by entry", () => {
  const table = { good: { input: 1, output: 2 } };
  expect(priceTable(JSON.parse(JSON.stringify(table)))).toEqual(table);
  expect(() => priceTable({ ...table, bad: { input: "1", output: 2 }, worse: 3 })).toThrow(UsageError);
  expect(() => priceTable({ ...table, bad: { input: -1, output: 2 }, worse: 3 })).toThrow(/bad: [\s\S]*worse: /);
  expect(() => priceTable([])).toThrow(/expected \{ "<model id>"/);
});

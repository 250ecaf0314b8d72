import { describe, isPlainObject, UsageError } from "#foundation";
import type { LanguageModel, ModelChunk, TokenPrice, Usage } from "#programs";
import { wrapped } from "./wrapped.ts";

/**
 * Prices by the model's id, as data: keep your own as a JSON file, for prices change. tutti ships none, so that none is
 * out of date.
 */
export type PriceTable = Readonly<Record<string, TokenPrice>>;

/** A price table from outside, checked. Throws `UsageError` that names every entry that is none. */
export function priceTable(value: unknown): PriceTable {
  if (!isPlainObject(value))
    throw new UsageError(`prices: expected { "<model id>": { input, output } }, got ${describe(value)}`);
  const issues = Object.entries(value).flatMap(([id, price]) =>
    isPrice(price) ? [] : [`${id}: expected { input, output } in dollars for a million tokens, got ${describe(price)}`],
  );
  if (issues.length > 0) throw new UsageError("prices: not a price table", issues);
  return value as PriceTable;
}

/**
 * The model with its price: `usdPerMillionTokens` lets a budget in money be a hard one, and replies tell their cost. Its
 * entry is looked up under its id, or under its id without the provider: `gpt-5-mini` for `openai/gpt-5-mini`. The
 * table's word counts more than what the model told of its cost. Throws `UsageError` for a model without an entry.
 */
export function priced(model: LanguageModel, prices: PriceTable | TokenPrice): LanguageModel {
  const price = isPrice(prices) ? prices : priceOf(model.id, priceTable(prices));
  const inner = wrapped(model, {
    call: async (ask, options) => withCost(await ask(options), price),
    async *stream(ask, options) {
      for await (const chunk of ask(options)) yield withChunkCost(chunk, price);
    },
  });
  return { ...inner, usdPerMillionTokens: price };
}

function priceOf(id: string, prices: PriceTable): TokenPrice {
  const names = [id, id.replace(/^[^/:]*[/:]/, "")];
  const name = names.find((known) => Object.hasOwn(prices, known));
  const price = name === undefined ? undefined : prices[name];
  if (price !== undefined) return price;
  throw new UsageError(`prices: no entry for ${id}; there are ${Object.keys(prices).join(", ") || "none"}`);
}

function isPrice(value: unknown): value is TokenPrice {
  const isAmount = (amount: unknown): boolean => typeof amount === "number" && amount >= 0 && Number.isFinite(amount);
  return isPlainObject(value) && isAmount(value["input"]) && isAmount(value["output"]);
}

function withCost<T extends { readonly usage: Usage }>(result: T, { input, output }: TokenPrice): T {
  const { inputTokens, outputTokens } = result.usage;
  const usd = (inputTokens * input + outputTokens * output) / 1_000_000;
  return { ...result, usage: { ...result.usage, usd } };
}

function withChunkCost(chunk: ModelChunk, price: TokenPrice): ModelChunk {
  return chunk.type === "reply" ? { type: "reply", reply: withCost(chunk.reply, price) } : chunk;
}

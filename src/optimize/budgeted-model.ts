import { UsageError } from "#foundation";
import { ModelError, noUsage } from "#programs";
import type { LanguageModel, ModelReply, ModelRequest, TokenPrice, Usage } from "#programs";
import type { Account, Budget, Resource } from "./budget.ts";

/** The longest answer that a call may give when tokens or money are limited and the request sets no `maxTokens`. */
export const defaultMaxTokens = 4096;

/** A call that was refused because it could pass this limit. */
export class BudgetError extends ModelError {
  readonly limit: Resource;

  constructor(limit: Resource, model: string) {
    super("budget_exhausted", `the budget's ${limit} do not cover a further call of ${model}`);
    this.limit = limit;
  }
}

/**
 * The model behind the run's account: a call whose worst case the budget does not cover is refused before it is made.
 * The worst case of the input is one token for each byte of its text; of the output, `maxTokens`, which is set where
 * the caller left it open. Money is bounded so for a model that tells its price; for another one the dearest token
 * seen so far is the price, and only one call is made before the first price is seen.
 */
export function budgetedModel(model: LanguageModel, account: Account, budget: Budget): LanguageModel {
  const isCounted = budget.tokens !== undefined || budget.usd !== undefined;
  let price: TokenPrice | undefined = model.usdPerMillionTokens ?? (budget.usd === undefined ? free : undefined);
  let pricing: Promise<unknown> | undefined;
  let isPriceless = false;

  const call = async (
    request: ModelRequest,
    options?: Parameters<LanguageModel["generate"]>[1],
  ): Promise<ModelReply> => {
    const settle = await account.reserve(isCounted ? worstCase(request, price ?? free) : { ...noUsage, calls: 1 });
    if (typeof settle === "string") throw new BudgetError(settle, model.id);
    let used: Usage = noUsage;
    try {
      options?.signal?.throwIfAborted();
      used = { ...noUsage, calls: 1 };
      const reply = withUsage(await model.generate(request, options));
      used = reply.usage;
      isPriceless ||= budget.usd !== undefined && price === undefined && used.usd === 0;
      if (isPriceless) throw noPrice(model.id);
      if (model.usdPerMillionTokens === undefined) price = dearer(price, used);
      return reply;
    } finally {
      settle(used);
    }
  };

  return {
    id: model.id,
    async generate(request, options) {
      const isOpen = isCounted && request.maxTokens === undefined;
      const bounded = isOpen ? { ...request, maxTokens: defaultMaxTokens } : request;
      while (price === undefined && pricing !== undefined) await pricing.catch(() => {});
      if (isPriceless) throw noPrice(model.id);
      if (price !== undefined) return call(bounded, options);
      const first = call(bounded, options);
      pricing = first.finally(() => {
        pricing = undefined;
      });
      pricing.catch(() => {});
      return first;
    },
  };
}

/** A model in plain JavaScript may tell no usage, or numbers that are none: no sum and no limit would hold with them. */
function withUsage(reply: ModelReply): ModelReply {
  const usage: Partial<Usage> = reply.usage ?? {};
  const counted = (value: number | undefined, otherwise: number): number =>
    typeof value === "number" && value >= 0 ? value : otherwise;
  const { calls, inputTokens, outputTokens, usd } = usage;
  if (calls !== undefined && calls >= 0 && (inputTokens ?? -1) >= 0 && (outputTokens ?? -1) >= 0 && (usd ?? -1) >= 0)
    return reply;
  const all = {
    calls: counted(calls, 1),
    inputTokens: counted(inputTokens, 0),
    outputTokens: counted(outputTokens, 0),
    usd: counted(usd, 0),
  };
  return { ...reply, usage: all };
}

function noPrice(model: string): UsageError {
  return new UsageError(
    `budget.usd cannot be kept: model ${model} tells no price (usdPerMillionTokens) and its replies no cost. Limit calls or tokens, or give the price`,
  );
}

const free: TokenPrice = { input: 0, output: 0 };

function worstCase({ messages, maxTokens = defaultMaxTokens }: ModelRequest, price: TokenPrice): Usage {
  const inputTokens = messages.reduce((sum, { content }) => sum + Buffer.byteLength(content) + 8, 0);
  const usd = (inputTokens * price.input + maxTokens * price.output) / 1_000_000;
  return { calls: 1, inputTokens, outputTokens: maxTokens, usd };
}

function dearer(price: TokenPrice | undefined, { usd, inputTokens, outputTokens }: Usage): TokenPrice {
  const seen = (usd * 1_000_000) / Math.max(1, inputTokens + outputTokens);
  const dearest = Math.max(seen, price?.input ?? 0);
  return { input: dearest, output: dearest };
}

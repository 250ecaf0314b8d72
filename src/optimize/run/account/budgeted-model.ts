import { present, UsageError } from "#foundation";
import { ModelError, noUsage } from "#programs";
import type {
  Embeddings,
  LanguageModel,
  ModelCallOptions,
  ModelChunk,
  ModelReply,
  ModelRequest,
  TokenPrice,
  Usage,
} from "#programs";
import type { Account, Budget, Resource } from "./budget.ts";
import { bytesOf, costOf, defaultMaxTokens, worstCase } from "./worst-case.ts";

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
 * The worst case of the input is one token for each byte of all that is sent as text, tools and schemas included, and
 * an allowance for each attachment; of the output, `maxTokens`, which is set where the caller left it open. Money is
 * bounded so for a model that tells its price; for another one the dearest token seen so far is the price, and only one
 * call is made before the first price is seen. A stream is paid for when its reply comes; who leaves it early has paid
 * one call.
 */
export function budgetedModel(model: LanguageModel, account: Account, budget: Budget): LanguageModel {
  const cashier = new Cashier(model, account, budget);
  async function generate(request: ModelRequest, options?: ModelCallOptions): Promise<ModelReply> {
    const asked = cashier.bounded(request);
    const ask = async function* (): AsyncGenerator<ModelReply, void, undefined> {
      yield withUsage(await model.generate(asked, options));
    };
    const most = (price: TokenPrice): Usage => worstCase(asked, price);
    return onlyOne(cashier.paid({ most, signal: options?.signal, ask, usageIn: ({ usage }) => usage }));
  }
  const stream = (request: ModelRequest, options?: ModelCallOptions): AsyncIterable<ModelChunk> => {
    const asked = cashier.bounded(request);
    const ask = async function* (): AsyncGenerator<ModelChunk, void, undefined> {
      for await (const chunk of model.stream?.(asked, options) ?? [])
        yield chunk.type === "reply" ? { type: "reply", reply: withUsage(chunk.reply) } : chunk;
    };
    const most = (price: TokenPrice): Usage => worstCase(asked, price);
    const usageIn = (chunk: ModelChunk): Usage | undefined => (chunk.type === "reply" ? chunk.reply.usage : undefined);
    return cashier.paid({ most, signal: options?.signal, ask, usageIn });
  };
  async function embed(texts: readonly string[], options?: ModelCallOptions): Promise<Embeddings> {
    const ask = async function* (): AsyncGenerator<Embeddings, void, undefined> {
      if (model.embed !== undefined) yield withUsage(await model.embed(texts, options));
    };
    const most = (price: TokenPrice): Usage => costOf(bytesOf(texts), 0, price);
    return onlyOne(cashier.paid({ most, signal: options?.signal, ask, usageIn: ({ usage }) => usage }));
  }
  return present({
    id: model.id,
    usdPerMillionTokens: model.usdPerMillionTokens,
    supports: model.supports,
    generate,
    stream: model.stream === undefined ? undefined : stream,
    embed: model.embed === undefined ? undefined : embed,
  });
}

/** A call to be paid for. */
interface PaidCall<T> {
  /** Its worst case at this price. */
  readonly most: (price: TokenPrice) => Usage;
  readonly signal: AbortSignal | undefined;
  readonly ask: () => AsyncIterable<T>;
  readonly usageIn: (item: T) => Usage | undefined;
}

/** Reserves the worst case of each call, lets it be made, and settles what it told of its usage. */
class Cashier {
  readonly #model: LanguageModel;
  readonly #account: Account;
  readonly #budget: Budget;
  #price: TokenPrice | undefined;
  #pricing: Promise<unknown> | undefined;
  #isPriceless = false;

  constructor(model: LanguageModel, account: Account, budget: Budget) {
    this.#model = model;
    this.#account = account;
    this.#budget = budget;
    this.#price = model.usdPerMillionTokens ?? (budget.usd === undefined ? free : undefined);
  }

  /** The request with an end to its answer, where the answer's length counts. */
  bounded(request: ModelRequest): ModelRequest {
    return this.#isCounted && request.maxTokens === undefined ? { ...request, maxTokens: defaultMaxTokens } : request;
  }

  /** While no price is known, one call at a time: it may tell the price. */
  async *paid<T>(call: PaidCall<T>): AsyncGenerator<T, void, undefined> {
    while (this.#price === undefined && this.#pricing !== undefined) await this.#pricing;
    if (this.#isPriceless) throw noPrice(this.#model.id);
    if (this.#price !== undefined) return yield* this.#reserved(call);
    const first = Promise.withResolvers<void>();
    this.#pricing = first.promise;
    try {
      yield* this.#reserved(call);
    } finally {
      this.#pricing = undefined;
      first.resolve();
    }
  }

  async *#reserved<T>({ most, signal, ask, usageIn }: PaidCall<T>): AsyncGenerator<T, void, undefined> {
    const reserved = this.#isCounted ? most(this.#price ?? free) : { ...noUsage, calls: 1 };
    const settle = await this.#account.reserve(reserved);
    if (typeof settle === "string") throw new BudgetError(settle, this.#model.id);
    let used: Usage = noUsage;
    try {
      signal?.throwIfAborted();
      used = { ...noUsage, calls: 1 };
      for await (const item of ask()) {
        const told = usageIn(item);
        if (told !== undefined) {
          used = told;
          this.#learnPrice(told);
        }
        yield item;
      }
    } finally {
      settle(used);
    }
  }

  get #isCounted(): boolean {
    return this.#budget.tokens !== undefined || this.#budget.usd !== undefined;
  }

  #learnPrice(used: Usage): void {
    this.#isPriceless ||= this.#budget.usd !== undefined && this.#price === undefined && used.usd === 0;
    if (this.#isPriceless) throw noPrice(this.#model.id);
    if (this.#model.usdPerMillionTokens === undefined) this.#price = dearer(this.#price, used);
  }
}

async function onlyOne<T>(results: AsyncIterable<T>): Promise<T> {
  let found: { readonly result: T } | undefined;
  for await (const result of results) found ??= { result };
  if (found === undefined) throw new ModelError("bad_response", "the model gave no result");
  return found.result;
}

/** A model in plain JavaScript may tell no usage, or numbers that are none: no sum and no limit would hold with them. */
function withUsage<T extends { readonly usage: Usage }>(reply: T): T {
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

function dearer(price: TokenPrice | undefined, { usd, inputTokens, outputTokens }: Usage): TokenPrice {
  const seen = (usd * 1_000_000) / Math.max(1, inputTokens + outputTokens);
  const dearest = Math.max(seen, price?.input ?? 0);
  return { input: dearest, output: dearest };
}

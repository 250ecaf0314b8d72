import { present, UsageError } from "#foundation";
import { ModelError, noUsage } from "#programs";
import type {
  Attachment,
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
 * The worst case of the input is one token for each byte of all that is sent as text, tools and schemas included, and
 * an allowance for each attachment; of the output, `maxTokens`, which is set where the caller left it open. Money is
 * bounded so for a model that tells its price; for another one the dearest token seen so far is the price, and only one
 * call is made before the first price is seen. A stream is paid for when its reply comes; who leaves it early has paid
 * one call.
 */
export function budgetedModel(model: LanguageModel, account: Account, budget: Budget): LanguageModel {
  const isCounted = budget.tokens !== undefined || budget.usd !== undefined;
  let price: TokenPrice | undefined = model.usdPerMillionTokens ?? (budget.usd === undefined ? free : undefined);
  let pricing: Promise<unknown> | undefined;
  let isPriceless = false;

  /** Reserves the worst case, lets the call be made, and settles what it told of its usage. */
  async function* paid<T>(
    most: (price: TokenPrice) => Usage,
    signal: AbortSignal | undefined,
    ask: () => AsyncIterable<T>,
    usageIn: (item: T) => Usage | undefined,
  ): AsyncGenerator<T, void, undefined> {
    const settle = await account.reserve(isCounted ? most(price ?? free) : { ...noUsage, calls: 1 });
    if (typeof settle === "string") throw new BudgetError(settle, model.id);
    let used: Usage = noUsage;
    try {
      signal?.throwIfAborted();
      used = { ...noUsage, calls: 1 };
      for await (const item of ask()) {
        used = usageIn(item) ?? used;
        if (usageIn(item) !== undefined) {
          isPriceless ||= budget.usd !== undefined && price === undefined && used.usd === 0;
          if (isPriceless) throw noPrice(model.id);
          if (model.usdPerMillionTokens === undefined) price = dearer(price, used);
        }
        yield item;
      }
    } finally {
      settle(used);
    }
  }

  /** While no price is known, one call at a time: it may tell the price. */
  async function* inTurn<T>(call: () => AsyncGenerator<T, void, undefined>): AsyncGenerator<T, void, undefined> {
    while (price === undefined && pricing !== undefined) await pricing;
    if (isPriceless) throw noPrice(model.id);
    if (price !== undefined) return yield* call();
    const first = Promise.withResolvers<void>();
    pricing = first.promise;
    try {
      yield* call();
    } finally {
      pricing = undefined;
      first.resolve();
    }
  }

  const bounded = (request: ModelRequest): ModelRequest =>
    isCounted && request.maxTokens === undefined ? { ...request, maxTokens: defaultMaxTokens } : request;

  async function generate(request: ModelRequest, options?: ModelCallOptions): Promise<ModelReply> {
    const asked = bounded(request);
    const ask = async function* (): AsyncGenerator<ModelReply, void, undefined> {
      yield withUsage(await model.generate(asked, options));
    };
    const most = (known: TokenPrice): Usage => worstCase(asked, known);
    return onlyOne(inTurn(() => paid(most, options?.signal, ask, ({ usage }) => usage)));
  }

  const stream = (request: ModelRequest, options?: ModelCallOptions): AsyncIterable<ModelChunk> => {
    const asked = bounded(request);
    const ask = async function* (): AsyncGenerator<ModelChunk, void, undefined> {
      for await (const chunk of model.stream?.(asked, options) ?? [])
        yield chunk.type === "reply" ? { type: "reply", reply: withUsage(chunk.reply) } : chunk;
    };
    const usageIn = (chunk: ModelChunk): Usage | undefined => (chunk.type === "reply" ? chunk.reply.usage : undefined);
    return inTurn(() => paid((known) => worstCase(asked, known), options?.signal, ask, usageIn));
  };

  async function embed(texts: readonly string[], options?: ModelCallOptions): Promise<Embeddings> {
    const ask = async function* (): AsyncGenerator<Embeddings, void, undefined> {
      if (model.embed !== undefined) yield withUsage(await model.embed(texts, options));
    };
    const most = (known: TokenPrice): Usage => costOf(bytesOf(texts), 0, known);
    return onlyOne(inTurn(() => paid(most, options?.signal, ask, ({ usage }) => usage)));
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

/**
 * What an attachment may cost in tokens: more than any provider is known to us to take for one image; for a file one
 * token for each byte of its base64, and as much as a large context where only its address is known.
 */
const attachmentTokens = { image: 16_384, fileByAddress: 262_144 };

function worstCase(request: ModelRequest, price: TokenPrice): Usage {
  const { messages, tools = [], responseFormat, maxTokens = defaultMaxTokens } = request;
  const texts = messages.map(({ content, toolCalls }) => content + (toolCalls === undefined ? "" : jsonOf(toolCalls)));
  const rest = [...tools, ...(responseFormat === undefined ? [] : [responseFormat])].map(jsonOf);
  const attached = messages.flatMap(({ attachments = [] }) => attachments).map(tokensOfAttachment);
  return costOf(bytesOf([...texts, ...rest]) + attached.reduce((sum, tokens) => sum + tokens, 0), maxTokens, price);
}

function tokensOfAttachment({ kind, data, url = "" }: Attachment): number {
  if (kind === "image") return attachmentTokens.image;
  const inline = data ?? (url.startsWith("data:") ? url : undefined);
  return inline === undefined ? attachmentTokens.fileByAddress : Buffer.byteLength(inline) + 8;
}

function costOf(inputTokens: number, outputTokens: number, price: TokenPrice): Usage {
  const usd = (inputTokens * price.input + outputTokens * price.output) / 1_000_000;
  return { calls: 1, inputTokens, outputTokens, usd };
}

/** With a few for what separates the texts. */
function bytesOf(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text) + 8, 0);
}

function jsonOf(value: object): string {
  return JSON.stringify(value);
}

function dearer(price: TokenPrice | undefined, { usd, inputTokens, outputTokens }: Usage): TokenPrice {
  const seen = (usd * 1_000_000) / Math.max(1, inputTokens + outputTokens);
  const dearest = Math.max(seen, price?.input ?? 0);
  return { input: dearest, output: dearest };
}

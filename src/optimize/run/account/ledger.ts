import { present } from "#foundation";
import { addUsage, ModelError, noUsage } from "#programs";
import type {
  Embeddings,
  LanguageModel,
  ModelCallOptions,
  ModelChunk,
  ModelReply,
  ModelRequest,
  Usage,
} from "#programs";
import { BudgetError } from "./budgeted-model.ts";
import type { Resource } from "./budget.ts";

/**
 * What the calls made for one job cost: counted where they are made, so that nothing is lost with a call that failed, a
 * module that tells no usage or a job that was aborted. It agrees with the run's account.
 */
export class Ledger {
  #usage: Usage = noUsage;
  /** Calls without an answer yet: if the job is aborted now, they were made all the same. */
  #open = 0;
  #refused: Resource | undefined;

  get usage(): Usage {
    return this.#open === 0 ? this.#usage : addUsage(this.#usage, { ...noUsage, calls: this.#open });
  }

  /** The limit at which one of the calls was refused, whatever the program made of the refusal. */
  get refused(): Resource | undefined {
    return this.#refused;
  }

  /** The model, with its calls on this ledger. */
  counting(model: LanguageModel): LanguageModel {
    const { id, usdPerMillionTokens, supports } = model;
    const stream = (request: ModelRequest, options?: ModelCallOptions): AsyncIterable<ModelChunk> =>
      this.#counted(
        () => model.stream?.(request, options) ?? [],
        (chunk) => (chunk.type === "reply" ? chunk.reply.usage : undefined),
      );
    return present({
      id,
      usdPerMillionTokens,
      supports,
      generate: (request: ModelRequest, options?: ModelCallOptions): Promise<ModelReply> =>
        this.#countedOnce(() => model.generate(request, options)),
      stream: model.stream === undefined ? undefined : stream,
      embed:
        model.embed === undefined
          ? undefined
          : (texts: readonly string[], options?: ModelCallOptions): Promise<Embeddings> =>
              this.#countedOnce(() => embeddingsOf(model, texts, options)),
    });
  }

  async #countedOnce<T extends { readonly usage: Usage }>(ask: () => Promise<T>): Promise<T> {
    const call = async function* (): AsyncGenerator<T, void, undefined> {
      yield await ask();
    };
    for await (const result of this.#counted(call, ({ usage }) => usage)) return result;
    throw new ModelError("bad_response", "the model gave no result");
  }

  /** A call that fails, or that is left before it tells its usage, was made all the same. */
  async *#counted<T>(
    ask: () => AsyncIterable<T> | Iterable<T>,
    usageIn: (item: T) => Usage | undefined,
  ): AsyncGenerator<T, void, undefined> {
    this.#open++;
    let used: Usage = { ...noUsage, calls: 1 };
    try {
      for await (const item of ask()) {
        used = usageIn(item) ?? used;
        yield item;
      }
    } catch (error) {
      if (error instanceof BudgetError) {
        this.#refused ??= error.limit;
        used = noUsage;
      }
      throw error;
    } finally {
      this.#open--;
      this.#usage = addUsage(this.#usage, used);
    }
  }
}

async function embeddingsOf(
  model: LanguageModel,
  texts: readonly string[],
  options?: ModelCallOptions,
): Promise<Embeddings> {
  if (model.embed !== undefined) return model.embed(texts, options);
  throw new ModelError("invalid_request", `${model.id}: the model embeds no texts`);
}

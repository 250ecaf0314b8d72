import { present } from "#foundation";
import type { LanguageModel, ModelSupport, TokenPrice } from "#programs";

export interface LazyModelOptions {
  /** The price, where it is known before the model is loaded: a budget reads it before the first call. */
  readonly usdPerMillionTokens?: TokenPrice;
}

/**
 * A model that the first call loads. What it can do beyond text is not known before. A loading that failed is tried
 * again by the next call.
 */
export function lazyModel(
  id: string,
  load: () => Promise<LanguageModel>,
  { usdPerMillionTokens }: LazyModelOptions = {},
): LanguageModel {
  const supports: ModelSupport = {};
  let loading: Promise<LanguageModel> | undefined;
  const loaded = (): Promise<LanguageModel> =>
    (loading ??= load().then(
      (model) => {
        Object.assign(supports, model.supports);
        return model;
      },
      (thrown: unknown) => {
        loading = undefined;
        throw thrown;
      },
    ));
  return {
    id,
    supports,
    ...present({ usdPerMillionTokens }),
    async generate(request, options = {}) {
      options.signal?.throwIfAborted();
      return (await loaded()).generate(request, options);
    },
    async *stream(request, options = {}) {
      options.signal?.throwIfAborted();
      const { streamOf } = await import("./whole-stream.ts");
      yield* streamOf(await loaded(), request, options);
    },
    async embed(texts, options = {}) {
      options.signal?.throwIfAborted();
      const { embeddingsOf } = await import("./whole-stream.ts");
      return embeddingsOf(await loaded(), texts, options);
    },
  };
}

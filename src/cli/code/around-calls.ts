import { present } from "#foundation";
import { ModelError } from "#programs";
import type { Embeddings, LanguageModel, ModelCallOptions, ModelChunk, ModelReply, ModelRequest } from "#programs";

/** What is done around a call: it passes on what the call gives, of a stream piece by piece. */
export type Around = <T>(call: AsyncIterable<T>) => AsyncIterable<T>;

/** The model with something around all its calls. Property by property: models may be instances of classes. */
export function aroundCalls(model: LanguageModel, around: Around): LanguageModel {
  const { id, usdPerMillionTokens, supports } = model;
  const stream = (request: ModelRequest, options?: ModelCallOptions): AsyncIterable<ModelChunk> =>
    around(model.stream?.(request, options) ?? nothing());
  const embed = async (texts: readonly string[], options?: ModelCallOptions): Promise<Embeddings> =>
    only(around(once(async () => model.embed?.(texts, options))));
  return {
    id,
    generate: async (request: ModelRequest, options?: ModelCallOptions): Promise<ModelReply> =>
      only(around(once(async () => model.generate(request, options)))),
    ...present({
      usdPerMillionTokens,
      supports,
      stream: model.stream === undefined ? undefined : stream,
      embed: model.embed === undefined ? undefined : embed,
    }),
  };
}

async function* nothing(): AsyncGenerator<never, void, undefined> {}

async function* once<T>(ask: () => Promise<T>): AsyncGenerator<T, void, undefined> {
  yield await ask();
}

async function only<T>(results: AsyncIterable<T | undefined>): Promise<T> {
  for await (const result of results) if (result !== undefined) return result;
  throw new ModelError("bad_response", "the model gave no result");
}

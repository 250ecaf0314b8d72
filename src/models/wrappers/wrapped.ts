import { describe, present, UsageError } from "#foundation";
import type {
  Embeddings,
  LanguageModel,
  ModelCallOptions,
  ModelChunk,
  ModelReply,
  ModelRequest,
  Usage,
} from "#programs";
import { embeddingsOf, streamOf } from "../whole-stream.ts";

/** What is asked: an answer to a request, or the vectors of texts. */
export type Asked = { readonly request: ModelRequest } | { readonly texts: readonly string[] };

/** What a wrapper does around a call; `ask` makes the call, as often as the wrapper likes. */
export interface Around {
  /** Around a call with one result: `generate` and `embed`. */
  call<T extends { readonly usage: Usage }>(
    ask: (options: ModelCallOptions) => Promise<T>,
    options: ModelCallOptions,
    asked: Asked,
  ): Promise<T>;
  /** Around a streamed answer. */
  stream(
    ask: (options: ModelCallOptions) => AsyncIterable<ModelChunk>,
    options: ModelCallOptions,
    request: ModelRequest,
  ): AsyncIterable<ModelChunk>;
}

/** Throws `UsageError` for anything else, also for what only becomes a model: a name, an endpoint, a function. */
export function checkModel(model: unknown, what: string): asserts model is LanguageModel {
  if (typeof model === "object" && model !== null && typeof Reflect.get(model, "generate") === "function") return;
  throw new UsageError(`${what}: expected a LanguageModel, as languageModelFrom(…) makes one, got ${describe(model)}`);
}

/** The model with something around its calls. What it is called, costs and can do stays as it is. */
export function wrapped(model: LanguageModel, around: Around): LanguageModel {
  checkModel(model, "model");
  const { id, usdPerMillionTokens, supports } = model;
  const stream = (request: ModelRequest, options: ModelCallOptions = {}): AsyncIterable<ModelChunk> =>
    around.stream((inner) => streamOf(model, request, inner), options, request);
  const embed = async (texts: readonly string[], options: ModelCallOptions = {}): Promise<Embeddings> =>
    around.call((inner) => embeddingsOf(model, texts, inner), options, { texts });
  return present({
    id,
    usdPerMillionTokens,
    supports,
    generate: async (request: ModelRequest, options: ModelCallOptions = {}): Promise<ModelReply> =>
      around.call(async (inner) => model.generate(request, inner), options, { request }),
    stream: model.stream === undefined ? undefined : stream,
    embed: model.embed === undefined ? undefined : embed,
  });
}

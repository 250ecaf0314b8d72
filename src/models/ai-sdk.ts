import { present, UsageError } from "#foundation";
import type { Embeddings, LanguageModel, ModelCallOptions, ModelChunk, ModelReply, ModelRequest } from "#programs";
import type { AiSdkEmbeddingModel, AiSdkModel } from "./ai-sdk/ai-sdk-model.ts";
import type { AiSdkCalls } from "./ai-sdk/calls.ts";

export interface AiSdkOptions {
  /** What `embed` asks; without it the model has none. */
  readonly embeddingModel?: AiSdkEmbeddingModel;
}

export function isAiSdkModel(value: unknown): value is AiSdkModel {
  return hasVerb(value, "doGenerate");
}

function hasVerb(value: unknown, verb: string): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof Reflect.get(value, "specificationVersion") === "string" &&
    typeof Reflect.get(value, verb) === "function"
  );
}

/**
 * The model called through `doGenerate` and `doStream` directly: no retries, no repair and no logging of the SDK's own.
 * What calls it is loaded by the first call.
 */
export function aiSdkModel(model: AiSdkModel, { embeddingModel }: AiSdkOptions = {}): LanguageModel {
  if (embeddingModel !== undefined && !hasVerb(embeddingModel, "doEmbed"))
    throw new UsageError("embeddingModel: expected an embedding model object of the AI SDK, with doEmbed");
  let loaded: Promise<AiSdkCalls> | undefined;
  const calls = (): Promise<AiSdkCalls> =>
    (loaded ??= import("./ai-sdk/calls.ts").then(({ aiSdkCalls }) => aiSdkCalls(model, embeddingModel)));
  async function* stream(
    request: ModelRequest,
    { signal }: ModelCallOptions = {},
  ): AsyncGenerator<ModelChunk, void, undefined> {
    signal?.throwIfAborted();
    yield* (await calls()).stream(request, signal);
  }
  const embed = async (texts: readonly string[], { signal }: ModelCallOptions = {}): Promise<Embeddings> => {
    signal?.throwIfAborted();
    return (await calls()).embed(texts, signal);
  };
  return present({
    id: `${model.provider}/${model.modelId}`,
    async generate(request: ModelRequest, { signal }: ModelCallOptions = {}): Promise<ModelReply> {
      signal?.throwIfAborted();
      return (await calls()).generate(request, signal);
    },
    stream: typeof model.doStream === "function" ? stream : undefined,
    embed: embeddingModel === undefined ? undefined : embed,
  });
}

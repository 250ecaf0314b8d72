import { present, UsageError } from "#foundation";
import type { Embeddings, LanguageModel, ModelCallOptions, ModelChunk, ModelReply, ModelRequest } from "#programs";
import type { AiSdkCalls } from "./ai-sdk/calls.ts";

/**
 * A model object of the AI SDK (specification V2, V3 or V4), by shape: tutti does not depend on the SDK. Only the
 * calls are described; what comes back is read defensively, because the specification grows within a version.
 */
export interface AiSdkModel {
  readonly specificationVersion: string;
  readonly provider: string;
  readonly modelId: string;
  // The SDK's own option types differ between the versions; what we pass is the part that all three share.
  // oxlint-disable-next-line typescript/no-explicit-any
  doGenerate(options: any): PromiseLike<unknown>;
  // oxlint-disable-next-line typescript/no-explicit-any
  doStream?(options: any): PromiseLike<unknown>;
}

/** An embedding model object of the AI SDK, by shape. */
export interface AiSdkEmbeddingModel {
  readonly specificationVersion: string;
  readonly provider: string;
  readonly modelId: string;
  readonly maxEmbeddingsPerCall?: PromiseLike<number | undefined> | number | undefined;
  // oxlint-disable-next-line typescript/no-explicit-any
  doEmbed(options: any): PromiseLike<unknown>;
}

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

import { addUsage, ModelError, noUsage } from "#programs";
import type { Embeddings } from "#programs";
import type { AiSdkEmbeddingModel } from "./ai-sdk-model.ts";
import { at } from "../json-value.ts";

/** The vectors of all texts, asked for in as many calls as the model needs, one after the other. */
export async function embedTexts(
  model: AiSdkEmbeddingModel,
  texts: readonly string[],
  abortSignal: AbortSignal | undefined,
): Promise<Embeddings> {
  const most = await model.maxEmbeddingsPerCall;
  const perCall = most === undefined || !(most >= 1) ? texts.length : Math.min(most, texts.length);
  const vectors: (readonly number[])[] = [];
  let usage = noUsage;
  for (let first = 0; first < texts.length; first += perCall) {
    abortSignal?.throwIfAborted();
    const values = texts.slice(first, first + perCall);
    const result = await model.doEmbed({ values, ...(abortSignal === undefined ? {} : { abortSignal }) });
    const embeddings = at(result, "embeddings");
    if (!isVectors(embeddings) || embeddings.length !== values.length)
      throw new ModelError("bad_response", `${model.provider}/${model.modelId}: expected ${values.length} vectors`);
    vectors.push(...embeddings);
    const tokens = at(at(result, "usage"), "tokens");
    usage = addUsage(usage, { ...noUsage, calls: 1, inputTokens: typeof tokens === "number" ? tokens : 0 });
  }
  return { vectors, usage };
}

function isVectors(value: unknown): value is readonly (readonly number[])[] {
  const isVector = (vector: unknown): boolean => Array.isArray(vector) && vector.every((x) => Number.isFinite(x));
  return Array.isArray(value) && value.every(isVector);
}

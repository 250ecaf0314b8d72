import { ModelError } from "#programs";
import type { Embeddings, LanguageModel, ModelCallOptions, ModelChunk, ModelReply, ModelRequest } from "#programs";

/** A reply that is there, as a stream: its text in one piece, then the reply. */
export function chunksOf(reply: ModelReply): readonly ModelChunk[] {
  const { text } = reply;
  return [...(text === "" ? [] : [{ type: "text", text } as const]), { type: "reply", reply }];
}

/** The model's stream; of a model that has none, its answer in one piece. */
export async function* streamOf(
  model: LanguageModel,
  request: ModelRequest,
  options: ModelCallOptions,
): AsyncGenerator<ModelChunk, void, undefined> {
  if (model.stream !== undefined) yield* model.stream(request, options);
  else yield* chunksOf(await model.generate(request, options));
}

/** The vectors of the texts; of a model that has none, a rejection. */
export async function embeddingsOf(
  model: LanguageModel,
  texts: readonly string[],
  options: ModelCallOptions,
): Promise<Embeddings> {
  if (model.embed !== undefined) return model.embed(texts, options);
  throw new ModelError("invalid_request", `${model.id}: the model embeds no texts`);
}

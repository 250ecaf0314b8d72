import { describe, UsageError } from "#foundation";
import { addUsage, noUsage } from "../language-model.ts";
import type { Embeddings, LanguageModel, ModelCallOptions, Usage } from "../language-model.ts";
import { highest, passagesOf } from "./retriever.ts";
import type { Document, Retriever } from "./retriever.ts";

type Embed = (texts: readonly string[], options?: ModelCallOptions) => Promise<Embeddings>;

export interface EmbeddingRetrieverOptions {
  /** Documents per call of `embed`; 64 unless told. */
  readonly batchSize?: number;
}

/**
 * A retriever by meaning, in memory: the passages whose vectors have the highest cosine with the query's. The documents
 * are embedded at the first query, once; a failure there rejects that query, and the next one tries again.
 */
export function embeddingRetriever(
  documents: readonly Document[],
  model: Pick<LanguageModel, "embed">,
  options: EmbeddingRetrieverOptions = {},
): Retriever {
  const { batchSize = 64 } = options;
  if (typeof model?.embed !== "function")
    throw new UsageError(`embeddingRetriever: expected a model that embeds, got ${describe(model)}`);
  const embed: Embed = async (batch, call) => (await model.embed?.(batch, call)) ?? { vectors: [], usage: noUsage };
  if (!Number.isInteger(batchSize) || batchSize < 1)
    throw new UsageError(`embeddingRetriever.batchSize: expected a whole number above 0, got ${describe(batchSize)}`);
  const passages = passagesOf("embeddingRetriever.documents", documents);
  const texts = passages.map(({ text }) => text);
  let known: Promise<Embedded> | undefined;
  return async (query, k, { signal }) => {
    if (passages.length === 0) return [];
    const isFirst = known === undefined;
    // Without this query's signal: others wait for the same vectors.
    known ??= embedAll(texts, embed, batchSize).catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    const { vectors, usage } = await known;
    const asked = await embedAll([query], (batch) => embed(batch, { signal }), 1);
    const vector = asked.vectors[0] ?? [];
    const scores = vectors.map((each) => cosine(each, vector));
    return {
      passages: highest(passages, scores, k),
      usage: isFirst ? addUsage(usage, asked.usage) : asked.usage,
    };
  };
}

interface Embedded {
  readonly vectors: readonly (readonly number[])[];
  readonly usage: Usage;
}

async function embedAll(texts: readonly string[], embed: Embed, batchSize: number): Promise<Embedded> {
  const vectors: (readonly number[])[] = [];
  let usage = noUsage;
  for (let start = 0; start < texts.length; start += batchSize) {
    const batch = texts.slice(start, start + batchSize);
    const embedded = await embed(batch);
    if (embedded.vectors.length !== batch.length)
      throw new Error(`embed gave ${embedded.vectors.length} vectors for ${batch.length} texts`);
    vectors.push(...embedded.vectors);
    usage = addUsage(usage, embedded.usage);
  }
  return { vectors, usage };
}

/** 0 where one of them is 0. Throws for vectors of different lengths. */
function cosine(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length) throw new Error(`expected vectors of one length, got ${a.length} and ${b.length} numbers`);
  let [product, squaresA, squaresB] = [0, 0, 0];
  for (const [index, x] of a.entries()) {
    const y = b[index] ?? 0;
    product += x * y;
    squaresA += x * x;
    squaresB += y * y;
  }
  const length = Math.sqrt(squaresA) * Math.sqrt(squaresB);
  return length === 0 ? 0 : product / length;
}

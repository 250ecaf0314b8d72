import { dotProduct, squaredLength } from "../words/cosine.ts";
import type { TermWeight } from "../words/cosine.ts";
import type { Document } from "../question.ts";
import type { Features } from "../words/features.ts";

/** A demonstration as evidence: its document and the labels it was given, by index. */
export interface LabelledDocument {
  readonly document: Document;
  readonly labels: readonly number[];
}

interface CorpusOptions {
  readonly labelCount: number;
  /** How much each input field counts. */
  readonly fieldWeights: readonly number[];
}

/** The demonstrations of one output, prepared for weighing documents against them. */
export interface Corpus extends CorpusOptions {
  readonly demos: readonly LabelledDocument[];
  /** Inverse document frequency, by field. */
  readonly idf: readonly TermWeight[];
  /** Squared length of each demo under idf and field weights. */
  readonly squares: readonly number[];
  /** How much each demo counts: later ones a little more. */
  readonly recency: readonly number[];
  /** How many different words and bigrams the demos have. */
  readonly vocabulary: number;
}

const recencyStrength = 0.15;

/** Prepares demos and the query they are to answer; both count for the inverse document frequency ln(1 + N/df). */
export function corpus(demos: readonly LabelledDocument[], query: Document, options: CorpusOptions): Corpus {
  const frequencies = query.map((own, field) => {
    const frequency = new Map<string, number>();
    for (const { document } of demos) countTerms(frequency, document[field]);
    return { frequency, vocabulary: lexicalSize(demos, field), own };
  });
  const idf = frequencies.map(({ frequency, own }) => inverseFrequency(frequency, own, demos.length + 1));
  const last = Math.max(1, demos.length - 1);
  return {
    ...options,
    demos,
    idf,
    squares: demos.map(({ document }) => squaredLengthOf(document, idf, options.fieldWeights)),
    recency: demos.map((_, index) => 1 + recencyStrength * (demos.length === 1 ? 0 : index / last - 0.5)),
    vocabulary: frequencies.reduce((sum, { vocabulary }) => sum + vocabulary, 0),
  };
}

/** The cosine of a document with every demo. */
export function similarities(corpus: Corpus, document: Document): number[] {
  const { idf, fieldWeights, squares } = corpus;
  const square = squaredLengthOf(document, idf, fieldWeights);
  return corpus.demos.map((demo, index) => {
    const product = Math.sqrt(square * (squares[index] ?? 0));
    if (product === 0) return 0;
    let sum = 0;
    for (const [field, own] of document.entries()) {
      const other = demo.document[field];
      if (other !== undefined) sum += (fieldWeights[field] ?? 1) ** 2 * dotProduct(own, other, idf[field]);
    }
    return sum / product;
  });
}

function countTerms(frequency: Map<string, number>, text: Features | undefined): void {
  if (text === undefined) return;
  for (const terms of [text.lexical, text.grams])
    for (const term of terms.keys()) frequency.set(term, (frequency.get(term) ?? 0) + 1);
}

function lexicalSize(demos: readonly LabelledDocument[], field: number): number {
  const terms = new Set<string>();
  for (const { document } of demos) for (const term of document[field]?.lexical.keys() ?? []) terms.add(term);
  return terms.size;
}

function inverseFrequency(frequency: ReadonlyMap<string, number>, query: Features, count: number): TermWeight {
  const known = new Map<string, number>();
  return (term) => {
    const kept = known.get(term);
    if (kept !== undefined) return kept;
    const inQuery = query.lexical.has(term) || query.grams.has(term) ? 1 : 0;
    const idf = Math.log(1 + count / Math.max(1, (frequency.get(term) ?? 0) + inQuery));
    known.set(term, idf);
    return idf;
  };
}

function squaredLengthOf(document: Document, idf: readonly TermWeight[], weights: readonly number[]): number {
  return document.reduce((sum, text, field) => sum + (weights[field] ?? 1) ** 2 * squaredLength(text, idf[field]), 0);
}

import { describe, UsageError } from "#foundation";
import { highest, passagesOf } from "./retriever.ts";
import type { Document, Passage, Retriever } from "./retriever.ts";

export interface Bm25Options {
  /** How soon further occurrences of a word count less; 1.2 unless told. */
  readonly k1?: number;
  /** How much a long document is discounted: 0 not at all, 1 wholly; 0.75 unless told. */
  readonly b?: number;
  /** A text as words. Unless told: runs of letters and digits, in lower case. */
  readonly words?: (text: string) => readonly string[];
}

/** How often words occur, and in what. */
interface Index {
  readonly passages: readonly Passage[];
  /** For each word, how often it occurs in which document. */
  readonly occurrences: ReadonlyMap<string, ReadonlyMap<number, number>>;
  readonly lengths: readonly number[];
  readonly meanLength: number;
}

/**
 * A retriever by words, in memory: Okapi BM25 (Robertson & Zaragoza 2009, "The Probabilistic Relevance Framework: BM25 and
 * Beyond"), with the idf of Lucene, ln(1 + (N − n + 0.5) / (n + 0.5)), which is never below 0. The score is the sum over
 * the query's words of idf · f · (k1 + 1) / (f + k1 · (1 − b + b · length / mean length)). Documents without any of the
 * query's words are never found. The documents are read once, here.
 */
export function bm25(documents: readonly Document[], options: Bm25Options = {}): Retriever {
  const { k1 = 1.2, b = 0.75, words = lowerCaseWords } = options;
  if (!(k1 >= 0)) throw new UsageError(`bm25.k1: expected a number of at least 0, got ${describe(k1)}`);
  if (!(b >= 0 && b <= 1)) throw new UsageError(`bm25.b: expected a number from 0 to 1, got ${describe(b)}`);
  const index = indexOf(passagesOf("bm25.documents", documents), words);
  return (query, k) => {
    const scores = scoresOf(index, words(query), { k1, b });
    return highest(index.passages, scores, k).filter(({ score = 0 }) => score > 0);
  };
}

function lowerCaseWords(text: string): readonly string[] {
  return (
    text
      .normalize("NFKC")
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}

function indexOf(passages: readonly Passage[], words: (text: string) => readonly string[]): Index {
  const occurrences = new Map<string, Map<number, number>>();
  const lengths = passages.map(({ text }, document) => {
    const found = words(text);
    for (const word of found) {
      let counts = occurrences.get(word);
      if (counts === undefined) occurrences.set(word, (counts = new Map()));
      counts.set(document, (counts.get(document) ?? 0) + 1);
    }
    return found.length;
  });
  const total = lengths.reduce((sum, length) => sum + length, 0);
  return { passages, occurrences, lengths, meanLength: total / Math.max(1, lengths.length) };
}

function scoresOf(
  { passages, occurrences, lengths, meanLength }: Index,
  query: readonly string[],
  { k1, b }: { readonly k1: number; readonly b: number },
): number[] {
  const scores = passages.map(() => 0);
  for (const word of query) {
    const counts = occurrences.get(word);
    if (counts === undefined) continue;
    const idf = Math.log(1 + (passages.length - counts.size + 0.5) / (counts.size + 0.5));
    for (const [document, count] of counts) {
      const length = (lengths[document] ?? 0) / meanLength;
      const weight = (count * (k1 + 1)) / (count + k1 * (1 - b + b * length));
      scores[document] = (scores[document] ?? 0) + idf * weight;
    }
  }
  return scores;
}

import { describe, isPlainObject, UsageError } from "#foundation";
import type { Usage } from "../language-model.ts";

/** Finds the passages that fit a query best, best first, at most `k`. Any function of this shape will do. */
export type Retriever = (
  query: string,
  k: number,
  options: { readonly signal?: AbortSignal | undefined },
) => Retrieved | Promise<Retrieved>;

/** Texts or passages; with what the search cost, where it cost something. */
export type Retrieved =
  | readonly (string | Passage)[]
  | { readonly passages: readonly (string | Passage)[]; readonly usage: Usage };

export interface Passage {
  readonly text: string;
  readonly id?: string;
  /** More is better; what it means is the retriever's. */
  readonly score?: number;
}

/** A text to search in, with an id where it has one. */
export type Document = string | { readonly text: string; readonly id?: string };

/** The documents as passages. Throws `UsageError` for a list that holds anything else. */
export function passagesOf(what: string, documents: readonly Document[]): readonly Passage[] {
  if (!Array.isArray(documents))
    throw new UsageError(`${what}: expected a list of documents, got ${describe(documents)}`);
  return documents.map((document: Document, index): Passage => {
    const passage = typeof document === "string" ? { text: document } : document;
    if (isPlainObject(passage) && typeof passage.text === "string") return passage;
    throw new UsageError(`${what}[${index}]: expected a text or { text, id }, got ${describe(document)}`);
  });
}

/** The `k` passages with the highest scores, with them; of equal ones those that stand first. */
export function highest(passages: readonly Passage[], scores: readonly number[], k: number): Passage[] {
  return passages
    .map((passage, index) => ({ ...passage, score: scores[index] ?? 0 }))
    .sort((a, b) => b.score - a.score)
    .slice(0, k);
}

import type { Features } from "./features.ts";
import { hash32 } from "./hash.ts";

/** The length of every embedding. */
const embeddingDimensions = 256;

/**
 * A text as a vector: every term is added, with a sign, at the place that its hash names; then scaled to length 1. A
 * text without terms is the zero vector. Weinberger et al. 2009, "Feature hashing for large scale multitask learning".
 */
export function embedding({ lexical, grams }: Features): number[] {
  const vector = Array.from({ length: embeddingDimensions }, () => 0);
  for (const [basis, terms] of [lexical, grams].entries()) {
    for (const [term, amount] of terms) {
      const hash = hash32(term, basis);
      const place = hash % embeddingDimensions;
      vector[place] = (vector[place] ?? 0) + (hash & 0x8000_0000 ? -amount : amount);
    }
  }
  const length = Math.hypot(...vector);
  return length === 0 ? vector : vector.map((value) => value / length);
}

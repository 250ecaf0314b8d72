import type { Features } from "./features.ts";

/** How much a term counts. */
export type TermWeight = (term: string) => number;

const uniform: TermWeight = () => 1;

/** The cosine of two texts, 0 when either has no terms. */
export function cosine(left: Features, right: Features): number {
  const product = Math.sqrt(squaredLength(left) * squaredLength(right));
  return product === 0 ? 0 : dotProduct(left, right) / product;
}

/** The squared Euclidean length of a text's term vector. */
export function squaredLength(text: Features, weightOf: TermWeight = uniform): number {
  let sum = 0;
  for (const terms of [text.lexical, text.grams])
    for (const [term, amount] of terms) sum += (amount * weightOf(term)) ** 2;
  return sum;
}

/** The scalar product of two texts' term vectors. */
export function dotProduct(left: Features, right: Features, weightOf: TermWeight = uniform): number {
  return sharedTerms(left.lexical, right.lexical, weightOf) + sharedTerms(left.grams, right.grams, weightOf);
}

function sharedTerms(
  left: ReadonlyMap<string, number>,
  right: ReadonlyMap<string, number>,
  weightOf: TermWeight,
): number {
  let sum = 0;
  for (const [term, amount] of left) {
    const match = right.get(term);
    if (match !== undefined) sum += amount * match * weightOf(term) ** 2;
  }
  return sum;
}

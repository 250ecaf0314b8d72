import { cosine } from "./words/cosine.ts";
import type { Example, Situation } from "./question.ts";

/** An example and how like the query it is. */
export interface Neighbour {
  readonly example: Example;
  readonly similarity: number;
}

/** The examples, most similar first; of equals the later one, which is nearer in the prompt. */
export function neighbours(examples: readonly Example[], query: Situation): Neighbour[] {
  return examples
    .map((example) => ({ example, similarity: cosine(example.situation.wholeFeatures, query.wholeFeatures) }))
    .toSorted((a, b) => b.similarity - a.similarity || b.example.number - a.example.number);
}

/** The neighbour's output with the words that differ between its input and the query's replaced, place by place. */
export function adapted(output: string, theirs: string, ours: string): string {
  const [from, to] = [theirs.trim().split(/\s+/), ours.trim().split(/\s+/)];
  if (from.length !== to.length) return output;
  const changes = new Map(from.map((word, index) => [word, to[index] ?? word]));
  return output.replace(/\S+/g, (word) => changes.get(word) ?? word);
}

/** The longest extract that stands in for an answer. */
const maxExtractWords = 40;

/** The sentence of a text that shares most with a hint, else the first: what is left when there is no example. */
export function extractSentence(text: string, sharesWith: (sentence: string) => number): string {
  const sentences = text
    .trim()
    .split(/(?<=[.!?])\s+|\n+/)
    .filter((sentence) => sentence.trim() !== "");
  const shares = sentences.map(sharesWith);
  const best = sentences[shares.indexOf(Math.max(...shares))] ?? "";
  return best.trim().split(/\s+/).slice(0, maxExtractWords).join(" ");
}

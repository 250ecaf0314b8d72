import { isContent, words } from "../words/features.ts";
import { stem } from "../words/stemmer.ts";
import type { LabelledCase } from "./labelled-cases.ts";

/** How rules are made of cases. */
export interface InductionStyle {
  /** The most keywords of a rule. */
  readonly keywords: number;
  /** Whether two words may make a keyword. */
  readonly bigrams: boolean;
  /** Whether mistakes that came more than once make rules of what not to answer. */
  readonly exclusions: boolean;
}

/** What speaks for a label, as the cases have it. */
export interface InducedRule {
  readonly label: string;
  readonly keywords: readonly string[];
}

/**
 * For every label the terms t with the highest c ln[((c + .5) / (N_l + 1)) / ((C_t − c + .5) / (N − N_l + 1))], where c
 * of the label's N_l cases and C_t of all N have t. A term counts that at least two cases have, or one where a label
 * has fewer than three cases.
 */
export function induceRules(cases: readonly LabelledCase[], { keywords, bigrams }: InductionStyle): InducedRule[] {
  const documents = cases.map(({ text, label }) => ({ label, terms: termsOf(text, bigrams) }));
  const all = new Map<string, number>();
  for (const { terms } of documents) for (const key of terms.keys()) all.set(key, (all.get(key) ?? 0) + 1);
  return [...new Set(cases.map(({ label }) => label))].flatMap((label) => {
    const own = documents.filter((document) => document.label === label);
    const [n, total] = [own.length, documents.length];
    const counts = new Map<string, { count: number; surface: string }>();
    for (const { terms } of own)
      for (const [key, surface] of terms)
        counts.set(key, { count: (counts.get(key)?.count ?? 0) + 1, surface: counts.get(key)?.surface ?? surface });
    const ranked = [...counts]
      .filter(([, { count }]) => count >= 2 || n < 3)
      .map(([key, { count, surface }]) => {
        const others = (all.get(key) ?? count) - count;
        const weight = count * Math.log((count + 0.5) / (n + 1) / ((others + 0.5) / (total - n + 1)));
        return { key, surface, weight };
      })
      .filter(({ weight }) => weight > 0)
      .toSorted((a, b) => b.weight - a.weight || wordCount(a.key) - wordCount(b.key) || (a.key < b.key ? -1 : 1));
    // Of a word and a pair that say the same, the word.
    const telling = ranked.filter(({ key, weight }, index) =>
      ranked.slice(0, index).every((other) => other.weight !== weight || !` ${key} `.includes(` ${other.key} `)),
    );
    return telling.length === 0 ? [] : [{ label, keywords: telling.slice(0, keywords).map(({ surface }) => surface) }];
  });
}

function wordCount(key: string): number {
  return key.split(" ").length;
}

/** Terms by their stems, each as the text writes it. */
function termsOf(text: string, bigrams: boolean): Map<string, string> {
  const found = new Map<string, string>();
  let before: { word: string; stem: string } | undefined;
  for (const word of words(text)) {
    const current = { word, stem: stem(word) };
    if (isContent(current.stem) && !found.has(current.stem)) found.set(current.stem, word);
    if (bigrams && before !== undefined && (isContent(current.stem) || isContent(before.stem))) {
      const key = `${before.stem} ${current.stem}`;
      if (!found.has(key)) found.set(key, `${before.word} ${word}`);
    }
    before = current;
  }
  return found;
}

/** The content words of a text, the rarer-looking (longer) first. */
export function tellingWords(text: string, isKnown: (stemmed: string) => boolean = () => false): string[] {
  const found = [...termsOf(text, false)].filter(([key]) => !isKnown(key));
  return found.map(([, word]) => word).toSorted((a, b) => b.length - a.length);
}

import { stem } from "./stemmer.ts";
import { stopWords } from "./stop-words.ts";

/** What the model sees of a text: stems in order, and weighted terms. */
export interface Features {
  /** Stems in the order of the text. */
  readonly stems: readonly string[];
  /** Words and bigrams with their weights, summed over their occurrences. */
  readonly lexical: ReadonlyMap<string, number>;
  /** Character 4-grams of the longer content words. */
  readonly grams: ReadonlyMap<string, number>;
  readonly lexicalTotal: number;
}

const wordPattern = /\p{L}+(?:['’]\p{L}+)*|\p{N}+(?:[.,]\p{N}+)*|\p{Sc}/gu;

const weight = { content: 1, stopWord: 0.15, bigram: 0.6, stopBigram: 0.1, gram: 0.25 };

/** The lower-case words, numbers and currency signs of a text; apostrophes are dropped. */
export function words(text: string): string[] {
  return (text.toLowerCase().match(wordPattern) ?? []).map((word) => word.replace(/['’]/g, ""));
}

/** The stems of a text. */
export function stems(text: string): string[] {
  return words(text).map(stem);
}

const stopStems: ReadonlySet<string> = new Set([...stopWords].map(stem));

/** Whether a stem carries meaning of its own. */
export function isContent(stemmed: string): boolean {
  return !stopStems.has(stemmed);
}

/** The features of a text. Pure: equal texts have equal features, so callers may keep them. */
export function features(text: string): Features {
  return featuresOf(text, true);
}

/** The features of a text without bigrams and character 4-grams: its words alone. */
export function wordFeatures(text: string): Features {
  return featuresOf(text, false);
}

function featuresOf(text: string, withRuns: boolean): Features {
  const lexical = new Map<string, number>();
  const grams = new Map<string, number>();
  const stemmed: string[] = [];
  let lexicalTotal = 0;
  const add = (term: string, by: number): void => {
    lexical.set(term, (lexical.get(term) ?? 0) + by);
    lexicalTotal += by;
  };
  let before: { readonly stem: string; readonly stop: boolean } | undefined;
  for (const word of words(text)) {
    const stemmedWord = stem(word);
    const current = { stem: stemmedWord, stop: !isContent(stemmedWord) };
    stemmed.push(current.stem);
    add(current.stem, current.stop ? weight.stopWord : weight.content);
    if (withRuns && before !== undefined)
      add(`${before.stem} ${current.stem}`, before.stop && current.stop ? weight.stopBigram : weight.bigram);
    if (withRuns && !current.stop && word.length > 4) addGrams(grams, word);
    before = current;
  }
  return { stems: stemmed, lexical, grams, lexicalTotal };
}

function addGrams(grams: Map<string, number>, word: string): void {
  for (let start = 0; start + 4 <= word.length; start++) {
    const gram = word.slice(start, start + 4);
    grams.set(gram, (grams.get(gram) ?? 0) + weight.gram);
  }
}

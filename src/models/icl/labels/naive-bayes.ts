import type { Document } from "../question.ts";
import type { Corpus } from "./corpus.ts";

const smoothing = 0.3;

/**
 * For every label c: Σ x_f [ln((n_cf + .3) / (N_c + .3 V)) + ln V] over the document's words and bigrams f, that is
 * multinomial naive Bayes with additive smoothing against a uniform vocabulary. A label without demos gets 0.
 * `except` leaves one demo out.
 */
export function likelihoodRatios(corpus: Corpus, document: Document, except = -1): number[] {
  const { vocabulary, labelCount } = corpus;
  const ratios = zeros(labelCount);
  if (vocabulary === 0) return ratios;
  const totals = termTotals(corpus, except);
  for (const [field, { lexical }] of document.entries()) {
    for (const [term, amount] of lexical) {
      const factor = amount * (corpus.fieldWeights[field] ?? 1);
      for (const [label, count] of termCounts(corpus, field, term, except).entries()) {
        const likelihood = (count + smoothing) / ((totals[label] ?? 0) + smoothing * vocabulary);
        ratios[label] = (ratios[label] ?? 0) + factor * Math.log(likelihood * vocabulary);
      }
    }
  }
  return ratios;
}

function termTotals({ demos, recency, labelCount }: Corpus, except: number): number[] {
  const totals = zeros(labelCount);
  for (const [index, { document, labels }] of demos.entries()) {
    if (index === except) continue;
    const size = document.reduce((sum, { lexicalTotal }) => sum + lexicalTotal, 0) * (recency[index] ?? 1);
    for (const label of labels) totals[label] = (totals[label] ?? 0) + size;
  }
  return totals;
}

function termCounts({ demos, recency, labelCount }: Corpus, field: number, term: string, except: number): number[] {
  const counts = zeros(labelCount);
  for (const [index, { document, labels }] of demos.entries()) {
    const occurrences = index === except ? undefined : document[field]?.lexical.get(term);
    if (occurrences === undefined) continue;
    for (const label of labels) counts[label] = (counts[label] ?? 0) + occurrences * (recency[index] ?? 1);
  }
  return counts;
}

function zeros(length: number): number[] {
  return Array.from({ length }, () => 0);
}

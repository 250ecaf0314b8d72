import type { Json } from "#foundation";
import { corpus, similarities } from "./corpus.ts";
import type { Corpus } from "./corpus.ts";
import { cosine } from "../words/cosine.ts";
import type { EvidenceWeights } from "./evidence-weights.ts";
import type { Features } from "../words/features.ts";
import { fieldWeights } from "./field-weights.ts";
import { labelWords, nameOverlap } from "./label-words.ts";
import { likelihoodRatios } from "./naive-bayes.ts";
import type { Example, Mind, Question, Situation } from "../question.ts";
import { keywordWeight, matchedKeywords, readGuidance } from "./rules.ts";
import type { Guidance } from "./rules.ts";

/** One possible answer. */
export interface Label {
  readonly value: Json;
  /** How instructions call it. */
  readonly name: string;
  /** The words that speak for it when the input has them. */
  readonly words: readonly string[];
}

/** Everything the prompt says about the labels of one output. */
export interface LabelModel {
  readonly labels: readonly Label[];
  /** The examples whose labels are known, in the order of the corpus. */
  readonly examples: readonly Example[];
  readonly corpus: Corpus;
  readonly guidance: Guidance;
  readonly descriptions: readonly (Features | undefined)[];
  readonly weights: EvidenceWeights;
}

/** The evidence for each label, and where it comes from. */
export interface LabelEvidence {
  /** By label. */
  readonly scores: readonly number[];
  /** The keywords of rules that matched, by label. */
  readonly keywords: readonly (readonly string[])[];
  /** How much of the label's name the input has, by label. */
  readonly names: readonly number[];
  /** Cosine with each example. */
  readonly similarities: readonly number[];
}

/** A label for a value; its name is split into words. */
export function label(value: Json): Label {
  const name = typeof value === "string" ? value : JSON.stringify(value);
  return { value, name, words: labelWords(name) };
}

/** The index of a demo's value among the labels: exactly, else without regard to case; -1 for an unknown one. */
export function labelIndex(labels: readonly Label[], value: Json): number {
  const exact = labels.findIndex((candidate) => candidate.value === value);
  if (exact >= 0 || typeof value === "object") return exact;
  const name = String(value).trim().toLowerCase();
  return labels.findIndex((candidate) => candidate.name.toLowerCase() === name);
}

/** Prepares the labels of a question. `labelsOf` reads the labels of an example from its value. */
export function labelModel(
  question: Question,
  mind: Mind,
  options: { readonly labels: readonly Label[]; readonly labelsOf: (value: Json) => readonly number[] },
): LabelModel {
  const { labels, labelsOf } = options;
  const read = question.examples.map((example) => ({
    example,
    labels: labelsOf(example.value).filter((index) => index >= 0),
  }));
  const known = read.filter((entry) => entry.labels.length > 0 || Array.isArray(entry.example.value));
  const demos = known.map((entry) => ({ document: entry.example.situation.document, labels: entry.labels }));
  const guidance = readGuidance(
    question.guidance,
    labels.map(({ name }) => name),
  );
  return {
    labels,
    examples: known.map(({ example }) => example),
    corpus: corpus(demos, question.query.document, {
      labelCount: labels.length,
      fieldWeights: fieldWeights(demos, question.query.document.length),
    }),
    guidance,
    descriptions: guidance.descriptions.map((text) => (text === "" ? undefined : mind.features(text))),
    weights: mind.evidence,
  };
}

/**
 * Weighs a situation; with the base tier's weights 6 Σ cos² over a label's demos + .35 naive Bayes + 2 label name
 * + 2 label description + 3 ln(1 + matched rule keywords) − 4 when a rule excludes the label. `except` leaves one demo
 * out.
 */
export function weighLabels(model: LabelModel, situation: Situation, except = -1): LabelEvidence {
  const { corpus, guidance, weights } = model;
  const ratios = likelihoodRatios(corpus, situation.document, except);
  const cosines = similarities(corpus, situation.document);
  if (except >= 0) cosines[except] = 0;
  const kernels = model.labels.map(() => 0);
  for (const [index, { labels }] of corpus.demos.entries())
    for (const label of labels)
      kernels[label] = (kernels[label] ?? 0) + (cosines[index] ?? 0) ** 2 * (corpus.recency[index] ?? 1);
  const present = new Set(situation.wholeFeatures.stems);
  const keywords = matchedByLabel(guidance, situation, model.labels.length);
  const names = model.labels.map(({ words }) => nameOverlap(words, present));
  const scores = model.labels.map((_, index) => {
    const description = model.descriptions[index];
    return (
      weights.kernel * (kernels[index] ?? 0) +
      weights.bayes * (ratios[index] ?? 0) +
      weights.name * (names[index] ?? 0) +
      weights.description * (description === undefined ? 0 : cosine(situation.wholeFeatures, description)) +
      weights.rule * Math.log(1 + (keywords[index]?.weight ?? 0)) -
      weights.exclusion * (isExcluded(guidance, index, situation) ? 1 : 0)
    );
  });
  return { scores, keywords: keywords.map(({ texts }) => texts), names, similarities: cosines };
}

interface MatchedWords {
  readonly texts: readonly string[];
  readonly weight: number;
}

function matchedByLabel({ rules }: Guidance, { wholeFeatures }: Situation, count: number): MatchedWords[] {
  const found = Array.from({ length: count }, () => new Map<string, number>());
  for (const rule of rules) {
    if (rule.excludes) continue;
    for (const keyword of matchedKeywords(rule, wholeFeatures.stems))
      found[rule.label]?.set(keyword.text, keywordWeight(keyword));
  }
  return found.map((texts) => ({
    texts: [...texts.keys()],
    weight: texts.values().reduce((sum, one) => sum + one, 0),
  }));
}

function isExcluded({ rules }: Guidance, label: number, { wholeFeatures }: Situation): boolean {
  return rules.some(
    (rule) =>
      rule.excludes &&
      rule.label === label &&
      (rule.keywords.length === 0 || matchedKeywords(rule, wholeFeatures.stems).length > 0),
  );
}

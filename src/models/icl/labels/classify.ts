import { calibrationTemperature } from "./calibration.ts";
import { labelIndex, labelModel, weighLabels } from "./label-model.ts";
import type { Label, LabelEvidence, LabelModel } from "./label-model.ts";
import type { Answer, LabelProbability, Mind, Question } from "../question.ts";
import { drawIndex, softmax } from "../sampling.ts";

/** How many neighbours, keywords and probable labels an answer names. */
const named = { examples: 2, keywords: 4, labels: 5 };
/** What is less similar rounds to nothing. */
const minSimilarity = 0.005;

/** Chooses one of the labels. Ties go to the label that stands first. */
export function classify(question: Question, labels: readonly Label[], mind: Mind): Answer {
  const model = labelModel(question, mind, { labels, labelsOf: (value) => [labelIndex(labels, value)] });
  const evidence = weighLabels(model, question.query);
  const chosen = drawIndex(evidence.scores, mind.sampling, mind.rng);
  const choice = labels[chosen];
  return {
    value: choice?.value,
    because: explain(model, evidence, chosen),
    labels: mostProbable(labels, evidence.scores),
    confidence: () => softmax(evidence.scores, calibrationTemperature(model))[chosen] ?? 0,
  };
}

function mostProbable(labels: readonly Label[], scores: readonly number[]): LabelProbability[] {
  const probabilities = softmax(scores);
  return labels
    .map(({ value }, index) => ({ value, probability: probabilities[index] ?? 0 }))
    .toSorted((a, b) => b.probability - a.probability)
    .slice(0, named.labels);
}

/** The evidence for a label in words; empty when there is none. */
export function explain(model: LabelModel, evidence: LabelEvidence, chosen: number): string {
  const parts: string[] = [];
  const keywords = evidence.keywords[chosen] ?? [];
  if (keywords.length > 0)
    parts.push(
      `matched rule words ${keywords
        .slice(0, named.keywords)
        .map((word) => JSON.stringify(word))
        .join(", ")}`,
    );
  if ((evidence.names[chosen] ?? 0) > minSimilarity) parts.push("words of its name are in the input");
  const closest = evidence.similarities
    .map((similarity, index) => ({ similarity, index }))
    .filter(({ similarity }) => similarity > minSimilarity)
    .toSorted((a, b) => b.similarity - a.similarity)
    .slice(0, named.examples)
    .map(
      ({ similarity, index }) =>
        `#${model.examples[index]?.number ?? 0} (${similarity.toFixed(2)}) ${labelNames(model, index)}`,
    );
  if (closest.length > 0) parts.push(`closest examples: ${closest.join(", ")}`);
  return parts.join("; ");
}

function labelNames({ corpus, labels }: LabelModel, index: number): string {
  const given = corpus.demos[index]?.labels ?? [];
  return given.length === 0 ? "none" : given.map((label) => labels[label]?.name ?? "").join(" + ");
}

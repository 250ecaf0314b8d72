import { explain } from "./classify.ts";
import { labelIndex, labelModel, weighLabels } from "./label-model.ts";
import type { Label, LabelModel } from "./label-model.ts";
import type { Answer, Mind, Question } from "../question.ts";
import { drawIndex } from "../sampling.ts";

/** What a label must score to be named when the examples do not tell: half a matched name, less than a matched rule. */
const untaughtThreshold = 1;

/**
 * Names every label whose score passes its own threshold, in the order of the labels. The threshold is the one that
 * separates the examples best when each is left out; at a temperature above 0 each label is drawn for itself.
 */
export function listLabels(question: Question, labels: readonly Label[], mind: Mind): Answer {
  const model = labelModel(question, mind, {
    labels,
    labelsOf: (value) => (Array.isArray(value) ? value.map((item) => labelIndex(labels, item)) : []),
  });
  const evidence = weighLabels(model, question.query);
  const limits = thresholds(model);
  const chosen = labels.flatMap((_, index) => {
    const margin = (evidence.scores[index] ?? 0) - (limits[index] ?? untaughtThreshold);
    return drawIndex([0, margin], mind.sampling, mind.rng.fork(`label ${index}`)) === 1 ? [index] : [];
  });
  const [first] = chosen;
  return {
    value: chosen.map((index) => labels[index]?.value ?? null),
    because: first === undefined ? "" : explain(model, evidence, first),
  };
}

function thresholds(model: LabelModel): number[] {
  const scores = model.examples.map((example, index) => weighLabels(model, example.situation, index).scores);
  return model.labels.map((_, label) => {
    const held = model.corpus.demos.map(({ labels }, index) => ({
      is: labels.includes(label),
      score: scores[index]?.[label] ?? 0,
    }));
    const positives = held.filter(({ is }) => is).length;
    return positives === 0 || positives === held.length ? untaughtThreshold : separator(held);
  });
}

/** The threshold with the fewest errors: the middle of the gap, the lowest such gap when several are as good. */
function separator(held: readonly { readonly is: boolean; readonly score: number }[]): number {
  const sorted = held.map(({ score }) => score).toSorted((a, b) => a - b);
  const gaps = [-Infinity, ...sorted].map((low, index) => ({ low, high: sorted[index] ?? Infinity }));
  const errors = gaps.map(({ low }) => held.filter(({ is, score }) => score > low !== is).length);
  const best = gaps[errors.indexOf(Math.min(...errors))];
  if (best === undefined) return untaughtThreshold;
  if (best.low === -Infinity) return best.high - untaughtThreshold;
  return best.high === Infinity ? best.low + untaughtThreshold : (best.low + best.high) / 2;
}

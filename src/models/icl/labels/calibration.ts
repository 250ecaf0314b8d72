import { weighLabels } from "./label-model.ts";
import type { LabelModel } from "./label-model.ts";
import { softmax } from "../sampling.ts";

/** Below this many examples there is nothing to calibrate by. */
const minExamples = 6;
/** More examples than this add cost, not precision. */
const maxExamples = 24;
const candidates = [1, 0.25, 0.35, 0.5, 0.7, 1.4, 2, 3, 4];

/**
 * The temperature at which the probabilities of labels fit the demonstrations best, by leave-one-out log loss; 1 when
 * there are too few.
 */
export function calibrationTemperature(model: LabelModel): number {
  if (model.examples.length < minExamples) return 1;
  const held = model.examples.slice(-maxExamples).map((example, offset) => {
    const index = Math.max(0, model.examples.length - maxExamples) + offset;
    const [truth] = model.corpus.demos[index]?.labels ?? [];
    return { truth, scores: weighLabels(model, example.situation, index).scores };
  });
  const losses = candidates.map((temperature) =>
    held.reduce((sum, { truth, scores }) => sum - Math.log((softmax(scores, temperature)[truth ?? -1] ?? 0) + 1e-6), 0),
  );
  return candidates[losses.indexOf(Math.min(...losses))] ?? 1;
}

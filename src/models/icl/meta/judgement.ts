import type { Json } from "#foundation";
import type { Field } from "#programs";
import type { Task } from "../dialects/task.ts";
import { words } from "../words/features.ts";
import { materialText, nameKey } from "./material.ts";
import type { MetaPrompt } from "./meta-answer.ts";

const predictionKeys = ["prediction", "predicted", "predictedanswer", "response", "candidate", "candidateanswer", "generatedanswer", "modelanswer", "systemresponse", "answer", "output"]; // prettier-ignore
const referenceKeys = ["reference", "referenceanswer", "expected", "expectedanswer", "gold", "goldanswer", "groundtruth", "target", "truth", "correctanswer"]; // prettier-ignore
const asked = /^(?:score|verdict|correct|iscorrect|correctness|rating|match|matches|grade|judge?ment|passed|f1)$/;

/** A judge with a reference: token F1, or equality where the answer is yes or no. Demonstrations teach otherwise. */
export const judgement: MetaPrompt = {
  name: "judgement",
  asked: (task) => {
    const isJudge =
      task.demos.length === 0 && materialText(task, predictionKeys) !== "" && materialText(task, referenceKeys) !== "";
    return isJudge ? task.outputs.filter(({ name }) => asked.test(nameKey(name))) : [];
  },
  answer: (task, outputs) => {
    const [prediction, reference] = [materialText(task, predictionKeys), materialText(task, referenceKeys)];
    const f1 = tokenF1(prediction, reference);
    const isEqual = normal(prediction) === normal(reference);
    const values = outputs.map((field): [string, Json] => [field.name, verdict(field, { f1, isEqual }, task)]);
    const because = `token F1 between prediction and reference is ${f1.toFixed(2)}; they are ${isEqual ? "equal" : "not equal"}`;
    return { values: new Map(values), because };
  },
};

interface Measured {
  readonly f1: number;
  readonly isEqual: boolean;
}

function verdict({ name, type }: Field, { f1, isEqual }: Measured, task: Task): Json {
  if (type.kind === "bool") return isEqual;
  if (type.kind === "float" || type.kind === "int") {
    const { minimum = type.min, maximum = type.max } = task.bounds.get(name) ?? {};
    return scaled(f1, type.kind === "int", [minimum ?? 0, maximum ?? 1]);
  }
  if (type.kind === "literal") return ofWords(type.values, isEqual);
  return isEqual ? "correct" : "incorrect";
}

function scaled(f1: number, isWhole: boolean, [minimum, maximum]: readonly [number, number]): number {
  const value = minimum + f1 * (maximum - minimum);
  return isWhole ? Math.round(value) : Number(value.toFixed(4));
}

const negative = /^(?:in|un|not|no\b|false|fail|wrong|bad|reject|mis)/i;

/** Of two or more words for yes and no the one that fits, by how negatives are made. */
function ofWords(values: readonly string[], isEqual: boolean): string {
  return values.find((value) => negative.test(value) !== isEqual) ?? values[0] ?? "";
}

function normal(text: string): string {
  return words(text)
    .filter((word) => !/^(?:a|an|the)$/.test(word))
    .join(" ");
}

/** The harmonic mean of precision and recall of words, articles aside (SQuAD's F1). */
function tokenF1(prediction: string, reference: string): number {
  const [ours, theirs] = [normal(prediction).split(" "), normal(reference).split(" ")];
  const left = new Map<string, number>();
  for (const word of theirs) left.set(word, (left.get(word) ?? 0) + 1);
  let shared = 0;
  for (const word of ours) {
    const count = left.get(word) ?? 0;
    if (count > 0) shared++;
    left.set(word, count - 1);
  }
  return (2 * shared) / (ours.length + theirs.length);
}

import type { Json } from "#foundation";
import { labelledOutputs } from "./labelled-cases.ts";
import { hasInput, materialText, nameKey } from "./material.ts";
import type { MetaPrompt } from "./meta-answer.ts";
import { readMetaExamples } from "./meta-example.ts";

const exampleKeys = ["minibatch", "exampleswithfeedback", "examples", "failures", "mistakes"];
const asked = /^(?:feedbacksummary|feedback|critique)$/;

/** ax's critic: which right answers were missed for which wrong ones, and how the batch scored. */
export const critique: MetaPrompt = {
  name: "critique",
  asked: (task) =>
    hasInput(task, new Set(exampleKeys)) ? task.outputs.filter(({ name }) => asked.test(nameKey(name))) : [],
  answer: (task, outputs) => {
    const examples = readMetaExamples(materialText(task, exampleKeys));
    const scores = examples.flatMap(({ score }) => (score === undefined ? [] : [score]));
    const mean = scores.reduce((sum, score) => sum + score, 0) / Math.max(1, scores.length);
    const confused = new Map<string, number>();
    for (const { cases } of labelledOutputs(examples, []))
      for (const { label, mistaken } of cases)
        if (mistaken !== undefined)
          confused.set(
            `${label} was taken for ${mistaken}`,
            (confused.get(`${label} was taken for ${mistaken}`) ?? 0) + 1,
          );
    const said = examples.map(({ feedback }) => feedback.trim()).filter((feedback) => feedback !== "");
    const told = [
      ...(scores.length === 0 ? [] : [`The mean score of ${scores.length} cases is ${mean.toFixed(2)}.`]),
      ...[...confused]
        .toSorted((a, b) => b[1] - a[1])
        .slice(0, 5)
        .map(([what, count]) => `${what} ${count === 1 ? "once" : `${count} times`}.`),
      ...[...new Set([materialText(task, ["evalfeedback"]), ...said])].filter((text) => text !== "").slice(0, 3),
    ];
    const values = outputs.map(({ name, type }): [string, Json] => [
      name,
      type.kind === "list" ? told : told.join(" "),
    ]);
    return { values: new Map(values), because: `${examples.length} cases were compared` };
  },
};

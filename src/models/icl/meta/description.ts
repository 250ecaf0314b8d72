import { sentences } from "../words/sentences.ts";
import { labelledOutputs } from "./labelled-cases.ts";
import { hasInput, materialText, nameKey } from "./material.ts";
import type { MetaPrompt } from "./meta-answer.ts";
import { readMetaExamples } from "./meta-example.ts";
import type { MetaExample } from "./meta-example.ts";

const asked =
  /^(?:programdescription|moduledescription|datasetdescription|datasetsummary|taskdescription|observations|summary)$/;
const material = new Set(["programcode", "programexample", "examples", "observations", "dataset", "priorobservations"]);
const maxLabelsNamed = 12;

/** MIPRO's descriptions of program, module and dataset: counts, field names, labels and lengths. */
export const description: MetaPrompt = {
  name: "description",
  asked: (task) =>
    hasInput(task, material)
      ? task.outputs.filter(({ name, type }) => type.kind === "string" && asked.test(nameKey(name)))
      : [],
  answer: (task, outputs) => {
    const examples = readMetaExamples(materialText(task, ["examples", "dataset", "programexample"]));
    const observed = materialText(task, ["observations"]);
    const prior = materialText(task, ["priorobservations"]);
    const told =
      examples.length === 0 && observed !== ""
        ? [...new Set(sentences(observed))].slice(0, 3).map((sentence) => `${sentence}.`)
        : [signatureSentence(materialText(task, ["module", "programcode"])), ...dataSentences(examples)];
    const fresh = told.filter((sentence) => sentence !== "" && !prior.includes(sentence));
    const text = fresh.length === 0 && prior !== "" ? "COMPLETE" : fresh.join(" ");
    return {
      values: new Map(outputs.map(({ name }) => [name, text])),
      because: `${examples.length} examples were counted`,
    };
  },
};

/** What a program's code says about its fields: `text -> kind`. */
function signatureSentence(code: string): string {
  const { inputs, outputs } = /(?<inputs>\w[\w, :[\]'"|]*?)\s*->\s*(?<outputs>\w[\w, :]*)/.exec(code)?.groups ?? {};
  return inputs === undefined || outputs === undefined ? "" : `It makes ${outputs.trim()} of ${inputs.trim()}.`;
}

function dataSentences(examples: readonly MetaExample[]): string[] {
  const [first] = examples;
  if (first === undefined) return [];
  const [inputs, outputs] = [[...first.inputs.keys()], [...first.correct.keys(), ...first.given.keys()]];
  const lengths = examples.map(({ inputs: own }) => [...own.values()].join(" ").split(/\s+/).length);
  const mean = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
  const told = [
    `${examples.length} examples with the inputs ${inputs.join(", ")} and the outputs ${[...new Set(outputs)].join(", ") || "none"}.`,
    `The inputs have ${Math.min(...lengths)} to ${Math.max(...lengths)} words, ${mean.toFixed(1)} on average.`,
  ];
  const labels = labelledOutputs(examples, []).map(({ name, labels: all }) => {
    const named = all.slice(0, maxLabelsNamed).join(", ");
    return `${name === "" ? "The output" : name} takes ${all.length} values: ${named}${all.length > maxLabelsNamed ? ", …" : ""}.`;
  });
  return [...told, ...labels].slice(0, 3);
}

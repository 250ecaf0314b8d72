import type { Json } from "#foundation";
import { allowedValues } from "../labels/allowed-values.ts";
import type { Task } from "../dialects/task.ts";
import { bestAttempt, readAttempts } from "./attempts.ts";
import { inductionStyle } from "./induction-style.ts";
import { induceRules } from "./induction.ts";
import { adviceOf, fieldsLine, labelLines } from "./instruction-lines.ts";
import { keptLines } from "./kept-lines.ts";
import { labelledOutputs } from "./labelled-cases.ts";
import { hasInput, listIn, materialText, nameKey } from "./material.ts";
import type { MetaAnswer, MetaMind, MetaPrompt } from "./meta-answer.ts";
import { excluded, mergedRules } from "./merged-rules.ts";
import { readMetaExamples } from "./meta-example.ts";

const currentKeys = ["currentinstruction", "currentinstructions", "basicinstruction", "currentvalue", "baseinstruction", "oldinstruction", "currentprompt", "seedinstruction"]; // prettier-ignore
const attemptKeys = ["attemptedinstructions", "previousinstructions", "attempts", "instructionhistory"];
const exampleKeys = ["exampleswithfeedback", "datasetwithfeedback", "taskdemos", "examplestext", "examples", "minibatch", "demos", "demonstrations", "failures", "mistakes", "trainset", "cases"]; // prettier-ignore
const feedbackKeys = ["feedbacksummary", "feedback", "recentfeedback", "evalfeedback"];
const mergeKeys = ["instructions", "candidates", "parents", "instructiona", "instructionb", "firstinstruction", "secondinstruction"]; // prettier-ignore
const labelKeys = ["labels", "allowedvalues", "module", "programdescription", "moduledescription", "programcode", "signature", "taskdescription"]; // prettier-ignore

/** These outputs ask for an instruction whatever else the prompt has, if it has any material for one. */
const clear = /^(?:proposed|improved|new|merged|revised|rewritten|optimi[sz]ed|better)(?:instructions?|prompt)$/;
/** These do when the prompt also has the current one, tried ones or examples under their usual names. */
const unclear = /^(?:instructions?|newvalue|rules?|naturallanguagerules|additionalrules)$/;

const material = new Set([...currentKeys, ...attemptKeys, ...exampleKeys, ...feedbackKeys, ...mergeKeys]);
const strong = new Set([
  ...currentKeys,
  ...attemptKeys,
  "exampleswithfeedback",
  "taskdemos",
  "examplestext",
  "minibatch",
]);

/** MIPRO's, COPRO's, GEPA's and our own proposers: a better instruction from examples, feedback and attempts. */
export const betterInstruction: MetaPrompt = {
  name: "better instruction",
  asked: (task) => {
    const [isClear, isUnclear] = [hasInput(task, material), hasInput(task, strong)];
    return task.outputs.filter(({ name }) => {
      const key = nameKey(name);
      return (isClear && clear.test(key)) || (isUnclear && unclear.test(key));
    });
  },
  answer: (task, asked, mind) => {
    const draft = draftInstruction(task, mind);
    const values = asked.map(({ name, type }): [string, Json] => {
      if (!/rules?$/.test(nameKey(name))) return [name, draft.text];
      return [name, type.kind === "list" ? [...draft.rules] : draft.rules.join("\n")];
    });
    const prefixes = task.outputs.filter(({ name }) => nameKey(name).startsWith("proposedprefix"));
    const prefix = /Prefix #\d+: ([^\n»]*)/g;
    const last = [...materialText(task, attemptKeys).matchAll(prefix)].at(-1)?.[1] ?? "";
    return {
      values: new Map([...values, ...prefixes.map(({ name }): [string, Json] => [name, last])]),
      because: draft.because,
    } satisfies MetaAnswer;
  },
};

interface Draft {
  readonly text: string;
  readonly rules: readonly string[];
  readonly because: string;
}

function draftInstruction(task: Task, mind: MetaMind): Draft {
  const examples = exampleKeys.flatMap((key) => readMetaExamples(materialText(task, [key])));
  const attempts = attemptKeys.flatMap((key) => readAttempts(materialText(task, [key])));
  const current = materialText(task, currentKeys);
  const base = bestAttempt(attempts)?.instruction ?? (current === "" ? (attempts.at(-1)?.instruction ?? "") : current);
  const parents = mergeKeys.flatMap((key) => instructionsIn(materialText(task, [key])));
  const known = allowedIn([base, ...labelKeys.map((key) => materialText(task, [key]))]);
  const outputs = labelledOutputs(examples, known);
  const style = inductionStyle(task, mind);
  const kept = keptLines([base, ...parents].join("\n"), outputs);
  const rules = outputs.flatMap((output) =>
    mergedRules(kept.rules, induceRules(output.cases, style), outputs.length > 1 ? output.name : "", style),
  );
  const inherited = outputs.length > 0 ? rules : mergedRules(kept.rules, [], "", style);
  const exclusions = style.exclusions ? outputs.flatMap(({ cases }) => excluded(cases, style)) : [];
  const advice = outputs.length > 0 ? [] : adviceOf(examples, materialText(task, feedbackKeys), kept.prose);
  const stated = kept.prose.length === 0 ? fieldsLine(examples) : kept.prose;
  const all = [...inherited, ...exclusions];
  return {
    text: [...stated, ...labelLines(stated.join("\n"), outputs, known), ...all, ...advice].join("\n"),
    rules: all.length > 0 ? all : advice,
    because: `${examples.length} examples and ${attempts.length} attempts read, ${all.length} rules stated, ${kept.dropped} dropped`,
  };
}

function instructionsIn(text: string): string[] {
  if (text === "") return [];
  return listIn(text) === undefined ? [text] : readAttempts(text).map(({ instruction }) => instruction);
}

function allowedIn(texts: readonly string[]): string[] {
  const quoted = texts.flatMap((text) => {
    const literal = /Literal\[([^\]]+)\]/.exec(text)?.[1];
    const listed = literal === undefined ? listIn(text) : listIn(`[${literal}]`);
    const values = listed?.filter((value) => typeof value === "string") ?? [];
    return values.length > 1 ? values : allowedValues(text);
  });
  return [...new Set(quoted)];
}

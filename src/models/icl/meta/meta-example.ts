import { isPlainObject } from "#foundation";
import type { Json, JsonObject } from "#foundation";
import { flatText, nameKey } from "./material.ts";
import { readRecords } from "./records.ts";

/** A case of somebody else's task, as a meta prompt shows it. */
export interface MetaExample {
  /** The case's inputs by name. */
  readonly inputs: ReadonlyMap<string, string>;
  /** What was answered, by output; `""` names an output without a name. */
  readonly given: ReadonlyMap<string, string>;
  /** What would have been right, as far as the prompt says so. */
  readonly correct: ReadonlyMap<string, string>;
  readonly score: number | undefined;
  readonly feedback: string;
}

const parts = {
  inputs: new Set(["inputs", "input", "taskinputs", "programinputs", "case"]),
  given: new Set(["outputs", "output", "generatedoutputs", "generatedoutput", "prediction", "predicted", "response",
    "assistantresponse", "modeloutput", "actual", "got", "given", "answered", "student"]), // prettier-ignore
  correct: new Set(["expected", "correct", "reference", "gold", "target", "truth", "expectedoutputs", "expectedoutput",
    "wanted", "desired", "labels", "oraclemetadata", "correctanswer", "expectedanswer"]), // prettier-ignore
  feedback: new Set(["feedback", "comment", "comments", "critique", "issues", "error", "evaluatorfeedback"]),
  score: new Set(["score", "reward", "rewardvalue"]),
} as const;

const reasoning = /^(?:reasoning|rationale|thoughts?|explanation|justification|discussion)$/;

/** Reads the cases that a text shows, in any of the forms of `readRecords`. */
export function readMetaExamples(text: string): MetaExample[] {
  return readRecords(text).map(metaExample);
}

function metaExample(record: JsonObject): MetaExample {
  const rest: [string, Json][] = [];
  const found: Partial<Record<keyof typeof parts, Json>> = {};
  for (const [name, value] of Object.entries(record) as [string, Json][]) {
    const part = (Object.keys(parts) as (keyof typeof parts)[]).find((one) => parts[one].has(nameKey(name)));
    if (part === undefined || found[part] !== undefined) rest.push([name, value]);
    else found[part] = value;
  }
  const given = values(found.given);
  const inputs =
    found.inputs === undefined ? new Map(rest.map(([name, value]) => [name, flatText(value)])) : values(found.inputs);
  const correct = values(found.correct);
  // A whole example as the input: what was predicted stands in it under the same name.
  for (const name of given.keys()) moveTo(correct, inputs, name);
  // A plain demonstration: its last field is what is wanted.
  const last = [...inputs.keys()].filter((name) => !reasoning.test(nameKey(name))).at(-1);
  if (correct.size === 0 && given.size === 0 && inputs.size > 1 && last !== undefined) moveTo(correct, inputs, last);
  for (const name of inputs.keys()) if (reasoning.test(nameKey(name))) inputs.delete(name);
  return {
    inputs,
    given,
    correct,
    score: scoreOf(found.score),
    feedback: found.feedback === undefined ? "" : flatText(found.feedback),
  };
}

function moveTo(target: Map<string, string>, source: Map<string, string>, name: string): void {
  const value = source.get(name);
  if (value === undefined || name === "") return;
  if (!target.has(name)) target.set(name, value);
  source.delete(name);
}

function values(part: Json | undefined): Map<string, string> {
  if (part === undefined || part === null) return new Map();
  if (!isPlainObject(part)) return new Map([["", flatText(part)]]);
  const entries = (Object.entries(part) as [string, Json][]).filter(([name]) => !reasoning.test(nameKey(name)));
  return new Map(entries.map(([name, value]) => [name, flatText(value)]));
}

function scoreOf(value: Json | undefined): number | undefined {
  const score = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof score === "number" && Number.isFinite(score) ? score : undefined;
}

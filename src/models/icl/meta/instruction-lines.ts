import { sentences } from "../words/sentences.ts";
import type { LabelledOutput } from "./labelled-cases.ts";
import type { MetaExample } from "./meta-example.ts";

/** Few cases tell some of the labels, and a list of some is worse than none. */
const minCasesForList = 8;

/** The list of the labels, where the instruction has none. */
export function labelLines(stated: string, outputs: readonly LabelledOutput[], known: readonly string[]): string[] {
  return outputs
    .filter(({ cases }) => known.length > 0 || cases.length >= minCasesForList)
    .filter(({ labels }) => labels.length > 1 && !labels.every((label) => stated.includes(label)))
    .map(({ name, labels }) => {
      const list = `${labels.slice(0, -1).join(", ")} or ${labels.at(-1) ?? ""}`;
      return outputs.length > 1 ? `${name} is one of: ${list}.` : `Answer with one of: ${list}.`;
    });
}

/** What to say of a task that nobody described: its fields. */
export function fieldsLine(examples: readonly MetaExample[]): string[] {
  const [first] = examples;
  if (first === undefined || first.inputs.size === 0) return [];
  const outputs = [...new Set([...first.correct.keys(), ...first.given.keys()])].filter((name) => name !== "");
  return [
    `Given ${[...first.inputs.keys()].join(", ")}, produce ${outputs.length === 0 ? "the answer" : outputs.join(", ")}.`,
  ];
}

const maxAdvice = 3;
const maxAdviceCharacters = 240;

/** Where there are no labels to learn rules for: what the feedback says, most frequent first. */
export function adviceOf(examples: readonly MetaExample[], summary: string, prose: readonly string[]): string[] {
  const said = [...examples.filter(({ score = 0 }) => score < 1).map(({ feedback }) => feedback), summary].flatMap(
    sentences,
  );
  const counts = new Map<string, number>();
  for (const sentence of said) counts.set(sentence, (counts.get(sentence) ?? 0) + 1);
  return [...counts]
    .filter(([sentence]) => sentence.length <= maxAdviceCharacters && !prose.some((line) => line.includes(sentence)))
    .toSorted((a, b) => b[1] - a[1])
    .slice(0, maxAdvice)
    .map(([sentence]) => `Mind: ${sentence}.`);
}

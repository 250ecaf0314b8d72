import type { MetaExample } from "./meta-example.ts";

/** A case whose right label is known. */
export interface LabelledCase {
  readonly text: string;
  readonly label: string;
  /** What was answered instead, if it was wrong. */
  readonly mistaken: string | undefined;
}

/** The cases of one output that chooses among labels. */
export interface LabelledOutput {
  readonly name: string;
  /** Every label that the material names, in its order. */
  readonly labels: readonly string[];
  readonly cases: readonly LabelledCase[];
}

const maxLabels = 80;
const maxLabelWords = 6;

/**
 * The outputs of the examples that choose among labels. What is right comes from the example itself, else from its
 * feedback ("the correct answer is billing"), else from a full score.
 */
export function labelledOutputs(examples: readonly MetaExample[], known: readonly string[]): LabelledOutput[] {
  const names = new Set(examples.flatMap(({ given, correct }) => [...correct.keys(), ...given.keys()]));
  // An answer without a name and a right one with a name are the same output.
  if (names.size > 1) names.delete("");
  return [...names].flatMap((name) => {
    const seen = examples.flatMap(({ given, correct }) => [valueOf(correct, name), valueOf(given, name)]);
    const labels = [...new Set([...known, ...seen.filter((value) => value !== undefined)])];
    const cases = examples.flatMap((example) => labelledCase(example, name, labels));
    const short = cases.every(({ label }) => label.split(/\s+/).length <= maxLabelWords && label.length < 80);
    const different = new Set(cases.map(({ label }) => label)).size;
    // As many different answers as cases are texts, not labels.
    const repeats = cases.length < 4 || different < cases.length;
    return cases.length > 0 && short && repeats && different <= maxLabels
      ? [{ name, labels: usedLabels(labels, cases, known), cases }]
      : [];
  });
}

function usedLabels(labels: readonly string[], cases: readonly LabelledCase[], known: readonly string[]): string[] {
  const used = new Set([...known, ...cases.flatMap(({ label, mistaken = label }) => [label, mistaken])]);
  return labels.filter((label) => used.has(label));
}

function valueOf(values: ReadonlyMap<string, string>, name: string): string | undefined {
  const value = values.get(name) ?? (values.size === 1 ? values.get("") : undefined);
  return value === undefined || value.trim() === "" ? undefined : value.trim();
}

function labelledCase(example: MetaExample, name: string, labels: readonly string[]): LabelledCase[] {
  const given = valueOf(example.given, name);
  const isRight = example.score !== undefined && example.score >= 1;
  const label = valueOf(example.correct, name) ?? (isRight ? given : labelInFeedback(example.feedback, labels));
  if (label === undefined) return [];
  const text = [...example.inputs.values()].join("\n");
  return [{ text, label, mistaken: given === undefined || given === label ? undefined : given }];
}

const announcement =
  /\b(?:expected|correct(?: (?:answer|label|output|value|class))?|right (?:answer|label)|should(?: have)? (?:be|been)|gold|reference|true label|target|wanted)\b(?<rest>[^\n]{0,160})/giu;

/** The label that a feedback names as the right one. */
function labelInFeedback(feedback: string, labels: readonly string[]): string | undefined {
  for (const { groups } of feedback.matchAll(announcement)) {
    const rest = groups?.["rest"] ?? "";
    const found = labels
      .map((label) => ({ label, at: wordAt(rest, label) }))
      .filter(({ at }) => at >= 0)
      .toSorted((a, b) => a.at - b.at || b.label.length - a.label.length)[0];
    const quoted = /^[^"'`“.;,]{0,30}["'`“](?<value>[^"'`”]{1,60})["'`”]/u.exec(rest)?.groups?.["value"];
    const label =
      quoted ?? found?.label ?? /^\s*(?:is|was|:|=)\s*(?<value>[\p{L}\p{N}_-]+)/u.exec(rest)?.groups?.["value"];
    if (label !== undefined) return label;
  }
  return undefined;
}

function wordAt(text: string, label: string): number {
  const escaped = label.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
  return text.search(new RegExp(`(?<![\\p{L}\\p{N}_])${escaped}(?![\\p{L}\\p{N}_])`, "iu"));
}

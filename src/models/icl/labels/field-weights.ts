import type { LabelledDocument } from "./corpus.ts";

/** Below this many demos all fields count the same. */
const minDemos = 8;
/** A field is judged by its most telling terms. */
const judgedTerms = 8;

/**
 * How much each input field counts: by the mutual information between the label and the field's most telling terms in
 * the demos (corrected for the bias of small samples), scaled to a mean of 1 and kept within [¼, 2].
 */
export function fieldWeights(demos: readonly LabelledDocument[], fieldCount: number): number[] {
  const equal = Array.from({ length: fieldCount }, () => 1);
  if (fieldCount < 2 || demos.length < minDemos) return equal;
  const told = equal.map((_, field) => informationOf(demos, field));
  const mean = told.reduce((sum, bits) => sum + bits, 0) / fieldCount;
  return mean === 0 ? equal : told.map((bits) => Math.min(2, Math.max(0.25, bits / mean)));
}

function informationOf(demos: readonly LabelledDocument[], field: number): number {
  const byTerm = new Map<string, number[]>();
  for (const [index, { document }] of demos.entries())
    for (const term of document[field]?.lexical.keys() ?? []) byTerm.set(term, [...(byTerm.get(term) ?? []), index]);
  const labels = demos.map((demo) => demo.labels.join(" "));
  return [...byTerm.values()]
    .filter((holders) => holders.length > 1)
    .map((holders) => mutualInformation(labels, new Set(holders)))
    .toSorted((a, b) => b - a)
    .slice(0, judgedTerms)
    .reduce((sum, bits) => sum + bits, 0);
}

/** I(term present; label) in nats less the bias (K − 1) / 2N of its estimate, at least 0. */
function mutualInformation(labels: readonly string[], holders: ReadonlySet<number>): number {
  const total = labels.length;
  const counts = new Map<string, { with: number; without: number }>();
  for (const [index, label] of labels.entries()) {
    const count = counts.get(label) ?? { with: 0, without: 0 };
    count[holders.has(index) ? "with" : "without"]++;
    counts.set(label, count);
  }
  const part = (joint: number, label: number, side: number): number =>
    joint === 0 ? 0 : (joint / total) * Math.log((joint * total) / (label * side));
  let information = 0;
  for (const count of counts.values()) {
    const label = count.with + count.without;
    information += part(count.with, label, holders.size) + part(count.without, label, total - holders.size);
  }
  return Math.max(0, information - (counts.size - 1) / (2 * total));
}

import { induceRules } from "./induction.ts";
import type { InducedRule, InductionStyle } from "./induction.ts";
import type { LabelledCase } from "./labelled-cases.ts";
import { exclusionText, ruleText } from "./rule-text.ts";
import type { StatedRule } from "./rule-text.ts";

/** One rule a label: what was there and what was learnt, the most keywords of both. */
export function mergedRules(
  old: readonly StatedRule[],
  learnt: readonly InducedRule[],
  output: string,
  { keywords: most }: InductionStyle,
): string[] {
  const own = old.filter((rule) => output === "" || rule.output === output);
  const labels = new Set([...own, ...learnt].map(({ label }) => label));
  return [...labels].map((label) => {
    const support = new Map<string, number>();
    for (const rule of [...learnt, ...own])
      if (rule.label === label) for (const word of rule.keywords) support.set(word, (support.get(word) ?? 0) + 1);
    const ranked = [...support].toSorted((a, b) => b[1] - a[1]).map(([word]) => word);
    const isNamed = output !== "" ? output : (own.find((rule) => rule.label === label)?.output ?? "");
    return ruleText({ label, keywords: ranked.slice(0, most + 4) }, isNamed);
  });
}

/** Mistakes that came twice: what speaks for the right label speaks against the mistaken one. */
export function excluded(cases: readonly LabelledCase[], style: InductionStyle): string[] {
  const counts = new Map<string, number>();
  for (const { label, mistaken } of cases)
    if (mistaken !== undefined)
      counts.set(JSON.stringify([label, mistaken]), (counts.get(JSON.stringify([label, mistaken])) ?? 0) + 1);
  const rules = induceRules(cases, { ...style, keywords: 2 });
  return [...counts]
    .filter(([, count]) => count >= 2)
    .flatMap(([pair]) => {
      const [label, mistaken] = JSON.parse(pair) as [string, string];
      const keywords = rules.find((rule) => rule.label === label)?.keywords ?? [];
      return keywords.length === 0 ? [] : [exclusionText({ label: mistaken, keywords })];
    });
}

import { allowedValues } from "../labels/allowed-values.ts";
import { stems } from "../words/features.ts";
import type { LabelledOutput } from "./labelled-cases.ts";
import { readRuleText } from "./rule-text.ts";
import type { StatedRule } from "./rule-text.ts";

/** The list of labels as `labelLines` writes it: it is written anew, with what was learnt since. */
const ownList = /^(?:Answer with|\S+ is) one of: /;

/** An instruction taken apart: what people wrote, and rules as we write them. */
export interface KeptLines {
  readonly prose: readonly string[];
  readonly rules: readonly StatedRule[];
  readonly dropped: number;
}

/** The lines of an instruction; rules that were wrong more often than right on the examples are dropped. */
export function keptLines(text: string, outputs: readonly LabelledOutput[]): KeptLines {
  const prose: string[] = [];
  const rules: StatedRule[] = [];
  let dropped = 0;
  for (const line of new Set(text.split("\n").map((one) => one.trimEnd()))) {
    const rule = readRuleText(line);
    const isOwnList = outputs.length > 0 && ownList.test(line) && allowedValues(line).length > 1;
    if (rule === undefined && !isOwnList) prose.push(line);
    else if (rule === undefined) continue;
    else if (harm(rule, outputs) > 0) dropped++;
    else rules.push(rule);
  }
  return { prose: prose.join("\n").trim() === "" ? [] : prose.join("\n").trim().split("\n"), rules, dropped };
}

/** Cases in which a rule fires for a wrong label, less those in which it fires for the right one. */
function harm({ label, keywords, output }: StatedRule, outputs: readonly LabelledOutput[]): number {
  const cases = outputs.filter(({ name }) => output === "" || name === output).flatMap((one) => one.cases);
  const fires = cases.filter(({ text }) => mentions(text, keywords));
  return fires.filter((one) => one.label !== label).length - fires.filter((one) => one.label === label).length;
}

function mentions(text: string, keywords: readonly string[]): boolean {
  const all = ` ${stems(text).join(" ")} `;
  return keywords.some((keyword) => all.includes(` ${stems(keyword).join(" ")} `));
}

import type { InducedRule } from "./induction.ts";

/** A rule that an instruction states; `output` is empty where it names none. */
export interface StatedRule extends InducedRule {
  readonly output: string;
}

/** A rule as the model reads it in an instruction; `output` names the field where there are several. */
export function ruleText({ label, keywords }: InducedRule, output = ""): string {
  return `If the text mentions ${oneOf(keywords)}, ${output === "" ? "answer" : `set ${output} to`} ${label}.`;
}

export function exclusionText({ label, keywords }: InducedRule): string {
  return `If the text mentions ${oneOf(keywords)}, do not answer ${label}.`;
}

function oneOf(keywords: readonly string[]): string {
  const quoted = keywords.map((keyword) => `"${keyword}"`);
  return quoted.length < 2 ? quoted.join("") : `${quoted.slice(0, -1).join(", ")} or ${quoted.at(-1) ?? ""}`;
}

const form = /^If the text mentions (?<keywords>.+), (?:answer|set (?<output>\S+) to) (?<label>[^"]+?)\.$/u;

/** A line that `ruleText` wrote; `undefined` for any other. */
export function readRuleText(line: string): StatedRule | undefined {
  const { keywords, output = "", label } = form.exec(line.trim())?.groups ?? {};
  if (keywords === undefined || label === undefined) return undefined;
  return { label, output, keywords: [...keywords.matchAll(/"([^"]+)"/g)].map(([, keyword = ""]) => keyword) };
}

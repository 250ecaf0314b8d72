import { textRead, textValue } from "../../proposing/text-target.ts";
import type { TextTarget } from "../../proposing/text-target.ts";
import type { Configuration } from "#variables";
import type { Member } from "../pool/member.ts";

/** One sentence of advice that stands behind an instruction. Plain data: later steps may rewrite it or take it away. */
export type Rule = {
  readonly text: string;
  /** The place of the training example that taught it. */
  readonly example: number;
};

/** The rules behind each text, by the text's path; the oldest first. */
export type Rules = { readonly [target: string]: readonly Rule[] };

export interface RuleLimits {
  /** The most rules behind one text: the oldest goes where a further one comes. */
  readonly maxRules: number;
}

/** A longer rule is no rule but another instruction. */
const maxRuleCharacters = 600;

/** The rules that a member was made with. */
export function rulesOf({ origin }: Member): Rules {
  return (origin.note["rules"] ?? {}) as Rules;
}

/** The rules with further ones for a text; `undefined` where none of them is new and short enough. */
export function withRules(
  rules: Rules,
  { name }: Pick<TextTarget, "name">,
  added: readonly Rule[],
  { maxRules }: RuleLimits,
): Rules | undefined {
  const own = rules[name] ?? [];
  const fresh = withoutKnown(added, own).filter(({ text }) => isRule(text));
  return fresh.length === 0 ? undefined : { ...rules, [name]: [...own, ...fresh].slice(-maxRules) };
}

/** The rules that are not known yet, each once. */
export function withoutKnown(rules: readonly Rule[], known: readonly Rule[]): readonly Rule[] {
  const fresh: Rule[] = [];
  for (const rule of rules) if (![...known, ...fresh].some((each) => isSameRule(each, rule))) fresh.push(rule);
  return fresh;
}

/** The rules without one of a text's. */
export function withoutRule(rules: Rules, name: string, place: number): Rules {
  return { ...rules, [name]: (rules[name] ?? []).filter((_, index) => index !== place) };
}

/** A member's configuration without the rules behind its texts. */
export function bareConfiguration(targets: readonly TextTarget[], member: Member): Configuration {
  const rules = rulesOf(member);
  const ruled = targets.filter(({ name }) => (rules[name] ?? []).length > 0);
  const bare = ruled.map((target) => [target.name, bareText(target, member.configuration, rules[target.name] ?? [])]);
  return { ...member.configuration, ...Object.fromEntries(bare) };
}

/** A bare configuration with these rules behind its texts, one a line. */
export function ruledConfiguration(targets: readonly TextTarget[], bare: Configuration, rules: Rules): Configuration {
  const texts = targets.flatMap((target) => {
    const own = rules[target.name] ?? [];
    return own.length === 0 ? [] : [[target.name, `${textRead(target, textValue(target, bare))}${block(own)}`]];
  });
  return { ...bare, ...Object.fromEntries(texts) };
}

function bareText(target: TextTarget, configuration: Configuration, rules: readonly Rule[]): string {
  const text = textValue(target, configuration);
  const end = block(rules);
  const bare = text.endsWith(end) ? text.slice(0, -end.length) : text;
  return bare === textRead(target, "") ? "" : bare;
}

function block(rules: readonly Rule[]): string {
  return `\n\n${rules.map(({ text }) => text).join("\n")}`;
}

function isRule(text: string): boolean {
  return text !== "" && text.length <= maxRuleCharacters;
}

/** Whether two rules say the same but for case, white space and punctuation. */
function isSameRule(a: Rule, b: Rule): boolean {
  return plain(a.text) === plain(b.text);
}

function plain(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

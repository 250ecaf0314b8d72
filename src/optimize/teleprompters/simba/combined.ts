import { canonicalJson } from "#foundation";
import { activeVariables } from "#variables";
import type { Configuration } from "#variables";
import type { TextTarget } from "../../proposing/text-target.ts";
import type { Task } from "../../teleprompter.ts";
import type { Member } from "../pool/member.ts";
import { bareConfiguration, rulesOf, withoutKnown, withRules } from "./rules.ts";
import type { RuleLimits, Rules } from "./rules.ts";

/** Two members and the one that both come from. */
export interface Lineage {
  readonly member: Member;
  readonly other: Member;
  readonly ancestor: Member;
}

export interface Combined {
  readonly bare: Configuration;
  readonly rules: Rules;
}

/**
 * A member with what another one gained in the meantime: its rules that their ancestor did not have, and its values and
 * demos where the member still has the ancestor's. `undefined` where that is nothing.
 */
export function combined(
  task: Task,
  targets: readonly TextTarget[],
  { member, other, ancestor, maxRules }: Lineage & RuleLimits,
): Combined | undefined {
  const [own, theirs, before] = [member, other, ancestor].map((each) => bareConfiguration(targets, each)) as [
    Configuration,
    Configuration,
    Configuration,
  ];
  const values = activeVariables(task.space, theirs).flatMap(({ name }) => {
    const isChanged = !isSame(theirs, before, name) && isSame(own, before, name);
    return isChanged ? [[name, theirs[name] ?? null] as const] : [];
  });
  const brought = targets.flatMap((target) => {
    const learnt = withoutKnown(rulesOf(other)[target.name] ?? [], rulesOf(ancestor)[target.name] ?? []);
    const rules = withRules(rulesOf(member), target, learnt, { maxRules });
    return rules === undefined ? [] : [[target.name, rules[target.name] ?? []] as const];
  });
  if (values.length + brought.length === 0) return undefined;
  return {
    bare: { ...own, ...Object.fromEntries(values) },
    rules: { ...rulesOf(member), ...Object.fromEntries(brought) },
  };
}

function isSame(a: Configuration, b: Configuration, name: string): boolean {
  return canonicalJson(a[name] ?? null) === canonicalJson(b[name] ?? null);
}

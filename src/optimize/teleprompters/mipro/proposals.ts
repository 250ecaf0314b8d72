import { mean } from "#programs";
import { shownAttempts } from "../../proposing/attempts.ts";
import { chooseCases } from "../../proposing/choose-cases.ts";
import { instructionWork } from "../../proposing/instruction-proposal.ts";
import { knownCases } from "../../proposing/known-cases.ts";
import type { PlannedWork } from "../../proposing/planned-work.ts";
import { readProposal } from "../../proposing/read-proposal.ts";
import { textRead } from "../../proposing/text-target.ts";
import type { TextTarget } from "../../proposing/text-target.ts";
import { tips } from "../../proposing/tips.ts";
import type { CompleteWork } from "../../teleprompter.ts";
import { estimatesOf } from "./estimates.ts";
import type { MiproPlan } from "./mipro-plan.ts";
import { chanceOf, meanOf } from "./mipro-state.ts";
import type { MiproState } from "./mipro-state.ts";

/** How many tokens the earlier attempts in a prompt may have, and how many they are. */
const attemptTokens = 1200;
const maxAttempts = 8;

/** The calls of a phase that proposes: so many for each text, each from other cases and with another tip. */
export function proposingWork(state: MiproState, plan: MiproPlan): readonly PlannedWork[] {
  return plan.texts.flatMap((target, place) =>
    proposalIds(state, plan, place).map((id, at) => ({ id, make: () => proposal(state, plan, target, { id, at }) })),
  );
}

interface Numbered {
  readonly id: string;
  readonly at: number;
}

function proposal(state: MiproState, plan: MiproPlan, target: TextTarget, { id, at }: Numbered): CompleteWork {
  const chance = chanceOf(state).fork(id);
  const cases = knownCases(chance.fork("cases"), target, state.task, state.lessons);
  const worths = [...textWorths(state, target.name)];
  const [best] = worths.toSorted((a, b) => b[1].score - a[1].score)[0] ?? [];
  const attempts = worths.map(([value, worth]) => ({ instruction: textRead(target, value), ...worth }));
  // Where proposals came to nothing, their prompts may have been too long.
  const share = 0.5 ** state.barren;
  return instructionWork(state.task, {
    id,
    purpose: `${whenOf(state)}, proposal ${at + 1} for ${target.name}`,
    target,
    current: best ?? state.texts[target.name]?.[0] ?? "",
    summary: state.summary,
    cases: chooseCases(chance, cases, { maxTokens: plan.shownTokens * share }),
    attempts: shownAttempts(attempts, maxAttempts, attemptTokens * share),
    tip: tips[(at + state.round * plan.refreshed) % tips.length],
    maxTokens: plan.maxTokens,
  });
}

/** The state with the texts that the phase's replies have brought. */
export function withProposals(state: MiproState, plan: MiproPlan): MiproState {
  const texts = { ...state.texts };
  let count = 0;
  for (const [place, target] of plan.texts.entries())
    for (const id of proposalIds(state, plan, place)) {
      const pool = texts[target.name] ?? [];
      const text = proposedText(state, plan, target, pool, id);
      if (text === undefined) continue;
      texts[target.name] = [...pool, text];
      count++;
    }
  return { ...state, texts, barren: count > 0 || plan.texts.length === 0 ? 0 : state.barren + 1 };
}

function proposedText(
  { replies }: MiproState,
  { maxTokens }: MiproPlan,
  target: TextTarget,
  pool: readonly string[],
  id: string,
): string | undefined {
  const reply = replies[id];
  if (reply === undefined) return undefined;
  const known = pool.map((value) => textRead(target, value));
  const read = readProposal(reply, "proposed_instruction", { variable: target.variable, known, maxTokens });
  return read.ok ? read.text : undefined;
}

function proposalIds({ phase, round }: MiproState, plan: MiproPlan, place: number): readonly string[] {
  const isFirst = phase === "propose";
  const count = isFirst ? plan.instructions : plan.refreshed;
  return Array.from({ length: count }, (_, at) => `propose-${isFirst ? 0 : round + 1}-${place + 1}-${at + 1}`);
}

function whenOf({ phase, round }: MiproState): string {
  return phase === "propose" ? "before the search" : `after round ${round + 1}`;
}

/** What a text was measured to be worth, and on how many examples. */
interface Worth {
  readonly score: number;
  readonly examples: number;
}

/** What each text of a variable is worth: the mean of its trials, drawn towards that of all trials, the fewer they are. */
function textWorths(state: MiproState, name: string): ReadonlyMap<string, Worth> {
  const known = estimatesOf(state).map(({ trial, mean: score }) => {
    return { value: trial.choice[name], score, examples: Object.keys(trial.scores).length };
  });
  const base = meanOf(state.baseline);
  if (base !== undefined) {
    const examples = Object.keys(state.baseline?.scores ?? {}).length;
    known.unshift({ value: state.texts[name]?.[0], score: base, examples });
  }
  const centre = known.length === 0 ? 0 : mean(known.map(({ score }) => score));
  const worths = [...Map.groupBy(known, ({ value }) => value)].flatMap(([value, group]) => {
    if (typeof value !== "string") return [];
    const score = group.reduce((sum, each) => sum + each.score, centre) / (group.length + 1);
    return [[value, { score, examples: group.reduce((sum, each) => sum + each.examples, 0) }] as const];
  });
  return new Map(worths);
}

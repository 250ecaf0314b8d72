import { shownAttempts } from "../../proposing/attempts.ts";
import type { Attempt } from "../../proposing/attempts.ts";
import { chooseCases } from "../../proposing/choose-cases.ts";
import { instructionWork } from "../../proposing/instruction-proposal.ts";
import { knownCases } from "../../proposing/known-cases.ts";
import type { PlannedWork } from "../../proposing/planned-work.ts";
import { readProposal } from "../../proposing/read-proposal.ts";
import { textRead } from "../../proposing/text-target.ts";
import type { TextTarget } from "../../proposing/text-target.ts";
import { tips } from "../../proposing/tips.ts";
import type { CompleteWork } from "../../teleprompter.ts";
import { instructionsOf } from "./beacon-plan.ts";
import type { BeaconPlan } from "./beacon-plan.ts";
import { chanceOf } from "./beacon-state.ts";
import type { BeaconState } from "./beacon-state.ts";
import { lessonWork } from "./lesson-work.ts";
import { optionSpace } from "./pools.ts";
import { withRuledTexts } from "./ruled-texts.ts";
import { evidenceOf, rankedEvidence } from "./surrogate.ts";

/** How many tokens the earlier attempts in a prompt may have, and how many they are. */
const attemptTokens = 1200;
const maxAttempts = 8;

/**
 * The calls that propose texts, so many for each text: each from other cases and with another tip, one in three from the
 * cases alone, without the attempts, so that not all proposals are variations of the best; then those for rules.
 */
export function proposingWork(state: BeaconState, plan: BeaconPlan): readonly PlannedWork[] {
  return plan.texts.flatMap((target, place) => {
    let known: readonly TriedText[] | undefined;
    const tried = (): readonly TriedText[] => (known ??= triedTexts(state, plan, target));
    return [
      ...proposalIds(state, plan, place).map((id, at) => ({
        id,
        make: () => proposal(state, plan, target, { id, at, tried: tried() }),
      })),
      ...lessonWork(state, plan, place, () => tried()[0]?.value),
    ];
  });
}

interface Numbered {
  readonly id: string;
  readonly at: number;
  readonly tried: readonly TriedText[];
}

function proposal(state: BeaconState, plan: BeaconPlan, target: TextTarget, { id, at, tried }: Numbered): CompleteWork {
  const chance = chanceOf(state).fork(id);
  const cases = knownCases(chance.fork("cases"), target, state.task, state.lessons);
  const shown = tried.map(({ attempt }) => attempt);
  // Where proposals came to nothing, their prompts may have been too long.
  const share = 0.5 ** state.barren;
  const isFresh = at % 3 === 2;
  return instructionWork(state.task, {
    id,
    purpose: `${state.round === 0 ? "before the search" : `after round ${state.round}`}, proposal ${at + 1} for ${target.name}`,
    target,
    current: tried[0]?.value ?? state.texts[target.name]?.[0] ?? "",
    summary: state.summary,
    cases: chooseCases(chance, cases, { maxTokens: plan.shownTokens * share }),
    attempts: isFresh ? [] : shownAttempts(shown, maxAttempts, attemptTokens * share),
    tip: tips[(at + state.round * plan.refreshed) % tips.length],
    maxTokens: plan.maxTokens,
  });
}

interface TriedText {
  /** As configurations have it. */
  readonly value: string;
  readonly attempt: Attempt;
}

/** Each text with the best that is known of it, the text of the highest posterior mean first. */
function triedTexts(state: BeaconState, plan: BeaconPlan, target: TextTarget): readonly TriedText[] {
  const options = optionSpace(state);
  const unit = plan.rungs[0] ?? 1;
  const seen = new Set<string>();
  return rankedEvidence(options, evidenceOf(state, plan, options)).flatMap(({ configuration, worth, repeats }) => {
    const value = configuration[target.name];
    if (typeof value !== "string" || seen.has(value)) return [];
    seen.add(value);
    const instruction = textRead(target, value);
    return [{ value, attempt: { instruction, score: worth, examples: Math.round(repeats * unit) } }];
  });
}

/** The state with the texts that the phase's replies have brought. */
export function withProposals(state: BeaconState, plan: BeaconPlan): BeaconState {
  const texts = { ...state.texts };
  let count = 0;
  for (const [place, target] of plan.texts.entries())
    for (const id of proposalIds(state, plan, place)) {
      const pool = texts[target.name] ?? [];
      const text = proposedText(state, plan, { target, pool, id });
      if (text === undefined) continue;
      texts[target.name] = [...pool, text];
      count++;
    }
  const proposed = { ...state, texts };
  const taught = plan.texts.reduce(
    (now, target, place) =>
      withRuledTexts(
        now,
        plan,
        place,
        triedTexts(state, plan, target).map(({ value }) => value),
      ),
    proposed,
  );
  const isBarren = count === 0 && taught === proposed && plan.texts.length > 0;
  return { ...taught, barren: isBarren ? state.barren + 1 : 0 };
}

interface Replied {
  readonly target: TextTarget;
  readonly pool: readonly string[];
  readonly id: string;
}

function proposedText(
  { replies }: BeaconState,
  { maxTokens }: BeaconPlan,
  { target, pool, id }: Replied,
): string | undefined {
  const reply = replies[id];
  if (reply === undefined) return undefined;
  const known = pool.map((value) => textRead(target, value));
  const read = readProposal(reply, "proposed_instruction", { variable: target.variable, known, maxTokens });
  return read.ok ? read.text : undefined;
}

function proposalIds({ round }: BeaconState, plan: BeaconPlan, place: number): readonly string[] {
  return Array.from({ length: instructionsOf(plan, round) }, (_, at) => `propose-${round}-${place + 1}-${at + 1}`);
}

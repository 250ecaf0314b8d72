import { UsageError } from "#foundation";
import type { JsonObject } from "#foundation";
import { checkCounts } from "../check-counts.ts";
import { chooseCases } from "../proposing/choose-cases.ts";
import { knownCases } from "../proposing/known-cases.ts";
import type { PlannedWork } from "../proposing/planned-work.ts";
import { checkText, readRules } from "../proposing/read-proposal.ts";
import { roundSearch } from "../proposing/round-search.ts";
import { chanceOf, leaderOf, shownShare } from "../proposing/round-state.ts";
import type { RoundCandidate, RoundState } from "../proposing/round-state.ts";
import { rulesWork } from "../proposing/rule-proposal.ts";
import { textRead, textTargets, textValue } from "../proposing/text-target.ts";
import type { TextTarget } from "../proposing/text-target.ts";
import { tips } from "../proposing/tips.ts";
import type { CompleteWork, Task, Teleprompter } from "../teleprompter.ts";

export interface InferRulesOptions {
  /** The most rules after an instruction; 10 unless told. */
  readonly rules?: number;
  /** How many lists of rules are tried at most; 20 unless told. */
  readonly candidates?: number;
  /** How many training examples the best so far runs before each round; 32 unless told. */
  readonly batch?: number;
  /** The longest useful text in tokens, rules included, where that is less than its variable allows. */
  readonly maxTokens?: number;
  /** How many tokens of examples a call is shown; 4,000 unless told. */
  readonly shownTokens?: number;
}

export type InferRulesState = RoundState;

type Options = Required<Omit<InferRulesOptions, "maxTokens">> & Pick<InferRulesOptions, "maxTokens">;

/** How many lists a round tries, and how many of them are asked for. */
const perRound = 5;
const inductions = 3;

const heading = "Follow these rules:";

/**
 * Rules after the instruction, learnt from what goes wrong. Each round the best so far runs training examples; three calls
 * say which rules it should have, from its failures; five lists are compared on the same validation examples: the three as
 * they came (rules edited, dropped, added), the old list with what is new in the first (appended), and the old one
 * without one of its rules, each in turn, so that a rule that does not help goes: a shorter text that does as well wins.
 *
 * After DSPy's InferRules, whose candidates are independent of each other and of the program's mistakes, only ever add,
 * and are each measured on all examples. Numbers, models and demonstrations stay as they are.
 */
export function inferRules(options: InferRulesOptions = {}): Teleprompter<InferRulesState> {
  const { rules = 10, candidates = 20, batch = 32, maxTokens, shownTokens = 4000 } = options;
  const all = { rules, candidates, batch, shownTokens, ...(maxTokens === undefined ? {} : { maxTokens }) };
  checkCounts("inferRules", all);
  return roundSearch({
    name: "infer_rules",
    options: all,
    batch,
    rounds: () => Math.ceil(candidates / perRound),
    check: checkTask,
    proposals: (state) => proposals(state, all),
    candidates: (state) => lists(state, all),
  });
}

function checkTask(task: Task): void {
  if (textTargets(task).length === 0) {
    const stage = task.program.pipeline[0]?.id ?? "predict";
    throw new UsageError(
      `inferRules: the space has no text variable that is active in the baseline, such as text("${stage}.instructions")`,
    );
  }
}

function proposals(state: RoundState, { rules, shownTokens }: Options): readonly PlannedWork<CompleteWork>[] {
  const { task, round } = state;
  const target = targetOf(state);
  if (task.train.length === 0) return [];
  return Array.from({ length: inductions }, (_, at) => {
    const id = inductionId(state, at);
    const make = (): CompleteWork => {
      const chance = chanceOf(state).fork(id);
      const cases = knownCases(chance.fork("cases"), target, task, state.lessons);
      return rulesWork(task, {
        id,
        purpose: `round ${round + 1}: rules for ${target.name}, ${at + 1}`,
        target,
        current: textRead(target, textValue(target, leaderOf(state).configuration)),
        cases: chooseCases(chance, cases, { maxTokens: shownTokens * shownShare(state) }),
        tip: at === 0 ? undefined : tips[round % tips.length],
        rules,
      });
    };
    return { id, make };
  });
}

function inductionId({ round }: RoundState, at: number): string {
  return `rules-${round + 1}-${at + 1}`;
}

/** A list of rules with what it is, for people. */
interface RuleList {
  readonly rules: readonly string[];
  readonly purpose: string;
}

function lists(state: RoundState, options: Options): readonly RoundCandidate[] {
  const { task, round, entrants } = state;
  const target = targetOf(state);
  const { configuration } = leaderOf(state);
  const base = textRead(target, textValue(target, task.baseline));
  const known = [base, ...entrants.map((entrant) => textValue(target, entrant.configuration))];
  const left = Math.min(perRound, options.candidates - entrants.length);
  const candidates: RoundCandidate[] = [];
  for (const { rules, purpose } of variants(state, target, options)) {
    const text = fittingText(target, base, rules, known, options);
    if (text === undefined || candidates.length >= left) continue;
    known.push(text.text);
    candidates.push({
      configuration: { ...configuration, [target.name]: text.text },
      purpose: `${target.name}, round ${round + 1}: ${purpose}`,
      note: { rules: { ...rulesOf(leaderOf(state).note), [target.name]: text.rules } },
    });
  }
  return candidates;
}

/** What may become of the rules, the most promising first. */
function variants(state: RoundState, target: TextTarget, { rules: most }: Options): readonly RuleList[] {
  const old = rulesOf(leaderOf(state).note)[target.name] ?? [];
  const base = textRead(target, textValue(target, state.task.baseline));
  const asked = Array.from({ length: inductions }, (_, at) => {
    const reply = state.replies[inductionId(state, at)];
    const rules = reply === undefined ? [] : readRules(reply, "rules");
    return rules.filter((rule) => !base.includes(rule) && rule !== heading).slice(0, most);
  });
  const [first = []] = asked;
  const fresh = first.filter((rule) => !old.includes(rule));
  const lists: RuleList[] = asked.map((rules, at) => ({ rules, purpose: `rules as induced, ${at + 1}` }));
  if (old.length === 0)
    lists.push({ rules: first.slice(0, Math.ceil(first.length / 2)), purpose: "the first half of them" });
  if (old.length > 0 && fresh.length > 0)
    lists.push({ rules: [...old, ...fresh].slice(-most), purpose: `${fresh.length} rules appended` });
  for (const at of old.keys()) {
    const dropped = (state.round + at) % old.length;
    lists.push({ rules: old.toSpliced(dropped, 1), purpose: `without rule ${dropped + 1}` });
  }
  return lists;
}

/** The instruction with as many of the rules as fit; `undefined` where nothing new comes of it. */
function fittingText(
  target: TextTarget,
  base: string,
  rules: readonly string[],
  known: readonly string[],
  { maxTokens }: Options,
): { readonly text: string; readonly rules: readonly string[] } | undefined {
  for (let count = rules.length; count > 0; count--) {
    const kept = rules.slice(0, count);
    const text = [base, heading, ...kept].filter((line) => line !== "").join("\n");
    if (checkText(text, { variable: target.variable, known: [], maxTokens }).ok)
      return checkText(text, { variable: target.variable, known, maxTokens }).ok ? { text, rules: kept } : undefined;
  }
  return undefined;
}

function rulesOf(note: JsonObject | undefined): Readonly<Record<string, readonly string[]>> {
  return (note?.["rules"] ?? {}) as Readonly<Record<string, readonly string[]>>;
}

function targetOf({ task, round }: RoundState): TextTarget {
  const targets = textTargets(task);
  return targets[round % targets.length] as TextTarget;
}

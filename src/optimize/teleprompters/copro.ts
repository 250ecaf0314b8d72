import { UsageError } from "#foundation";
import { meanScore } from "../score-board.ts";
import { checkCounts } from "../check-counts.ts";
import { shownAttempts, shrunkenEstimate } from "../proposing/attempts.ts";
import type { Attempt } from "../proposing/attempts.ts";
import { chooseCases } from "../proposing/choose-cases.ts";
import { instructionWork } from "../proposing/instruction-proposal.ts";
import { knownCases } from "../proposing/known-cases.ts";
import type { PlannedWork } from "../proposing/planned-work.ts";
import { readProposal } from "../proposing/read-proposal.ts";
import { roundSearch } from "../proposing/round-search.ts";
import { chanceOf, leaderOf, shownShare } from "../proposing/round-state.ts";
import type { RoundCandidate, RoundState } from "../proposing/round-state.ts";
import { textRead, textTargets, textValue } from "../proposing/text-target.ts";
import type { TextTarget } from "../proposing/text-target.ts";
import { tips } from "../proposing/tips.ts";
import type { CompleteWork, Task, Teleprompter } from "../teleprompter.ts";

export interface CoproOptions {
  /** How many texts are proposed at once; 10 unless told. */
  readonly breadth?: number;
  /** How often every text of the space has its turn; 3 unless told. */
  readonly depth?: number;
  /** How many training examples the best so far runs before each turn, so that proposals see what goes wrong; 16 unless told. */
  readonly batch?: number;
  /** The longest useful text in tokens, where that is less than its variable allows. */
  readonly maxTokens?: number;
  /** How many tokens of examples a proposal is shown; 4,000 unless told. */
  readonly shownTokens?: number;
}

export type CoproState = RoundState;

/** How many tokens the earlier attempts in a prompt may have. */
const attemptTokens = 1200;

/**
 * Coordinate ascent over the texts of a program (Yang et al. 2023, as DSPy's COPRO has it): one text at a time, with the
 * others as they are in the best configuration, `breadth` new ones are asked for at once, from the text so far, what came
 * of training examples, and the attempts with their scores; the best goes on.
 *
 * Differences: proposals see examples with feedback, not scores alone, and examples of the training split, while the choice
 * is made on validation; each turn's candidates are compared by successive halving on the same examples instead of each on
 * all (a third of the evaluations), a score from few examples is drawn towards the baseline's before a model reads it, and
 * useless proposals (empty, known, too long) cost no evaluation. Numbers, models and demonstrations stay as they are.
 */
export function copro(options: CoproOptions = {}): Teleprompter<CoproState> {
  const { breadth = 10, depth = 3, batch = 16, maxTokens, shownTokens = 4000 } = options;
  const all = { breadth, depth, batch, shownTokens, ...(maxTokens === undefined ? {} : { maxTokens }) };
  checkCounts("copro", all);
  return roundSearch({
    name: "copro",
    options: all,
    batch,
    rounds: (task) => depth * textTargets(task).length,
    check: checkTask,
    proposals: (state) => proposals(state, { breadth, shownTokens, maxTokens }),
    candidates: (state) => candidates(state, maxTokens),
  });
}

function checkTask(task: Task): void {
  if (textTargets(task).length > 0) return;
  const stage = task.program.pipeline[0]?.id ?? "predict";
  throw new UsageError(
    `copro: the space has no text variable that is active in the baseline, such as text("${stage}.instructions")`,
  );
}

interface Asking {
  readonly breadth: number;
  readonly shownTokens: number;
  readonly maxTokens: number | undefined;
}

function proposals(
  state: RoundState,
  { breadth, shownTokens, maxTokens }: Asking,
): readonly PlannedWork<CompleteWork>[] {
  const { task, round } = state;
  const target = targetOf(state);
  const share = shownShare(state);
  return Array.from({ length: breadth }, (_, at) => {
    const id = `propose-${round + 1}-${at + 1}`;
    const make = (): CompleteWork => {
      const chance = chanceOf(state).fork(id);
      const cases = knownCases(chance.fork("cases"), target, task, state.lessons);
      return instructionWork(task, {
        id,
        purpose: `round ${round + 1}: proposal ${at + 1} for ${target.name}`,
        target,
        current: textValue(target, leaderOf(state).configuration),
        cases: chooseCases(chance, cases, { maxTokens: shownTokens * share }),
        attempts: shownAttempts(attemptsOf(target, state), breadth, attemptTokens * share),
        tip: tips[(round * breadth + at) % tips.length],
        maxTokens,
      });
    };
    return { id, make };
  });
}

function candidates(state: RoundState, maxTokens: number | undefined): readonly RoundCandidate[] {
  const target = targetOf(state);
  const { configuration } = leaderOf(state);
  const tried = [state.task.baseline, configuration, ...state.entrants.map((entrant) => entrant.configuration)];
  const known = tried.map((each) => textRead(target, textValue(target, each)));
  return Object.keys(state.replies)
    .toSorted((a, b) => placeOf(a) - placeOf(b))
    .flatMap((id) => {
      const reply = state.replies[id];
      const read =
        reply && readProposal(reply, "proposed_instruction", { variable: target.variable, known, maxTokens });
      if (read === undefined || !read.ok) return [];
      known.push(read.text);
      const purpose = `${target.name}, proposal ${placeOf(id)} of round ${state.round + 1}`;
      return [{ configuration: { ...configuration, [target.name]: read.text }, purpose }];
    });
}

/** Replies are read in the order of their calls, whichever came first. */
function placeOf(id: string): number {
  return Number(id.slice(id.lastIndexOf("-") + 1));
}

function targetOf({ task, round }: RoundState): TextTarget {
  const targets = textTargets(task);
  return targets[round % targets.length] as TextTarget;
}

function attemptsOf(target: TextTarget, { task, baseline, entrants }: RoundState): readonly Attempt[] {
  const base = baseline && meanScore(baseline);
  if (baseline === undefined || base === undefined) return [];
  const examples = Object.keys(baseline.scores).length;
  const first = { instruction: textRead(target, textValue(target, task.baseline)), score: base, examples };
  return [
    first,
    ...entrants.flatMap(({ configuration, scores }) => {
      const score = shrunkenEstimate(scores, baseline.scores);
      const instruction = textRead(target, textValue(target, configuration));
      return score === undefined ? [] : [{ instruction, score, examples: Object.keys(scores).length }];
    }),
  ];
}

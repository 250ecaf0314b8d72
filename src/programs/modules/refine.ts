import { describe, UsageError } from "#foundation";
import type { Context, StageCall, StageResult } from "../module.ts";
import type { StageDraft } from "../stage.ts";
import type { Signature } from "../signatures/signature.ts";
import { attemptDefaults, attemptedStage, attemptHistory, attemptOnce, attemptOptions } from "./attempts.ts";
import { failedUsage, failureOf } from "./attempts.ts";
import type { Attempt } from "./attempts.ts";
import { broughtStage, countSetting } from "./brought-stage.ts";
import type { BroughtStage, BroughtStageOptions } from "./brought-stage.ts";
import { freeFieldName, remembered, withFurtherInputs } from "./extended-signature.ts";
import { predict } from "./predict.ts";
import { bestOf, checkScore, scored } from "./score.ts";
import type { ScoreAttempt, ScoredAttempt } from "./score.ts";

export interface RefineOptions extends BroughtStageOptions {
  readonly score: ScoreAttempt;
  /** The score that is good enough: no further attempt is made. The setting `threshold` of the stage. */
  readonly threshold: number;
  /** How many attempts are made at most; 3 unless told. The setting `n` of the stage. */
  readonly n?: number;
  /** What is attempted; `predict()` unless told. */
  readonly stage?: StageDraft;
}

/**
 * Answers one after another, each but the first with the one before it, its score and the score's feedback shown, until
 * one is good enough or `n` were made. The best is taken; of equal ones the first. An attempt that fails is out; when all
 * do, the first one's failure is the stage's. All attempts are paid for and are in the history.
 */
export function refine(options: RefineOptions): BroughtStage {
  const { score, n, threshold, stage: inner = predict() } = options;
  checkScore("refine", score);
  if (typeof threshold !== "number" || Number.isNaN(threshold))
    throw new UsageError(`refine.threshold: expected a number, got ${describe(threshold)}`);
  const revised = remembered(revision);
  return broughtStage({
    usualName: "refine",
    options,
    configuration: { n, threshold },
    settings: ["n", "threshold"],
    stages: [inner],
    run: (context, stage) => refined({ score, threshold, n, revised }, context, stage),
  });
}

interface Refining extends Pick<RefineOptions, "score" | "threshold"> {
  readonly n: number | undefined;
  readonly revised: (signature: Signature) => Revision;
}

async function refined(refining: Refining, context: Context, stage: StageCall): Promise<StageResult> {
  const inner = attemptedStage(stage);
  const n = countSetting(stage, "n", { usual: refining.n ?? attemptDefaults.n, max: attemptDefaults.maxN });
  const enough = thresholdSetting(stage, refining.threshold);
  const inputs = { ...context.inputs, ...context.outputs };
  const revision = refining.revised(inner.signature);
  const [made, judged]: [Attempt[], ScoredAttempt[]] = [[], []];
  while (made.length < n) {
    const last = judged.at(-1);
    const options = { ...attemptOptions(stage, made.length, n), signal: stage.signal };
    const shown = last === undefined ? context : revision.show(context, last, enough);
    const signature = last === undefined ? undefined : revision.signature;
    const attempt = await attemptOnce(inner, shown, { ...options, signature });
    made.push(attempt);
    if (!attempt.ok) continue;
    const judgement = await scored(refining.score, attempt, { inputs, stage, made });
    judged.push(judgement);
    if (judgement.score >= enough) break;
  }
  const best = bestOf(judged);
  if (best === undefined) throw failureOf(made);
  const { outputs } = best.attempt;
  stage.onPartial?.(outputs, 1);
  return { outputs, history: attemptHistory(made), usage: failedUsage(made) };
}

function thresholdSetting(stage: StageCall, usual: number): number {
  const value = stage.setting("threshold") ?? usual;
  if (typeof value === "number") return value;
  throw new UsageError(`configuration ${stage.id}.threshold: expected a number, got ${describe(value)}`);
}

/** How a further attempt is asked for. */
interface Revision {
  readonly signature: Signature;
  readonly show: (context: Context, last: ScoredAttempt, enough: number) => Context;
}

function revision(signature: Signature): Revision {
  const previous = freeFieldName(signature, "previous_answer");
  const feedback = freeFieldName(signature, "feedback");
  return {
    signature: withFurtherInputs(signature, [
      { name: previous, type: { kind: "json" }, description: "An earlier answer, which was not good enough" },
      { name: feedback, type: { kind: "string" }, description: "How good it was and what would be better" },
    ]),
    show: (context, last, enough) => {
      const words = `It scored ${last.score}; at least ${enough} is wanted. ${last.feedback}`.trimEnd();
      return { ...context, inputs: { ...context.inputs, [previous]: last.attempt.signed, [feedback]: words } };
    },
  };
}

import type { StageResult } from "../module.ts";
import type { StageDraft } from "../stage.ts";
import { attemptAll, attemptDefaults, attemptHistory, failedUsage, failureOf } from "./attempts.ts";
import { broughtStage, countSetting } from "./brought-stage.ts";
import type { BroughtStage, BroughtStageOptions } from "./brought-stage.ts";
import { predict } from "./predict.ts";
import { bestOf, checkScore, scored } from "./score.ts";
import type { ScoreAttempt } from "./score.ts";

export interface BestOfNOptions extends BroughtStageOptions {
  readonly score: ScoreAttempt;
  /** How many attempts are made; 3 unless told. The setting `n` of the stage. */
  readonly n?: number;
  /** What is attempted; `predict()` unless told. */
  readonly stage?: StageDraft;
  /** Attempts at once; 4 unless told. */
  readonly concurrency?: number;
}

/**
 * The best of several independent answers, by a score; of equal ones the first. An attempt that fails is out; when all
 * do, the first one's failure is the stage's. All attempts are paid for and are in the history.
 */
export function bestOfN(options: BestOfNOptions): BroughtStage {
  const { score, n, stage: inner = predict(), concurrency = attemptDefaults.concurrency } = options;
  checkScore("bestOfN", score);
  return broughtStage({
    usualName: "best_of_n",
    options,
    configuration: { n },
    settings: ["n"],
    stages: [inner],
    async run(context, stage): Promise<StageResult> {
      const count = countSetting(stage, "n", { usual: n ?? attemptDefaults.n, max: attemptDefaults.maxN });
      const made = await attemptAll(context, stage, { n: count, concurrency });
      const inputs = { ...context.inputs, ...context.outputs };
      const succeeded = made.filter((attempt) => attempt.ok);
      const best = bestOf(
        await Promise.all(succeeded.map((attempt) => scored(score, attempt, { inputs, stage, made }))),
      );
      if (best === undefined) throw failureOf(made);
      const { outputs } = best.attempt;
      stage.onPartial?.(outputs, 1);
      return { outputs, history: attemptHistory(made), usage: failedUsage(made) };
    },
  });
}

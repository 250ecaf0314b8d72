import type { Clock, Json, Store } from "#foundation";
import type { AgentRuntime } from "#foundation/agents";
import type { Example, LanguageModel, Metric, Module, Program } from "#programs";
import type { Space } from "#variables";
import type { LearnOptions } from "../learner/learn.ts";
import type { Budget } from "./account/budget.ts";
import type { CostWeight } from "./account/cost-weight.ts";
import type { ScopeWait } from "./scope-lease.ts";
import type { Teleprompter } from "../teleprompter.ts";

/** What a run needs that is code, and so cannot be stored: given at its start and at every resumption. */
export interface RunCode<I extends object = object, O extends object = object> {
  readonly store: Store;
  readonly metric: Metric<I, O>;
  readonly model: LanguageModel;
  /** The models that a configuration may name. */
  readonly models?: Readonly<Record<string, LanguageModel>>;
  /** Answers the teleprompter's own prompts; `model` unless told. */
  readonly promptModel?: LanguageModel;
  readonly modules?: readonly Module[];
  /** How long the metric may take for an example, ms; 120,000 unless told. One that takes longer has failed on it. */
  readonly metricTimeoutMs?: number;
  readonly clock?: Clock;
  /** Where the run's tasks live: of its supervisor, where it has one. A new one unless told. */
  readonly runtime?: AgentRuntime;
}

export interface StartOptions<I extends object = object, O extends object = object>
  extends RunCode<I, O>, ScopeWait, LearnOptions {
  readonly program: Program<I, O>;
  readonly space: Space;
  /** A teleprompter or the name of one. */
  readonly teleprompter: Teleprompter | string;
  readonly train: readonly Example<I, O>[];
  /** For choosing the winner. A random half of `train` unless told, which is then taken out of it. */
  readonly validation?: readonly Example<I, O>[];
  /** For the honest comparison at the end, touched once. Without it, significance is judged on validation. */
  readonly test?: readonly Example<I, O>[];
  readonly budget?: Budget;
  /**
   * What a unit of cost counts against the score on each example, `{ usd: 10 }`: the winner is then chosen and judged by
   * its score less its cost. Every teleprompter hears such scores; the log and the report keep the metric's own too.
   */
  readonly costWeight?: CostWeight;
  /**
   * The most tokens, estimated, of the texts and demonstrations that any stage's prompt has. Our teleprompters make no
   * candidates beyond it; one that another one makes fails on every example without a call.
   */
  readonly maxPromptTokens?: number;
  /** Where all chance of the run comes from. New for every run unless told. */
  readonly seed?: string | number;
  /** Examples at once; 8 unless told. */
  readonly concurrency?: number;
  /** Outcomes are told in the order of their issue, so that equal runs take equal ways. Costs some idle time. */
  readonly deterministic?: boolean;
  /** The stored program that the run belongs to; it gets the chosen configuration. */
  readonly programId?: string;
  /**
   * What at most one run works on at a time; a run whose process was killed frees it after three seconds. `programId`
   * unless told; without either a run waits for no other.
   */
  readonly scope?: string;
  /** How many examples and proposals the run is likely to take in all (`likelyCost`): tells `status()` when it will end. */
  readonly expectedRuns?: number;
  /** Whatever whoever resumes the run needs to find its code again. */
  readonly source?: Json;
}

import type { Json, JsonObject, Rng } from "#foundation";
import type { DetailedScore, Example, Program, Usage } from "#programs";
import type { Configuration, Space, Variable } from "#variables";

/**
 * A way to find a better configuration, without doing anything: it says what it wants to know (`ask`) and takes in
 * what came (`tell`). Its state follows from the task and the outcomes alone, so that a log of the outcomes is all
 * that has to survive. Pure: the same arguments give the same result; nothing is changed in place.
 */
export interface Teleprompter<State = unknown> {
  /** Snake case, as users and stored runs name it. */
  readonly name: string;
  /** What it was made with, for the run's record; `make(options)` builds the same one again. */
  readonly options: JsonObject;
  /** The kinds of variable that it changes; others stay as the baseline has them. All kinds unless told. */
  readonly kinds?: readonly Variable["kind"][];
  /** Throws `UsageError` for a task that it can do nothing with. */
  start(task: Task): State;
  /** At most `capacity` further items; none when it first wants to hear of items already issued, or has finished. */
  ask(state: State, rng: Rng, capacity: number): readonly Work[];
  tell(state: State, told: Told): State;
  /** Why it has nothing more to ask, in words for the report; `undefined` while it may ask. */
  finished(state: State): string | undefined;
  /** The best configuration so far; `undefined` before any evaluation was told. Whoever measures nothing says no score. */
  incumbent(state: State): Incumbent | undefined;
}

/** What is to be optimised. */
export interface Task {
  readonly program: Program;
  readonly space: Space;
  /** The configuration that must be beaten: measured as it is given, like every candidate. */
  readonly baseline: Configuration;
  /** For learning: demonstrations, traces, feedback. */
  readonly train: readonly Example[];
  /** For choosing. Never the examples that the result is reported on. */
  readonly validation: readonly Example[];
  /** The most tokens, estimated, of the texts and demonstrations of any stage's prompt: longer ones are not run. */
  readonly maxPromptTokens?: number;
  /** What is known beforehand, from earlier runs on like tasks: whoever models scores may begin with it. */
  readonly known?: readonly KnownTrial[];
}

/** A configuration with what it is likely to score here. */
export interface KnownTrial {
  readonly configuration: Configuration;
  readonly score: number;
}

/** One item of work: plain data that any worker can perform. */
export type Work = EvaluateWork | CompleteWork;

/** Run the program with a configuration on examples and score it. */
export interface EvaluateWork {
  readonly kind: "evaluate";
  /** Unique within the run and the same whenever the run is repeated. */
  readonly id: string;
  /** Why it is done, for people. */
  readonly purpose: string;
  readonly configuration: Configuration;
  /** Teleprompters ask for train and validation; test belongs to the Runner's final comparison. */
  readonly split: Split;
  /** Places in the split. */
  readonly examples: readonly number[];
  /** Whether the results must carry what each stage produced. */
  readonly trace?: boolean;
  /**
   * Which of several independent measurements of the same configuration on the same examples this is; 0 unless told.
   * What was measured already in this run with the same configuration, example and rollout is answered from the run's
   * log, without a call. Whoever wants a fresh answer at a temperature above 0 gives another rollout.
   */
  readonly rollout?: number;
  /** Gives the candidate up as soon as it loses: the results told are then those up to the stop. */
  readonly race?: Race;
  /** What the teleprompter wants to read again about this item when it is told of it. */
  readonly note?: JsonObject;
}

export type Split = "train" | "validation" | "test";

/**
 * A candidate is run on the examples in the order of the work's list and looked at after so many of them; it stops at
 * the first look at which the signed-rank test says that it loses against the opponent on the same examples (`race`).
 * Compared are the examples that count for both; those that the opponent was not measured on in this run say nothing.
 */
export interface Race {
  /** Whom it must not lose against. */
  readonly against: Configuration;
  /** How many examples come before the first look; 16 unless told. */
  readonly minimum?: number;
  /** How many further examples come before each look after the first; 8 unless told. */
  readonly block?: number;
  /** How unlikely the losses must be, were it as good as the opponent, to stop it at a look; .07 unless told. */
  readonly level?: number;
}

/** Run another program once: a call that proposes text. */
export interface CompleteWork {
  readonly kind: "complete";
  readonly id: string;
  readonly purpose: string;
  readonly program: Program;
  readonly inputs: JsonObject;
  readonly overrides?: Configuration;
}

/** What a teleprompter hears, in this order: items are issued, then answered once each. */
export type Told =
  | { readonly type: "issued"; readonly work: readonly Work[] }
  | { readonly type: "evaluated"; readonly work: EvaluateWork; readonly results: readonly ExampleResult[] }
  | { readonly type: "completed"; readonly work: CompleteWork; readonly result: CompleteResult };

/** What came of one example, as plain data. Infrastructure failures are told apart and count in no score. */
export type ExampleResult = ScoredResult | FailedResult;

export interface ScoredResult extends DetailedScore, ResultBase {
  readonly ok: true;
  /** The metric's own score, where the run weighs costs: `score` is then less by what the example cost. */
  readonly metricScore?: number;
  /** Per stage what went in and came out, when the work asked for it. */
  readonly trace?: readonly TraceStep[];
}

export interface FailedResult extends ResultBase {
  readonly ok: false;
  readonly failure: "candidate" | "infrastructure";
  readonly message: string;
  /** What the candidate's failure counts as, where the run weighs costs: less than 0. It counts 0 otherwise. */
  readonly score?: number;
}

interface ResultBase {
  /** The example's place in its split. */
  readonly index: number;
  /** What it cost; when it is reused, what it cost then. */
  readonly usage: Usage;
  /** It comes from an earlier measurement in this run: it was not paid for again. */
  readonly reused?: true;
}

export interface TraceStep {
  readonly stage: string;
  readonly inputs: JsonObject;
  readonly outputs: JsonObject;
}

export type CompleteResult =
  | { readonly ok: true; readonly outputs: { readonly [name: string]: Json }; readonly usage: Usage }
  | {
      readonly ok: false;
      /** Whether the world failed, after retries, or the call as it was put; unknown in older logs. */
      readonly failure?: "candidate" | "infrastructure";
      readonly message: string;
      readonly usage: Usage;
    };

/** A configuration with what is known of it. */
export interface Incumbent {
  readonly configuration: Configuration;
  /** The mean score on the validation examples it was measured on; absent where nothing was measured. */
  readonly score?: number;
  /** The work that measured it; what it was made from where nothing was measured. */
  readonly work: string;
}

import type { Json, JsonObject, Rng } from "#foundation";
import type { DetailedScore, Example, Program, Usage } from "#programs";
import type { Configuration, Space } from "#variables";

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
  start(task: Task): State;
  /** At most `capacity` further items; none when it first wants to hear of items already issued, or has finished. */
  ask(state: State, rng: Rng, capacity: number): readonly Work[];
  tell(state: State, told: Told): State;
  /** Why it has nothing more to ask, in words for the report; `undefined` while it may ask. */
  finished(state: State): string | undefined;
  /** The best configuration so far; `undefined` before any evaluation was told. */
  incumbent(state: State): Incumbent | undefined;
}

/** What is to be optimised. */
export interface Task {
  readonly program: Program;
  readonly space: Space;
  /** The configuration that must be beaten. */
  readonly baseline: Configuration;
  /** For learning: demonstrations, traces, feedback. */
  readonly train: readonly Example[];
  /** For choosing. Never the examples that the result is reported on. */
  readonly validation: readonly Example[];
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
  /** What the teleprompter wants to read again about this item when it is told of it. */
  readonly note?: JsonObject;
}

export type Split = "train" | "validation" | "test";

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
  /** Per stage what went in and came out, when the work asked for it. */
  readonly trace?: readonly TraceStep[];
}

export interface FailedResult extends ResultBase {
  readonly ok: false;
  readonly failure: "candidate" | "infrastructure";
  readonly message: string;
}

interface ResultBase {
  /** The example's place in its split. */
  readonly index: number;
  readonly usage: Usage;
}

export interface TraceStep {
  readonly stage: string;
  readonly inputs: JsonObject;
  readonly outputs: JsonObject;
}

export type CompleteResult =
  | { readonly ok: true; readonly outputs: { readonly [name: string]: Json }; readonly usage: Usage }
  | { readonly ok: false; readonly message: string; readonly usage: Usage };

/** A configuration with what is known of it. */
export interface Incumbent {
  readonly configuration: Configuration;
  /** The mean score on the validation examples it was measured on. */
  readonly score: number;
  /** The work that measured it. */
  readonly work: string;
}

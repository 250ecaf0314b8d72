import type { Json } from "#foundation";
import type { Field } from "#programs";
import type { LabelProbability } from "../question.ts";

/** The format of a text that may have to be a number: the prompt does not say. */
export const untold = "untold";

/** What a prompt asks for, whatever dialect it was written in. */
export interface Task {
  readonly instruction: string;
  readonly inputs: readonly Field[];
  /** In the order in which they are to be answered. */
  readonly outputs: readonly Field[];
  readonly demos: readonly Demo[];
  /** The inputs to answer, as text by field name. */
  readonly input: ReadonlyMap<string, string>;
  /** The bounds of numeric outputs, by field name. */
  readonly bounds: ReadonlyMap<string, Bounds>;
}

/** A demonstration in the prompt. */
export interface Demo {
  readonly inputs: ReadonlyMap<string, string>;
  /** The outputs that the demo has; a demo may lack some. */
  readonly outputs: ReadonlyMap<string, Json>;
  /** Whether its answer does not keep the prompt's own format. */
  readonly broken: boolean;
  /** The index of its user message; the assistant's follows. */
  readonly at: number;
  /** The stretch of that message that it is, when it shares the message with other things. */
  readonly text?: string;
}

/** What a schema says about a number. */
export interface Bounds {
  readonly minimum?: number;
  readonly maximum?: number;
}

/** One output with the model's answer. */
export interface AnsweredField {
  readonly field: Field;
  /** `undefined` only for an optional output that the prompt gives no answer to. */
  readonly value: Json | undefined;
  /** The grounds in words; empty when there were none. */
  readonly because?: string;
  readonly labels?: readonly LabelProbability[];
}

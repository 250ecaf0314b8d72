import type { Json } from "#foundation";
import type { Field } from "#programs";
import type { Task } from "../dialects/task.ts";
import type { Mind } from "../question.ts";

/** What a kind of meta prompt is answered with. */
export interface MetaAnswer {
  /** By output name; what is missing is answered as in any other prompt. */
  readonly values: ReadonlyMap<string, Json>;
  /** What the answer was computed from, for outputs that ask for reasons. */
  readonly because: string;
}

/** A kind of prompt by which optimisers and managers ask: recognised by its fields, answered from its inputs. */
export interface MetaPrompt {
  readonly name: string;
  /** The outputs that make a task one of this kind; none when it is not. */
  readonly asked: (task: Task) => readonly Field[];
  readonly answer: (task: Task, asked: readonly Field[], mind: MetaMind) => MetaAnswer;
}

/** What answering takes besides the task. */
export type MetaMind = Pick<Mind, "features" | "sampling" | "rng">;

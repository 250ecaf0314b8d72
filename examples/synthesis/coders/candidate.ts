import { isPlainObject } from "tutti/foundation";
import type { Json } from "tutti/foundation";
import type { Hypothesis, Run } from "../programs/hypothesis.ts";
import { functionSource } from "../programs/source.ts";
import type { Task } from "../tasks/task.ts";
import { sameValue } from "../programs/value.ts";

/** A program that a coder proposes. Plain JSON: a type and no interface, as `Task`. */
export type Candidate = {
  /** A self-contained JavaScript function expression; its arguments are the input list. */
  readonly source: string;
  /**
   * The number of parts of the program and of an exception for each visible pair it gets wrong: what "simple" means to
   * reviewers. Comparable between coders.
   */
  readonly size: number;
  /** The id of the coder that wrote it. */
  readonly coder: string;
  /** How many of the pairs that the coder saw it gets wrong. */
  readonly errors: number;
  /** Its outputs on the task's probes, in order; null where it throws. */
  readonly probeOutputs: readonly Json[];
};

/** Whether a value that was sent is a program of a coder. */
export function isCandidate(value: unknown): value is Candidate {
  if (!isPlainObject(value)) return false;
  const { source, size, coder, errors, probeOutputs } = value;
  const isText = typeof source === "string" && typeof coder === "string";
  return isText && typeof size === "number" && typeof errors === "number" && Array.isArray(probeOutputs);
}

/** What a wrong visible pair adds to the size of a candidate: the exception that one would have to write for it. */
export const EXCEPTION_SIZE = 6;

/** The candidate that a hypothesis is for a task: its source, its errors and what it does on the probes. */
export function candidate(task: Task, { coder, hypothesis }: { coder: string; hypothesis: Hypothesis }): Candidate {
  const { body, size, run } = hypothesis;
  const errors = errorsOf(task, run);
  return {
    source: functionSource(task.train[0]?.input.length ?? 0, body),
    size: size + EXCEPTION_SIZE * errors,
    coder,
    errors,
    probeOutputs: task.probes.map((input) => run(input) ?? null),
  };
}

/** How many visible pairs a program gets wrong. */
export function errorsOf({ train }: Task, run: Run): number {
  return train.filter(({ input, output }) => !sameValue(run(input), output)).length;
}

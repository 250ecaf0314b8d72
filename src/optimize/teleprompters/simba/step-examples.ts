import { seededRng, shuffle } from "#foundation";
import type { Task } from "../../teleprompter.ts";

/** How many children a step has, and on how many training examples they are tried. */
export interface StepSize {
  readonly perStep: number;
  readonly minibatch: number;
}

/** What the baseline runs for the first children to learn from. */
export function firstLessons(task: Task, size: StepSize): readonly number[] {
  return slice(task, size, 0);
}

/**
 * The examples that the children of a step are tried on, which none of them learns from: those that the next step's
 * children learn from.
 */
export function batchOf(task: Task, size: StepSize, step: number): readonly number[] {
  return slice(task, size, step + 1);
}

/** The next training examples of an order that is drawn anew whenever it is used up. */
function slice({ train }: Task, { minibatch }: Pick<StepSize, "minibatch">, step: number): readonly number[] {
  const all = train.keys().toArray();
  if (minibatch >= all.length) return all;
  const perEpoch = Math.floor(all.length / minibatch);
  const from = (step % perEpoch) * minibatch;
  // The same for every run, so that it is no part of the state.
  const rng = seededRng("simba").fork(`epoch ${Math.floor(step / perEpoch)}`);
  return shuffle(rng, all).slice(from, from + minibatch);
}

/** The examples of a step on which a child shows whether the others are worth their runs. */
export function firstPart(batch: readonly number[]): readonly number[] {
  return batch.slice(0, Math.ceil(batch.length / 2));
}

/** The step that a child belongs to. */
export function stepOfChild(child: number, { perStep }: StepSize): number {
  return Math.floor(child / perStep);
}

import type { PeerTask } from "./peer-tasks.ts";

/** The share of held-out rows whose prediction is the label: the one scorer for everybody's programs. */
export function heldOutScore({ test }: Pick<PeerTask, "test">, predictions: readonly (string | null)[]): number {
  return test.filter(({ y }, at) => predictions[at] === y).length / test.length;
}

import type { RunSoFar } from "./topology.ts";

/** What became of the evaluators' judgement of an answer; `failed` when they were asked and came to no verdict. */
export type Judgement = "accepted" | "rejected" | "failed";

/** How an answer was judged since it was given; `undefined` while nobody has been asked. */
export function judgementOf({ calls, verdict }: RunSoFar, answer: number): Judgement | undefined {
  if (verdict?.on.includes(answer) === true) return verdict.accepted ? "accepted" : "rejected";
  return calls.some(({ id, kind }) => kind === "evaluate" && id > answer) ? "failed" : undefined;
}

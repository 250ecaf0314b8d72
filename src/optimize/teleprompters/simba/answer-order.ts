import { canonicalJson, shuffle } from "#foundation";
import type { JsonObject, Rng } from "#foundation";
import type { Task } from "../../teleprompter.ts";
import type { Trajectory } from "../pool/trajectory.ts";
import type { Bucket } from "./buckets.ts";

/** Examples in the order in which they should be shown: different answers first, of the same answer those that teach. */
export function byAnswers(rng: Rng, task: Task, buckets: readonly Bucket[]): readonly Bucket[] {
  const drawn = shuffle(rng, buckets);
  const byAnswer = [...Map.groupBy(drawn, ({ best, example }) => answerOf(task, example, best)).values()];
  const ranked = byAnswer.map((all) => all.toSorted((a, b) => Number(b.teaches) - Number(a.teaches)));
  const most = Math.max(0, ...ranked.map(({ length }) => length));
  return Array.from({ length: most }, (_, turn) => ranked.flatMap((all) => all.slice(turn, turn + 1))).flat();
}

/** What tells answers apart: what would have been right, where that is known, else what the best run gave. */
function answerOf({ train }: Task, example: number, best: Trajectory): string {
  const expected = (train[example]?.expected ?? {}) as JsonObject;
  return canonicalJson(Object.keys(expected).length > 0 ? expected : (best.trace.at(-1)?.outputs ?? null));
}

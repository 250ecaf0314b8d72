import type { JsonObject, Rng } from "#foundation";
import { textTargets } from "../../proposing/text-target.ts";
import type { CompleteWork, Task } from "../../teleprompter.ts";
import type { Member } from "../pool/member.ts";
import type { Trajectory } from "../pool/trajectory.ts";
import { bucketsOn } from "./buckets.ts";
import type { Bucket } from "./buckets.ts";
import { adviceWork } from "./rule-advice.ts";
import { rulesOf } from "./rules.ts";
import { orderId } from "./simba-state.ts";
import type { Order, SimbaState } from "./simba-state.ts";

/**
 * What was done on other training examples than those that the children are tried on, else a child would look better than
 * it is; on all, where there are no others.
 */
export function lessonsFor(batch: readonly number[], { trajectories }: SimbaState): readonly Trajectory[] {
  const held = new Set(batch);
  const others = trajectories.filter(({ example }) => !held.has(example));
  return others.length > 0 ? others : trajectories;
}

/** Where nobody did better, what would have been right must be known, or what the metric says. */
export function isTelling({ train }: Task, { gap, example, worst }: Bucket): boolean {
  const expected = (train[example]?.expected ?? {}) as JsonObject;
  return gap > 0 || Object.keys(expected).length > 0 || worst.feedback !== undefined;
}

interface LessonMaterial {
  readonly state: SimbaState;
  /** The training examples that the child is tried on. */
  readonly batch: readonly number[];
  readonly shownTokens: number;
  readonly rng: Rng;
}

/** The call for the rules of one of an order's lessons. */
export function lessonCall(
  { state, batch, shownTokens, rng }: LessonMaterial,
  order: Pick<Order, "strategy" | "child" | "parent" | "lessons">,
  part: number,
): CompleteWork {
  const { task, pool, trajectories, failed } = state;
  const lesson = order.lessons[part] as { readonly example: number };
  const { best, worst: worse, gap } = bucketsOn([lesson.example], trajectories).sorted[0] as Bucket;
  return adviceWork(task, {
    id: orderId(order, part),
    targets: textTargets(task),
    worse,
    better: gap > 0 ? best : undefined,
    parent: order.parent,
    rules: rulesOf(pool[order.parent] as Member),
    trajectories: lessonsFor(batch, state),
    without: batch,
    shownTokens: shownTokens / 2 ** Math.min(failed, maxHalvings),
    rng: rng.fork(`lesson ${part}`),
  });
}

const maxHalvings = 3;

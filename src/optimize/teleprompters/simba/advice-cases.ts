import { sampleItems } from "#foundation";
import type { Rng } from "#foundation";
import { chooseCases } from "../../proposing/choose-cases.ts";
import { isWhole, labelledCase } from "../../proposing/shown-case.ts";
import type { ShownCase, Viewer } from "../../proposing/shown-case.ts";
import type { Task } from "../../teleprompter.ts";
import { shownTrajectory } from "../pool/trajectory.ts";
import type { Trajectory } from "../pool/trajectory.ts";

/** More labelled examples than these fit into no prompt. */
const maxUnrun = 300;

interface CaseMaterial {
  readonly trajectories: readonly Trajectory[];
  /** Training examples that the advice is tried on. */
  readonly without: readonly number[];
  /** The place in the pool of the member that the advice is for. */
  readonly parent: number;
  readonly maxTokens: number;
}

/**
 * What advice for a stage must hold for: what the parent itself did on each training example (the worst that was done,
 * where it was not run there), the failures first, with what must stay right between them; where no label says what
 * would have been right, also the best that was done; then labelled examples that nobody ran.
 */
export function adviceCases(rng: Rng, viewer: Viewer, task: Task, material: CaseMaterial): readonly ShownCase[] {
  const { trajectories, without, parent, maxTokens } = material;
  const byExample = Map.groupBy(trajectories, ({ example }) => example);
  const ran = [...byExample.values()].flatMap((all) =>
    telling(all, parent).flatMap((each) => shownTrajectory(viewer, task, each) ?? []),
  );
  const held = new Set(without);
  const unrun = isWhole(viewer, task) ? task.train.filter((_, index) => !byExample.has(index) && !held.has(index)) : [];
  const labelled = sampleItems(rng.fork("unrun"), unrun, maxUnrun).map((example) => labelledCase(viewer, example));
  const cases = [...ran, ...labelled.filter(({ expected }) => expected !== undefined)];
  return chooseCases(rng.fork("cases"), cases, { maxTokens });

  function telling(all: readonly Trajectory[], member: number): readonly Trajectory[] {
    const ranked = all.toSorted((a, b) => a.score - b.score);
    const own = ranked.find((each) => each.member === member) ?? ranked[0];
    const best = ranked.at(-1);
    if (own === undefined || best === undefined) return [];
    const isLabelled = Object.keys(task.train[own.example]?.expected ?? {}).length > 0;
    return isLabelled || best.score <= own.score ? [own] : [own, best];
  }
}

import type { JsonObject } from "#foundation";
import type { PlannedWork } from "../../proposing/planned-work.ts";
import type { TextTarget } from "../../proposing/text-target.ts";
import type { CompleteWork } from "../../teleprompter.ts";
import { trajectoryOf } from "../pool/trajectory.ts";
import type { Trajectory } from "../pool/trajectory.ts";
import { adviceWork, readAdvice } from "../simba/rule-advice.ts";
import type { Rule } from "../simba/rules.ts";
import { lessonsOf } from "./beacon-plan.ts";
import type { BeaconPlan } from "./beacon-plan.ts";
import { chanceOf } from "./beacon-state.ts";
import type { BeaconState } from "./beacon-state.ts";

/**
 * The calls for rules behind the best text so far, as simba asks for them: each begins with another training
 * example that went wrong and shows other cases beside it.
 */
export function lessonWork(
  state: BeaconState,
  plan: BeaconPlan,
  place: number,
  best: () => string | undefined,
): readonly PlannedWork[] {
  const target = plan.texts[place] as TextTarget;
  return taughtBy(state, plan, place).map((lesson) => ({
    id: lesson.id,
    make: () => lessonCall(state, plan, { ...lesson, target, best: best() }),
  }));
}

/** The rules that each of the phase's replies states for a text. */
export function rulesTaught(state: BeaconState, plan: BeaconPlan, place: number): readonly (readonly Rule[])[] {
  const target = plan.texts[place] as TextTarget;
  return taughtBy(state, plan, place).flatMap(({ id, worse }) => {
    const reply = state.replies[id];
    const rules = reply === undefined ? [] : (readAdvice(reply, [target], worse.example).get(target) ?? []);
    return rules.length === 0 ? [] : [rules];
  });
}

interface Lesson {
  readonly id: string;
  readonly worse: Trajectory;
}

function taughtBy(state: BeaconState, plan: BeaconPlan, place: number): readonly Lesson[] {
  const wrong = trajectoriesOf(state).filter((each) => isTelling(state, each));
  if (wrong.length === 0) return [];
  return Array.from({ length: lessonsOf(plan, state.round) }, (_, at) => ({
    id: `lesson-${state.round}-${place + 1}-${at + 1}`,
    worse: wrong[at % wrong.length] as Trajectory,
  }));
}

function trajectoriesOf({ lessons }: BeaconState): readonly Trajectory[] {
  return lessons.flatMap((result) => trajectoryOf(0, result) ?? []);
}

/** What went wrong teaches something where it is known what would have been right, or what the metric says. */
function isTelling({ task }: BeaconState, { example, score, metricScore = score, feedback }: Trajectory): boolean {
  const expected = (task.train[example]?.expected ?? {}) as JsonObject;
  return metricScore < 1 && (Object.keys(expected).length > 0 || feedback !== undefined);
}

interface Asked extends Lesson {
  readonly target: TextTarget;
  readonly best: string | undefined;
}

function lessonCall(state: BeaconState, plan: BeaconPlan, { id, worse, target, best = "" }: Asked): CompleteWork {
  const rules = state.ruled[target.name]?.[best]?.rules ?? [];
  return adviceWork(state.task, {
    id,
    targets: [target],
    worse,
    better: undefined,
    parent: 0,
    rules: { [target.name]: rules },
    trajectories: trajectoriesOf(state),
    without: [],
    // Where proposals came to nothing, their prompts may have been too long.
    shownTokens: plan.shownTokens * 0.5 ** state.barren,
    rng: chanceOf(state).fork(id),
  });
}

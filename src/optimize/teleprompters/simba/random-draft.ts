import type { Rng } from "#foundation";
import { sampleConfiguration } from "#variables";
import type { Configuration, Demo } from "#variables";
import { restrictSpace } from "#variables/search";
import { completeConfiguration } from "../../proposal.ts";
import { demoSet, demosTargets } from "../../proposing/demo-set.ts";
import type { DemosTarget } from "../../proposing/demo-set.ts";
import type { Task } from "../../teleprompter.ts";
import type { Draft } from "../pool/member.ts";
import { maxDemoTokens } from "./appended-demo.ts";
import { movableNames } from "./movable-names.ts";
import { isTried } from "./simba-state.ts";
import type { SimbaState } from "./simba-state.ts";

export interface RandomDraftOptions {
  /** How many there are in all. */
  readonly spread: number;
  readonly maxDemos: number;
  /** The training examples that they are tried on. */
  readonly without: readonly number[];
}

const randomName = "random";

/** Different programs to learn from in the first step, where there is anything to draw. */
export function randomDraft(state: SimbaState, options: RandomDraftOptions, rng: Rng): Draft | undefined {
  const { spread, maxDemos, without } = options;
  const { task, pool } = state;
  const { space, baseline } = task;
  const number = pool.filter(({ origin }) => origin.by === randomName).length;
  if (number >= spread) return undefined;
  const targets = demosTargets(task);
  const names = movableNames(task, baseline);
  if (names.length + targets.length === 0) return undefined;
  const among = restrictSpace(space, names, baseline);
  for (let draw = 0; draw < spread; draw++) {
    const chance = rng.fork(`draw ${draw}`);
    const shown = targets.map((target) => [
      target.name,
      randomDemos(task, target, { maxDemos, number, without, rng: chance }),
    ]);
    const sampled = { ...sampleConfiguration(among, chance), ...(Object.fromEntries(shown) as Configuration) };
    const configuration = completeConfiguration(task, { ...baseline, ...sampled });
    const origin = { parents: [0], by: randomName, note: {} };
    const purpose = `random values ${pool.length}`;
    if (!isTried(state, configuration)) return { configuration, origin, purpose };
  }
  return undefined;
}

/** Labelled demos that cover different answers: as many as may be, then half, a quarter, and so on anew. */
function randomDemos(
  task: Task,
  target: DemosTarget,
  { maxDemos, number, without, rng }: RandomDemosOptions,
): readonly Demo[] {
  const most = Math.min(maxDemos, target.variable.max ?? maxDemos);
  const size = Math.ceil(most / 2 ** (number % 3));
  const left = without.length < task.train.length ? without : [];
  const options = { size, bootstrapped: 0, maxTokens: maxDemoTokens, without: left };
  return demoSet(rng.fork(target.name), target, task, [], options);
}

interface RandomDemosOptions {
  readonly maxDemos: number;
  readonly number: number;
  /** The training examples that the sets are tried on. */
  readonly without: readonly number[];
  readonly rng: Rng;
}

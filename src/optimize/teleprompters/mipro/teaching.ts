import { shuffle } from "#foundation";
import type { Json } from "#foundation";
import { chooseCases } from "../../proposing/choose-cases.ts";
import { summaryWork } from "../../proposing/dataset-summary.ts";
import { demoSet } from "../../proposing/demo-set.ts";
import { knownCases } from "../../proposing/known-cases.ts";
import type { PlannedWork } from "../../proposing/planned-work.ts";
import { fittedConfiguration } from "../../proposing/prompt-length.ts";
import type { CompleteWork, EvaluateWork } from "../../teleprompter.ts";
import type { MiproPlan } from "./mipro-plan.ts";
import { chanceOf } from "./mipro-state.ts";
import type { MiproState } from "./mipro-state.ts";

/** What teaching knows, and what it goes by. */
type Taught = Pick<MiproState, "seed" | "task" | "issued" | "successes">;
type Teaching = Pick<
  MiproPlan,
  "texts" | "demos" | "teaching" | "batch" | "maxBootstrapped" | "maxDemos" | "maxDemoTokens" | "shownTokens"
>;

/** What is done before the search: a summary of the data, and training examples run in batches until they are enough. */
export function teachingWork(state: Taught, plan: Teaching): readonly PlannedWork[] {
  const order = shuffle(chanceOf(state).fork("teaching"), state.task.train.keys().toArray()).slice(0, plan.teaching);
  const work: PlannedWork[] = [];
  if (plan.texts.length > 0 && order.length > 0) work.push({ id: "summary", make: () => summary(state, plan) });
  for (let from = 0; from < order.length; from += plan.batch) {
    const id = `teach-${from}`;
    if (!state.issued.includes(id) && hasEnough(state, plan)) break;
    work.push({ id, make: () => taughtBatch(state, plan, id, order.slice(from, from + plan.batch)) });
  }
  return work;
}

/** Three times the successes that a set takes leave something to choose from. */
function hasEnough({ successes }: Taught, { demos, maxBootstrapped }: Teaching): boolean {
  if (demos.length === 0) return false;
  return demos.every(({ stage }) => successes.filter((each) => each.stage === stage).length >= 3 * maxBootstrapped);
}

/** The teacher is the baseline with labelled demonstrations, never the examples that it is asked. */
function taughtBatch(state: Taught, plan: Teaching, id: string, examples: readonly number[]): EvaluateWork {
  const { task } = state;
  const shown = plan.demos.flatMap((target) => {
    const options = { size: plan.maxDemos, bootstrapped: 0, maxTokens: plan.maxDemoTokens, without: examples };
    const set = demoSet(chanceOf(state).fork(`${id} ${target.name}`), target, task, [], options);
    const isUsable = set.length > 0 && set.length >= (target.variable.min ?? 0);
    return isUsable ? [[target.name, set as unknown as Json] as const] : [];
  });
  const configuration = fittedConfiguration(task, { ...task.baseline, ...Object.fromEntries(shown) });
  const purpose = `the teacher runs ${examples.length} training examples`;
  return { kind: "evaluate", id, purpose, configuration, split: "train", examples, trace: true };
}

function summary(state: Taught, plan: Teaching): CompleteWork {
  const { task } = state;
  const chance = chanceOf(state).fork("summary");
  const cases = knownCases(chance.fork("cases"), { stage: "", signature: task.program.signature }, task, []);
  return summaryWork(task, "summary", chooseCases(chance, cases, { maxTokens: plan.shownTokens }));
}

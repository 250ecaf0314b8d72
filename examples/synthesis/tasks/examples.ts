import type { TeamExample } from "tutti/teams";
import { generateTasks } from "./generate-task.ts";
import type { LabelledTask } from "./generate-task.ts";

/** Generated tasks, a fifth of each family. */
export interface Examples {
  /** To choose by. */
  readonly train: readonly TeamExample[];
  /** Held out: nothing is chosen on them. */
  readonly test: readonly TeamExample[];
  /** For the live part. */
  readonly stream: readonly LabelledTask[];
}

export interface ExampleCounts {
  readonly train: number;
  readonly test: number;
  readonly stream: number;
}

/** Tasks of one data seed: no two seeds, and no two of the parts, share a task. */
export function examplesOf(dataSeed: number, { train, test, stream }: ExampleCounts): Examples {
  const first = dataSeed * 10_000;
  return {
    train: generateTasks(first, train).map(exampleOf),
    test: generateTasks(first + 1000, test).map(exampleOf),
    stream: generateTasks(first + 5000, stream),
  };
}

/** A labelled task as the team's example: the hidden pairs are what is expected. */
function exampleOf({ task, hidden, family, complexity }: LabelledTask): TeamExample {
  return { input: task, expectedOutput: hidden, taskType: family, complexity };
}

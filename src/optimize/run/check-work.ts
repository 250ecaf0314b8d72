import { describe, UsageError } from "#foundation";
import { validateConfiguration } from "#variables";
import type { Space } from "#variables";
import { checkCounts } from "../check-counts.ts";
import type { EvaluateWork, Split, Work } from "../teleprompter.ts";

/** What asked work is checked against. */
export interface WorkBounds {
  /** Ids that stand for other work already. */
  readonly taken: ReadonlySet<string>;
  readonly sizes: Readonly<Record<Split, number>>;
  /** What a race's opponent must lie in. */
  readonly space: Space;
}

/**
 * Throws `UsageError` for work that no run can perform, so that a faulty teleprompter of one's own is named at once: an
 * id that stands for two items, test examples, examples that stand there twice or do not exist, a rollout or a race that
 * make no sense.
 */
export function checkWork(teleprompter: string, asked: readonly Work[], { taken, sizes, space }: WorkBounds): void {
  const ids = new Set(taken);
  for (const work of asked) {
    const where = `teleprompter ${teleprompter}, work ${work.id}`;
    if (ids.has(work.id)) throw new UsageError(`${where}: expected an id of its own, got one that was issued before`);
    ids.add(work.id);
    if (work.kind !== "evaluate") continue;
    const { split, examples } = work;
    if (split !== "train" && split !== "validation")
      throw new UsageError(`${where}: expected examples of train or validation, got ${split}`);
    const stray = examples.find((index) => !Number.isInteger(index) || index < 0 || index >= sizes[split]);
    if (stray !== undefined)
      throw new UsageError(`${where}: expected places from 0 to ${sizes[split] - 1} in ${split}, got ${stray}`);
    if (new Set(examples).size < examples.length) throw new UsageError(`${where}: an example stands there twice`);
    checkMeasuring(where, work, space);
  }
}

function checkMeasuring(where: string, { rollout = 0, race }: EvaluateWork, space: Space): void {
  if (!Number.isInteger(rollout) || rollout < 0)
    throw new UsageError(`${where}: expected a rollout that is a whole number of at least 0, got ${describe(rollout)}`);
  if (race === undefined) return;
  const { against, minimum = 1, block = 1, level = 0.5 } = race;
  checkCounts(`${where}, race`, { minimum, block });
  if (!(level > 0 && level < 1))
    throw new UsageError(`${where}, race.level: expected a share between 0 and 1, got ${describe(level)}`);
  const validation = validateConfiguration(space, against);
  // A baseline says nothing of what its program leaves to its defaults.
  const issues = validation.ok ? [] : validation.issues.filter(({ path }) => Object.hasOwn(against, path));
  if (issues.length === 0) return;
  const lines = issues.map(({ path, expected, received }) => `${path}: ${expected}, got ${received}`);
  throw new UsageError(`${where}, race.against: outside the space`, lines);
}

import { UsageError } from "#foundation";
import type { Split, Work } from "../teleprompter.ts";

/** What asked work is checked against. */
export interface WorkBounds {
  /** Ids that stand for other work already. */
  readonly taken: ReadonlySet<string>;
  readonly sizes: Readonly<Record<Split, number>>;
}

/**
 * Throws `UsageError` for work that no run can perform, so that a faulty teleprompter of one's own is named at once: an
 * id that stands for two items, test examples, examples that stand there twice or do not exist.
 */
export function checkWork(teleprompter: string, asked: readonly Work[], { taken, sizes }: WorkBounds): void {
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
  }
}

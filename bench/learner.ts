import type { Store } from "#foundation";
import { memoryStore } from "#storage/memory";
import { auto, bootstrapFewShot, mipro, readRecord, searchTeleprompter, tpe } from "#optimize";
import type { Teleprompter } from "#optimize";
import { atMost } from "./parts/bench.ts";
import type { BenchOptions, Promised } from "./parts/bench.ts";
import { learnerRun, paidUntil } from "./parts/learner-run.ts";
import type { LearnerRun } from "./parts/learner-run.ts";
import { curveWorld, triageWorld } from "./parts/learner-tasks.ts";
import type { LearnerWorld, Relation } from "./parts/learner-tasks.ts";
import { printTable } from "./parts/table.ts";

export const describe = "What a run takes to reach the score it reaches alone, when it learns from an earlier run.";

interface Contestant {
  readonly name: string;
  readonly world: LearnerWorld;
  readonly make: () => Teleprompter;
  /** What takes no model is cheap: more seeds say more. */
  readonly seeds: number;
  readonly isQuick: boolean;
}

const contestants: readonly Contestant[] = [
  {
    name: "tpe on dials",
    world: curveWorld,
    make: () => searchTeleprompter(tpe(), { candidates: 40 }),
    seeds: 30,
    isQuick: true,
  },
  {
    name: "auto on dials",
    world: curveWorld,
    make: () => searchTeleprompter(auto(), { candidates: 40 }),
    seeds: 10,
    isQuick: false,
  },
  {
    name: "bootstrap_few_shot on triage",
    world: triageWorld,
    make: () => bootstrapFewShot({ candidates: 16 }),
    seeds: 10,
    isQuick: true,
  },
  { name: "mipro on triage", world: triageWorld, make: () => mipro({ auto: "light" }), seeds: 10, isQuick: false },
];

const relations = ["repeated", "related", "reversed", "unrelated"] as const satisfies readonly Relation[];

/** What all seeds of a contestant took to the same scores, alone and with what was learned. */
interface Sums {
  readonly evaluations: Pair;
  readonly calls: Pair;
  /** How many runs that learned did not reach it: all that they paid counts. */
  readonly missed: number;
  readonly learned: number;
  readonly onLessons: number;
  readonly runs: number;
}

interface Pair {
  readonly alone: number;
  readonly learning: number;
}

const none: Pair = { alone: 0, learning: 0 };
const nothing: Sums = { evaluations: none, calls: none, missed: 0, learned: 0, onLessons: 0, runs: 0 };

export async function run({ quick }: BenchOptions): Promise<readonly Promised[]> {
  const all = new Map<string, Sums>();
  const rows: string[][] = [];
  for (const contestant of contestants.filter(({ isQuick }) => isQuick || !quick)) {
    const sums = await contest(contestant, quick ? 2 : contestant.seeds);
    for (const [relation, sum] of sums) {
      all.set(relation, added(all.get(relation) ?? nothing, sum));
      rows.push([`${contestant.name}, ${relation}`, ...cells(sum)]);
    }
  }
  for (const [relation, sum] of all) rows.push([`all, ${relation}`, ...cells(sum)]);
  console.log(
    `evaluations and calls until the score that the run alone ends with, means of the runs; lessons: evaluations they took\n`,
  );
  printTable(
    ["", "alone", "learning", "ratio", "calls alone", "learning", "ratio", "lessons", "missed", "taught"],
    rows,
  );
  const ratio = (relation: Relation): number => ratioOf((all.get(relation) ?? nothing).evaluations);
  return [
    atMost("a repeated task: evaluations to the same score, of those without learning", ratio("repeated"), 0.7, ""),
    atMost("a related task, the same", ratio("related"), 1, ""),
    atMost("a task that only looks alike (its best is elsewhere), the same", ratio("reversed"), 1.1, ""),
    atMost("an unrelated program, the same", ratio("unrelated"), 1.1, ""),
  ];
}

/** Per relation the sums over the seeds. Every seed has an earlier run of its own, and both runs have the same seed. */
async function contest({ world, make }: Contestant, seeds: number): Promise<ReadonlyMap<Relation, Sums>> {
  const sums = new Map<Relation, Sums>();
  for (let seed = 0; seed < seeds; seed++) {
    const known = memoryStore();
    const earlier = await learnerRun(world("earlier", seed), {
      store: known,
      teleprompter: make(),
      seed,
      learn: false,
    });
    for (const relation of relations) {
      const task = world(relation, seed);
      const empty = { store: memoryStore(), teleprompter: make(), seed: 100 + seed, learn: false };
      const alone = await learnerRun(task, empty);
      const store = await storeWith(known, earlier.run);
      const learning = await learnerRun(task, { ...empty, store, learn: true });
      sums.set(relation, added(sums.get(relation) ?? nothing, compared(alone, learning)));
    }
  }
  return sums;
}

/** A store that holds that run alone. */
async function storeWith(known: Store, run: string): Promise<Store> {
  const store = memoryStore();
  const { data } = await readRecord(known, run);
  for (const [kind, id] of [["run", run], ...Object.values(data).map((each) => ["examples", each])] as const) {
    const stored = await known.documents.get(kind ?? "", id ?? "");
    if (stored !== undefined) await store.documents.put(kind ?? "", id ?? "", stored.body);
  }
  await store.logs.append(`run/${run}`, await known.logs.read(`run/${run}`));
  return store;
}

function compared(alone: LearnerRun, learning: LearnerRun): Sums {
  const [before, after] = [paidUntil(alone, alone.best), paidUntil(learning, alone.best)];
  return {
    evaluations: { alone: before.evaluations, learning: after.evaluations },
    calls: { alone: before.calls, learning: after.calls },
    missed: after.isReached ? 0 : 1,
    learned: learning.isTaught ? 1 : 0,
    onLessons: learning.onLessons,
    runs: 1,
  };
}

function added(one: Sums, other: Sums): Sums {
  const pair = (a: Pair, b: Pair): Pair => ({ alone: a.alone + b.alone, learning: a.learning + b.learning });
  return {
    evaluations: pair(one.evaluations, other.evaluations),
    calls: pair(one.calls, other.calls),
    missed: one.missed + other.missed,
    learned: one.learned + other.learned,
    onLessons: one.onLessons + other.onLessons,
    runs: one.runs + other.runs,
  };
}

function cells({ evaluations, calls, missed, learned, onLessons, runs }: Sums): string[] {
  const mean = ({ alone, learning }: Pair): string[] =>
    alone === 0
      ? ["–", "–", "–"]
      : [(alone / runs).toFixed(1), (learning / runs).toFixed(1), (learning / alone).toFixed(2)];
  return [
    ...mean(evaluations),
    ...mean(calls),
    (onLessons / runs).toFixed(1),
    `${missed} of ${runs}`,
    `${learned} of ${runs}`,
  ];
}

function ratioOf({ alone, learning }: Pair): number {
  return learning / alone;
}

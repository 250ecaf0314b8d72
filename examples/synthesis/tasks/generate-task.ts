import { canonicalJson, integerBelow, seededRng } from "tutti/foundation";
import type { Json, Rng } from "tutti/foundation";
import { disturbed } from "./disturbance.ts";
import { distance } from "./distance.ts";
import { functionSource } from "../programs/source.ts";
import { branchTruth } from "./families/branch.ts";
import { extractTruth } from "./families/extract.ts";
import { formatTruth } from "./families/format.ts";
import type { GroundTruth } from "./families/ground-truth.ts";
import { listTruth } from "./families/list.ts";
import { polyTruth } from "./families/poly.ts";
import type { Pair, Task } from "./task.ts";

const truths = {
  format: formatTruth,
  poly: polyTruth,
  branch: branchTruth,
  extract: extractTruth,
  list: listTruth,
} satisfies Record<string, (rng: Rng) => GroundTruth>;

/** The kind of hidden function. */
export type Family = keyof typeof truths;

/** Every family; the seed modulo their number chooses one. */
export const families: readonly Family[] = Object.keys(truths) as Family[];

/** A task with what only its examiner knows. Plain JSON. */
export interface LabelledTask {
  readonly id: string;
  readonly task: Task;
  /** Twenty pairs that a right program gives exactly. */
  readonly hidden: readonly Pair[];
  readonly family: Family;
  /** The number of parts of the hidden function. */
  readonly complexity: number;
  /** The hidden function in JavaScript. */
  readonly truth: string;
  /** The positions in `task.train` whose output is not the hidden function's. */
  readonly wrong: readonly number[];
}

const TRAIN = 8;
const PROBES = 8;
const HIDDEN = 20;
/** More pairs are drawn than revealed: the first three to be revealed are chosen to be alike. */
const SPARE = 24;
const ALIKE = 3;
const MAX_DRAWS = 600;
/** How many tasks have one wrong pair among the eight. */
const NOISE = 0.2;

/** The task of a seed: always the same, of the family at `seed % 5`. */
export function generateTask(seed: number): LabelledTask {
  const family = families[seed % families.length] as Family;
  const rng = seededRng(seed).fork("synthesis");
  for (let attempt = 0; ; attempt++) {
    const chance = rng.fork(`attempt ${attempt}`);
    const truth = truths[family](chance);
    const pairs = pairsOf(truth, chance);
    const train = revealed(pairs.slice(PROBES + HIDDEN));
    if (train.length < TRAIN || new Set(train.map(({ output }) => canonicalJson(output))).size < 3) continue;
    const wrong = chance.next() < NOISE ? integerBelow(chance, TRAIN) : -1;
    const told = train.map(({ input, output }, row) => ({
      input,
      output: row === wrong ? disturbed(output, chance) : output,
    }));
    return {
      id: `${family}-${seed}`,
      task: { train: told, probes: pairs.slice(0, PROBES).map(({ input }) => input) },
      hidden: pairs.slice(PROBES, PROBES + HIDDEN),
      family,
      complexity: truth.size,
      truth: functionSource(train[0]?.input.length ?? 0, truth.body),
      wrong: wrong < 0 ? [] : [wrong],
    };
  }
}

/** The tasks of `count` seeds in a row. */
export function generateTasks(from: number, count: number): readonly LabelledTask[] {
  return Array.from({ length: count }, (_, index) => generateTask(from + index));
}

/** The pairs to reveal, in order: first three that are alike, then the rest as they were drawn. */
function revealed(drawn: readonly Pair[]): readonly Pair[] {
  const [first] = drawn;
  if (first === undefined) return [];
  const near = drawn.toSorted((left, right) => distance(left.input, first.input) - distance(right.input, first.input));
  const alike = near.slice(0, ALIKE);
  return [...alike, ...drawn.filter((pair) => !alike.includes(pair))].slice(0, TRAIN);
}

/** Pairs with different inputs and with outputs that are there; none when the truth rarely has one. */
function pairsOf(truth: GroundTruth, rng: Rng): readonly Pair[] {
  const wanted = SPARE + PROBES + HIDDEN;
  const pairs = new Map<string, Pair>();
  for (let draw = 0; draw < MAX_DRAWS && pairs.size < wanted; draw++) {
    const input = truth.sample(rng);
    const output = truth.run(input);
    if (output !== undefined && !isEmpty(output)) pairs.set(canonicalJson(input), { input, output });
  }
  return pairs.size < wanted ? [] : [...pairs.values()];
}

function isEmpty(output: Json): boolean {
  return output === "" || (Array.isArray(output) && output.length === 0);
}

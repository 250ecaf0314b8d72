import { seededRng, shuffle } from "#foundation";
import type { Rng } from "#foundation";
import { mean } from "#programs";
import type { Space } from "#variables";
import type { VariableColumns } from "./columns.ts";
import { grow, predicted, table } from "./regression-tree.ts";
import type { Table, Tree } from "./regression-tree.ts";

const trees = 64;

/** How often each tree is asked about other values of a variable. */
const shuffles = 2;

/** How many standard errors above 0 an effect must be to count: what an inert variable comes to by luck is below. */
const leastErrors = 2;

/** What trees learned, and what each says of the rows that it was not grown on. */
interface Forest {
  readonly learned: Table;
  readonly grown: readonly Tree[];
  readonly said: readonly (readonly number[])[];
}

/**
 * By how much the squared error grows, by variable, when the values of one are shuffled among the rows in which it is
 * active. Scores have mean 0. All 0 where the trees together know no better than the mean.
 */
export function effectsOf(
  variables: readonly VariableColumns[],
  scores: Float64Array,
  when: Space["when"] = {},
): readonly number[] {
  const rng = seededRng("importance");
  const forest = grownOn(variables, scores, rng);
  if (!knowsSomething(forest)) return variables.map(() => 0);
  return variables.map((variable, at) =>
    effectOf(forest, { variable, swaps: swapsOf(variables, at, when), rng: rng.fork(`shuffle ${at}`) }),
  );
}

function grownOn(variables: readonly VariableColumns[], scores: Float64Array, rng: Rng): Forest {
  const learned = table(
    variables.map(({ columns }) => columns),
    scores,
  );
  const grown = Array.from({ length: trees }, (_, number) => grow(learned, rng.fork(`tree ${number}`)));
  return { learned, grown, said: grown.map((tree) => tree.unseen.map((row) => saidOf(learned, tree, row))) };
}

function saidOf({ columns }: Table, tree: Tree, row: number): number {
  return predicted(tree, (column) => (columns[column] as Float64Array)[row] as number);
}

/** Whether the mean of the trees that have not seen a row is nearer to its score than the mean of all scores. */
function knowsSomething({ learned: { scores }, grown, said }: Forest): boolean {
  const known = scores.map(() => 0);
  const counts = scores.map(() => 0);
  for (const [number, { unseen }] of grown.entries())
    for (const [place, row] of unseen.entries()) {
      known[row] = (known[row] as number) + (said[number]?.[place] as number);
      counts[row] = (counts[row] as number) + 1;
    }
  const gains = scores.map(
    (score, row) => score ** 2 - (score - (known[row] as number) / Math.max(1, counts[row] as number)) ** 2,
  );
  return mean([...gains]) > 0;
}

interface Shuffled {
  readonly variable: VariableColumns;
  readonly swaps: Swaps;
  readonly rng: Rng;
}

/** The mean over the rows; 0 where it may be chance. */
function effectOf({ learned, grown, said }: Forest, { variable, swaps, rng }: Shuffled): number {
  const { columns, scores } = learned;
  const active = variable.isActive.flatMap((isActive, row) => (isActive ? [row] : []));
  const sums = scores.map(() => 0);
  const counts = scores.map(() => 0);
  for (const [number, tree] of grown.entries())
    for (let again = 0; again < shuffles; again++) {
      const donors = shuffle(rng.fork(`${number} ${again}`), active);
      const donorOf = new Map(active.map((row, place) => [row, donors[place] as number]));
      for (const [place, row] of tree.unseen.entries()) {
        const donor = donorOf.get(row) ?? row;
        counts[row] = (counts[row] as number) + 1;
        if (donor === row) continue;
        const isSwapped = swaps(row, donor);
        const other = predicted(
          tree,
          (column) => (columns[column] as Float64Array)[isSwapped[column] === true ? donor : row] as number,
        );
        const score = scores[row] as number;
        const rise = (other - score) ** 2 - ((said[number]?.[place] as number) - score) ** 2;
        sums[row] = (sums[row] as number) + rise;
      }
    }
  const rises = [...sums].map((sum, row) => sum / Math.max(1, counts[row] as number));
  const rise = mean(rises);
  const error = Math.sqrt(mean(rises.map((each) => (each - rise) ** 2)) / (rises.length - 1));
  return rise > leastErrors * error ? rise : 0;
}

/** Which columns a row takes from a donor. */
type Swaps = (row: number, donor: number) => readonly boolean[];

/** Those of a variable, and of what depends on it where only one of the two rows has it. */
function swapsOf(variables: readonly VariableColumns[], at: number, when: NonNullable<Space["when"]>): Swaps {
  const dependent = dependentsOf(variables[at]?.name ?? "", when);
  const columnsWhere = (isSwapped: (other: number) => boolean): readonly boolean[] =>
    variables.flatMap(({ columns }, other) => columns.map(() => isSwapped(other)));
  if (dependent.size === 0) {
    const own = columnsWhere((other) => other === at);
    return () => own;
  }
  return (row, donor) =>
    columnsWhere((other) => {
      const { name, isActive } = variables[other] as VariableColumns;
      return other === at || (dependent.has(name) && isActive[row] !== isActive[donor]);
    });
}

/** The variables that are active or not by this one, or by one that is. */
function dependentsOf(name: string, when: NonNullable<Space["when"]>): ReadonlySet<string> {
  const dependent = new Set<string>();
  // Names join until none does: a variable may depend on one that stands behind it.
  for (let size = -1; size < dependent.size;) {
    size = dependent.size;
    for (const [other, conditions] of Object.entries(when))
      if (Object.keys(conditions).some((path) => path === name || dependent.has(path))) dependent.add(other);
  }
  return dependent;
}

import { integerBelow, sampleItems } from "#foundation";
import type { Rng } from "#foundation";

/** What trees learn from: rows of numbers, by column, each with a score. */
export interface Table {
  readonly columns: readonly Float64Array[];
  readonly scores: Float64Array;
  /** The columns that say something of one variable, by variable. */
  readonly groups: readonly (readonly number[])[];
  /** The rows in the ascending order of each column, and the place of each row in it. */
  readonly orders: readonly Uint32Array[];
  readonly ranks: readonly Uint32Array[];
}

/** A node has a split, or it is a leaf. */
interface Node {
  readonly mean: number;
  readonly split?: Split;
}

interface Split {
  readonly column: number;
  readonly threshold: number;
  readonly low: Node;
  readonly high: Node;
}

/** A tree with the rows that it was not grown on. */
export interface Tree {
  readonly root: Node;
  readonly unseen: readonly number[];
}

/** Fewer rows than these make no leaf. */
const leastRows = 3;

/** Of how many of the variables the best split is taken: with fewer of them trees differ, and small effects are seen. */
const triedShare = 0.5;

/** Groups are the columns of each variable. */
export function table(groups: readonly (readonly Float64Array[])[], scores: Float64Array): Table {
  const columns = groups.flat();
  let next = 0;
  const orders = columns.map((column) =>
    Uint32Array.from(column.keys()).sort((a, b) => (column[a] as number) - (column[b] as number) || a - b),
  );
  const ranks = orders.map((order) => {
    const rank = new Uint32Array(order.length);
    for (const [place, row] of order.entries()) rank[row] = place;
    return rank;
  });
  return { columns, scores, groups: groups.map((group) => group.map(() => next++)), orders, ranks };
}

/** A regression tree on as many rows as there are, drawn with replacement (Breiman 2001). */
export function grow(from: Table, rng: Rng): Tree {
  const drawn = Uint32Array.from(from.scores, () => integerBelow(rng, from.scores.length));
  const seen = new Set(drawn);
  const unseen = [...from.scores.keys()].filter((row) => !seen.has(row));
  return { root: nodeOf(from, drawn, rng), unseen };
}

/** What a tree says of a row whose number in each column `read` gives. */
export function predicted({ root }: Tree, read: (column: number) => number): number {
  let node = root;
  while (node.split !== undefined)
    node = read(node.split.column) <= node.split.threshold ? node.split.low : node.split.high;
  return node.mean;
}

function nodeOf(from: Table, rows: Uint32Array, rng: Rng): Node {
  let sum = 0;
  for (const row of rows) sum += from.scores[row] as number;
  const mean = sum / rows.length;
  const cut = rows.length < 2 * leastRows ? undefined : bestCut(from, rows, rng);
  if (cut === undefined) return { mean };
  const { column, threshold } = cut;
  const values = from.columns[column] as Float64Array;
  const low = rows.filter((row) => (values[row] as number) <= threshold);
  const high = rows.filter((row) => (values[row] as number) > threshold);
  return { mean, split: { column, threshold, low: nodeOf(from, low, rng), high: nodeOf(from, high, rng) } };
}

interface Cut {
  readonly column: number;
  readonly threshold: number;
  /** By how much the sum of squared errors falls. */
  readonly gain: number;
}

function bestCut(from: Table, rows: Uint32Array, rng: Rng): Cut | undefined {
  const tried = sampleItems(rng, from.groups, Math.ceil(triedShare * from.groups.length));
  let best: Cut | undefined;
  for (const column of tried.flat()) {
    const cut = cutOf(from, column, rows);
    if (cut !== undefined && cut.gain > (best?.gain ?? 0)) best = cut;
  }
  return best;
}

/** The best threshold of one column. */
function cutOf({ columns, scores, orders, ranks }: Table, column: number, rows: Uint32Array): Cut | undefined {
  const [values, order, rank] = [columns[column], orders[column], ranks[column]] as [
    Float64Array,
    Uint32Array,
    Uint32Array,
  ];
  const sorted = rows.map((row) => rank[row] as number).sort();
  const at = (place: number): number => order[sorted[place] as number] as number;
  const count = rows.length;
  let total = 0;
  for (const row of rows) total += scores[row] as number;
  let [low, most, size] = [0, -Infinity, 0];
  for (let taken = 1; taken <= count - leastRows; taken++) {
    const row = at(taken - 1);
    low += scores[row] as number;
    if (taken < leastRows || values[row] === values[at(taken)]) continue;
    const explained = low ** 2 / taken + (total - low) ** 2 / (count - taken);
    if (explained > most) [most, size] = [explained, taken];
  }
  const gain = most - total ** 2 / count;
  // Less than this is rounding: the scores are of the order of 1.
  if (!(gain > 1e-9)) return undefined;
  const threshold = ((values[at(size - 1)] as number) + (values[at(size)] as number)) / 2;
  return { column, threshold, gain };
}

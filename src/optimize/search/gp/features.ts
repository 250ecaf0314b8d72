import { canonicalJson } from "#foundation";
import type { Json } from "#foundation";
import type { Configuration, Space, Variable } from "#variables";
import { unitScale } from "../unit-scale.ts";

/**
 * Configurations as rows of numbers, one column a variable: numbers on their scale from 0 to 1, anything else as the number
 * of its value, in the order in which values were met. Inactive variables have `NaN`; computed ones have no column.
 */
export interface Features {
  readonly columns: readonly Column[];
  rowOf(configuration: Configuration): Float64Array;
}

export interface Column {
  readonly variable: Variable;
  /** `number`: by how much two differ. `option`: whether they differ. `parts`: in which share of their parts. */
  readonly kind: "number" | "option" | "parts";
  readonly toColumn: (value: Json) => number;
  /** How far two values are apart, from 0 to 1, by their numbers in the column; of numbers nobody asks. */
  readonly difference: (one: number, other: number) => number;
}

const known = new WeakMap<Space, Features>();

/** The features of a space; its rows are kept as long as their configurations. */
export function featuresOf(space: Space): Features {
  const seen = known.get(space);
  if (seen !== undefined) return seen;
  const columns = space.variables.flatMap((variable) => (variable.kind === "composite" ? [] : [columnOf(variable)]));
  const rows = new WeakMap<Configuration, Float64Array>();
  const features: Features = {
    columns,
    rowOf(configuration) {
      const kept = rows.get(configuration);
      if (kept !== undefined) return kept;
      const row = Float64Array.from(columns, ({ variable, toColumn }) => {
        const value = configuration[variable.name];
        return value === undefined ? Number.NaN : toColumn(value);
      });
      rows.set(configuration, row);
      return row;
    },
  };
  known.set(space, features);
  return features;
}

function columnOf(variable: Variable): Column {
  const differs = (one: number, other: number): number => (one === other ? 0 : 1);
  switch (variable.kind) {
    case "float":
    case "integer": {
      const scale = unitScale(variable);
      return { variable, kind: "number", toColumn: (value) => scale.toUnit(value as number), difference: differs };
    }
    case "text":
      return { variable, kind: "parts", ...ownColumn(partsColumn(wordsOf)) };
    case "choice":
    case "module":
    case "composite": {
      if (isChoiceOfLists(variable)) return { variable, kind: "parts", ...ownColumn(partsColumn(membersOf)) };
      const numbers = numbering();
      return { variable, kind: "option", toColumn: (value) => numbers(canonicalJson(value)), difference: differs };
    }
    case "subset":
      return { variable, kind: "parts", ...partsColumn((value) => partsOf(value as readonly Json[], false)) };
    case "permutation":
    case "demos":
      return { variable, kind: "parts", ...partsColumn((value) => partsOf(value as readonly Json[], true)) };
  }
}

function isChoiceOfLists(variable: Variable): boolean {
  return variable.kind === "choice" && variable.options.every(Array.isArray);
}

/** The number of a text: as many as were met before it. */
function numbering(): (text: string) => number {
  const numbers = new Map<string, number>();
  return (text) => {
    const number = numbers.get(text) ?? numbers.size;
    numbers.set(text, number);
    return number;
  };
}

type Comparison = Pick<Column, "toColumn" | "difference">;

/** Values as sets of parts, one bit each. */
function partsColumn(partsOfValue: (value: Json) => readonly string[]): Comparison {
  const [numbers, bits] = [numbering(), numbering()];
  const sets: Bits[] = [];
  return {
    toColumn(value) {
      const number = numbers(canonicalJson(value));
      sets[number] ??= bitsOf(partsOfValue(value).map(bits));
      return number;
    },
    difference: (one, other) => differenceOf(sets[one] as Bits, sets[other] as Bits),
  };
}

/** What different values differ by in any case: a text's or a set's worth is not all in its parts. */
const ownDifference = 0.25;

/** The same, of values that may differ in worth however alike they are. */
function ownColumn({ toColumn, difference }: Comparison): Comparison {
  return {
    toColumn,
    difference: (one, other) => (one === other ? 0 : ownDifference + (1 - ownDifference) * difference(one, other)),
  };
}

/** A text's words and pairs of neighbours: texts with the same rules are alike in whatever order. */
function wordsOf(text: Json): readonly string[] {
  const words =
    String(text)
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  return [...new Set(words.flatMap((word, place) => [word, `${word} ${words[place + 1] ?? ""}`]))];
}

/** A set's items, and one part for each: sets of a size are alike too. */
function membersOf(list: Json): readonly string[] {
  const items = partsOf(list as readonly Json[], false);
  return [...items, ...items.map((_, place) => `more than ${place}`)];
}

/** A list's items and, where the order matters, which stands before which. */
function partsOf(list: readonly Json[], isOrdered: boolean): string[] {
  const items = [...new Set(list.map((item) => canonicalJson(item)))];
  if (!isOrdered) return items;
  return items.flatMap((item, place) => [item, ...items.slice(place + 1).map((later) => `${item} < ${later}`)]);
}

interface Bits {
  readonly words: Uint32Array;
  readonly count: number;
}

function bitsOf(places: readonly number[]): Bits {
  const words = new Uint32Array((Math.max(0, ...places) >>> 5) + 1);
  for (const place of places) words[place >>> 5] = (words[place >>> 5] as number) | (1 << (place & 31));
  return { words, count: places.length };
}

/** The share of the parts in which two sets differ. */
function differenceOf(one: Bits, other: Bits): number {
  let common = 0;
  const shared = Math.min(one.words.length, other.words.length);
  for (let at = 0; at < shared; at++) common += bitCount((one.words[at] as number) & (other.words[at] as number));
  const all = one.count + other.count - common;
  return all === 0 ? 0 : 1 - common / all;
}

/** The number of ones in a word (Warren 2012, Hacker's Delight, 5-1). */
function bitCount(word: number): number {
  let sum = word - ((word >>> 1) & 0x55555555);
  sum = (sum & 0x33333333) + ((sum >>> 2) & 0x33333333);
  return Math.imul((sum + (sum >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

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
    case "choice":
    case "module":
    case "text":
    case "composite": {
      const numbers = numbering();
      return { variable, kind: "option", toColumn: (value) => numbers(canonicalJson(value)), difference: differs };
    }
    case "subset":
    case "permutation":
    case "demos":
      return { variable, kind: "parts", ...listColumn(variable.kind !== "subset") };
  }
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

/** Lists as sets of parts, one bit each: their items and, where the order matters, which stands before which. */
function listColumn(isOrdered: boolean): Pick<Column, "toColumn" | "difference"> {
  const [numbers, bits] = [numbering(), numbering()];
  const sets: Bits[] = [];
  return {
    toColumn(value) {
      const number = numbers(canonicalJson(value));
      sets[number] ??= bitsOf(partsOf(value as readonly Json[], isOrdered).map(bits));
      return number;
    },
    difference: (one, other) => differenceOf(sets[one] as Bits, sets[other] as Bits),
  };
}

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

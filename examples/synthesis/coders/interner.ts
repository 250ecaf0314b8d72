import type { Kind, Value, ValueOf } from "../programs/value.ts";
import { sequenceCell, sequenceTable } from "./sequence-table.ts";

/** The cell of a value that a component does not have, or that is too large to follow. */
export const NO_CELL: number = -0x80000000;

const MAX_NUMBER = 0x3fffffff;
const MAX_LENGTH = 200;

/** Values as 32-bit cells: equal values of a kind have equal cells. Numbers and flags are their own cells. */
export interface Interner {
  readonly cellOf: (kind: Kind, value: Value | undefined) => number;
  readonly valueOf: (kind: Kind, cell: number) => Value;
}

/** An empty interner; it grows with the values of one search. */
export function interner(): Interner {
  const texts = new Map<string, number>();
  const values: Record<"text" | "numbers" | "texts", Value[]> = { text: [], numbers: [], texts: [] };
  const sequences = { numbers: sequenceTable(), texts: sequenceTable() };
  const textCell = (text: string): number => {
    if (text.length > MAX_LENGTH) return NO_CELL;
    const known = texts.get(text);
    if (known !== undefined) return known;
    texts.set(text, values.text.length);
    return values.text.push(text) - 1;
  };
  const listCell = (kind: "numbers" | "texts", list: ValueOf["numbers"] | ValueOf["texts"]): number => {
    const codes = kind === "numbers" ? (list as ValueOf["numbers"]) : (list as ValueOf["texts"]).map(textCell);
    if (kind === "numbers" ? !isSmall(codes) : codes.includes(NO_CELL)) return NO_CELL;
    const cell = sequenceCell(sequences[kind], codes);
    if (cell === values[kind].length) values[kind].push(list);
    return cell;
  };
  return {
    cellOf: (kind, value) => {
      if (value === undefined) return NO_CELL;
      if (typeof value === "number") return numberCell(value);
      if (typeof value === "boolean") return value ? 1 : 0;
      if (typeof value === "string") return textCell(value);
      return listCell(kind === "texts" ? "texts" : "numbers", value);
    },
    valueOf: (kind, cell) => {
      if (kind === "number") return cell;
      if (kind === "flag") return cell === 1;
      return values[kind][cell] as Value;
    },
  };
}

function numberCell(value: number): number {
  return value <= MAX_NUMBER && value >= -MAX_NUMBER ? value | 0 : NO_CELL;
}

function isSmall(list: readonly number[]): boolean {
  for (const value of list) if (value > MAX_NUMBER || value < -MAX_NUMBER) return false;
  return true;
}

import { NO_CELL } from "./interner.ts";

/** Programs by number, each with its cells over the visible pairs; no two of a kind have the same cells. */
export interface ProgramBank {
  readonly width: number;
  count: number;
  /** Which component (or, below zero, which leaf: −1 − leaf) each program is. */
  parts: Int32Array;
  /** Three operands of each program. */
  operands: Int32Array;
  /** `width` cells of each program. */
  cells: Int32Array;
  /** The kind of each program, as a number. */
  kinds: Uint8Array;
  /** Open addressing over kind and cells; 0 is free, otherwise 1 + the program. */
  slots: Int32Array;
  /** The cells of the program in hand. */
  readonly scratch: Int32Array;
}

/** What a program is made of. */
export interface Part {
  readonly kind: number;
  readonly part: number;
  readonly first: number;
  readonly second: number;
  readonly third: number;
}

/** An empty bank for programs over this many visible pairs. */
export function programBank(width: number): ProgramBank {
  return {
    width,
    count: 0,
    parts: new Int32Array(1024),
    operands: new Int32Array(3 * 1024),
    cells: new Int32Array(width * 1024),
    kinds: new Uint8Array(1024),
    slots: new Int32Array(4096),
    scratch: new Int32Array(width),
  };
}

/** Adds the program whose cells are in `scratch`; false when one of the same kind behaves like it. */
export function admit(bank: ProgramBank, { kind, part, first, second, third }: Part): boolean {
  const slot = freeSlot(bank, kind);
  if (slot < 0) return false;
  if (bank.count === bank.parts.length) grow(bank);
  const id = bank.count++;
  bank.slots[slot] = id + 1;
  bank.parts[id] = part;
  bank.kinds[id] = kind;
  bank.operands[3 * id] = first;
  bank.operands[3 * id + 1] = second;
  bank.operands[3 * id + 2] = third;
  bank.cells.set(bank.scratch, id * bank.width);
  if (bank.count * 2 > bank.slots.length) rehash(bank);
  return true;
}

function freeSlot({ slots, scratch, cells, kinds, width }: ProgramBank, kind: number): number {
  const mask = slots.length - 1;
  let slot = hash(scratch, { kind, from: 0, width }) & mask;
  for (let entry = slots[slot] as number; entry !== 0; entry = slots[slot] as number) {
    if (kinds[entry - 1] === kind && isSame(cells, (entry - 1) * width, scratch)) return -1;
    slot = (slot + 1) & mask;
  }
  return slot;
}

function isSame(cells: Int32Array, from: number, scratch: Int32Array): boolean {
  for (let index = 0; index < scratch.length; index++) if (cells[from + index] !== scratch[index]) return false;
  return true;
}

function hash(cells: Int32Array, { kind, from, width }: { kind: number; from: number; width: number }): number {
  let mixed = kind + 1;
  for (let index = from; index < from + width; index++) {
    mixed = Math.imul(mixed ^ (cells[index] ?? NO_CELL), 0x9e3779b1);
    mixed ^= mixed >>> 15;
  }
  return mixed >>> 0;
}

function grow(bank: ProgramBank): void {
  bank.parts = doubled(bank.parts);
  bank.operands = doubled(bank.operands);
  bank.cells = doubled(bank.cells);
  const kinds = new Uint8Array(bank.kinds.length * 2);
  kinds.set(bank.kinds);
  bank.kinds = kinds;
}

function doubled(array: Int32Array): Int32Array {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}

function rehash(bank: ProgramBank): void {
  const { cells, kinds, width, count } = bank;
  bank.slots = new Int32Array(bank.slots.length * 4);
  const mask = bank.slots.length - 1;
  for (let id = 0; id < count; id++) {
    let slot = hash(cells, { kind: kinds[id] as number, from: id * width, width }) & mask;
    while (bank.slots[slot] !== 0) slot = (slot + 1) & mask;
    bank.slots[slot] = id + 1;
  }
}

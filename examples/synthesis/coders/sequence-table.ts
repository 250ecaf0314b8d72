/** Sequences of 32-bit numbers by cell: equal sequences have equal cells. */
export interface SequenceTable {
  count: number;
  /** Where each sequence starts in `codes`; one more entry says where the last ends. */
  starts: Int32Array;
  codes: Int32Array;
  /** Open addressing; 0 is free, otherwise 1 + the cell. */
  slots: Int32Array;
}

/** An empty table. */
export function sequenceTable(): SequenceTable {
  return { count: 0, starts: new Int32Array(256), codes: new Int32Array(2048), slots: new Int32Array(512) };
}

/** The cell of a sequence; a new one is the number of those before it. */
export function sequenceCell(table: SequenceTable, codes: readonly number[]): number {
  let slot = hash(codes, 0, codes.length) & (table.slots.length - 1);
  for (let entry = table.slots[slot] as number; entry !== 0; entry = table.slots[slot] as number) {
    if (isSame(table, entry - 1, codes)) return entry - 1;
    slot = (slot + 1) & (table.slots.length - 1);
  }
  table.slots[slot] = table.count + 1;
  append(table, codes);
  if (table.count * 2 > table.slots.length) rehash(table);
  return table.count - 1;
}

function isSame({ starts, codes }: SequenceTable, cell: number, other: readonly number[]): boolean {
  const start = starts[cell] as number;
  if ((starts[cell + 1] as number) - start !== other.length) return false;
  for (let index = 0; index < other.length; index++) if (codes[start + index] !== other[index]) return false;
  return true;
}

function append(table: SequenceTable, codes: readonly number[]): void {
  const start = table.starts[table.count] as number;
  if (table.count + 2 > table.starts.length) table.starts = doubled(table.starts);
  while (start + codes.length > table.codes.length) table.codes = doubled(table.codes);
  table.codes.set(codes, start);
  table.count += 1;
  table.starts[table.count] = start + codes.length;
}

function rehash(table: SequenceTable): void {
  table.slots = new Int32Array(table.slots.length * 4);
  for (let cell = 0; cell < table.count; cell++) {
    let slot = hash(table.codes, table.starts[cell] as number, table.starts[cell + 1] as number);
    for (slot &= table.slots.length - 1; table.slots[slot] !== 0;) slot = (slot + 1) & (table.slots.length - 1);
    table.slots[slot] = cell + 1;
  }
}

function hash(codes: ArrayLike<number>, from: number, to: number): number {
  let mixed = to - from;
  for (let index = from; index < to; index++) {
    mixed = Math.imul(mixed ^ (codes[index] as number), 0x9e3779b1);
    mixed ^= mixed >>> 15;
  }
  return mixed >>> 0;
}

function doubled(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}

import { table } from "../terminal/table.ts";
import type { Column } from "../terminal/table.ts";
import { shortened } from "../terminal/words.ts";

/** A column of a table that has to fit a terminal. */
export interface FittedColumn extends Column {
  /** Its cells may be shortened. */
  readonly isLong?: boolean;
  /** Left out where the terminal is narrower than this. */
  readonly leastWidth?: number;
}

/** The least that is left of a long cell. */
const leastCell = 12;

/** A table of lines no longer than `width`, as far as its columns can do that; of any length where there is no width. */
export function fittedTable(
  columns: readonly FittedColumn[],
  rows: readonly (readonly string[])[],
  width: number | undefined,
): string[] {
  if (width === undefined) return table(columns, rows);
  const kept = columns.flatMap(({ leastWidth = 0 }, at) => (leastWidth <= width ? [at] : []));
  const shown = kept.map((at) => columns[at] as FittedColumn);
  const cells = rows.map((row) => kept.map((at) => row[at] ?? ""));
  const widths = shown.map(({ title }, at) => Math.max(title.length, ...cells.map((row) => row[at]?.length ?? 0)));
  const long = shown.flatMap(({ isLong }, at) => (isLong === true ? [at] : []));
  const fixed = widths.reduce((sum, each, at) => sum + 2 + (long.includes(at) ? 0 : each), -2);
  let room = width - fixed;
  const limits = new Map<number, number>();
  // The shortest first: what one does not need is left for the others.
  for (const [place, at] of long.toSorted((a, b) => (widths[a] ?? 0) - (widths[b] ?? 0)).entries()) {
    const share = Math.max(leastCell, Math.min(widths[at] ?? 0, Math.floor(room / (long.length - place))));
    limits.set(at, share);
    room -= share;
  }
  return table(
    shown,
    cells.map((row) => row.map((cell, at) => (limits.has(at) ? shortened(cell, limits.get(at) ?? leastCell) : cell))),
  );
}

export interface TextTableOptions {
  /** Columns of the terminal; as many as it takes unless told. */
  readonly width?: number | undefined;
  /** Places of columns that are left out in this order until the table fits. */
  readonly spare?: readonly number[];
}

/** Rows under titles as lines of text; every column but the first is set to the right. */
export function textTable(
  rows: readonly (readonly string[])[],
  { width = Infinity, spare = [] }: TextTableOptions = {},
): string[] {
  const [titles = []] = rows;
  const widths = titles.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  const shown = new Set(titles.keys());
  const total = (): number => [...shown].reduce((sum, column) => sum + (widths[column] ?? 0) + 2, -2);
  for (const column of spare) if (total() > width) shown.delete(column);
  return rows.map((row) =>
    [...shown]
      .map((column) =>
        column === 0 ? (row[0] ?? "").padEnd(widths[0] ?? 0) : (row[column] ?? "").padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
}

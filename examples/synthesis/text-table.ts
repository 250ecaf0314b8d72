/** Rows under titles as lines of text; every column but the first is set to the right. */
export function textTable(rows: readonly (readonly string[])[]): string[] {
  const [titles = []] = rows;
  const widths = titles.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
}

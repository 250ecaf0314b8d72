/** Rows for one statement each. One size for all full batches: the engine then prepares their statement once. */
export function* inBatches<T>(rows: readonly T[], size = 100): Generator<T[], void, undefined> {
  for (let start = 0; start < rows.length; start += size) yield rows.slice(start, start + size);
}

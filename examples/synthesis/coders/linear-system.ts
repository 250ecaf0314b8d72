/** Coefficients of the first rows' exact solution by Gaussian elimination with pivoting; `undefined` if singular. */
export function solveLinear(
  rows: readonly (readonly number[])[],
  right: readonly number[],
): readonly number[] | undefined {
  const width = rows[0]?.length ?? 0;
  const matrix = rows.map((row, index) => [...row, right[index] ?? 0]);
  for (let column = 0; column < width; column++) {
    const pivot = largestBelow(matrix, column);
    if (pivot === undefined) return undefined;
    [matrix[column], matrix[pivot]] = [matrix[pivot] as number[], matrix[column] as number[]];
    eliminate(matrix, column);
  }
  return Array.from({ length: width }, (_, index) => at(matrix, index, width) / at(matrix, index, index));
}

function largestBelow(matrix: readonly number[][], column: number): number | undefined {
  let best: number | undefined;
  for (let row = column; row < matrix.length; row++) {
    const size = Math.abs(at(matrix, row, column));
    if (size > 1e-9 && size > Math.abs(best === undefined ? 0 : at(matrix, best, column))) best = row;
  }
  return best;
}

function eliminate(matrix: readonly number[][], column: number): void {
  const pivot = matrix[column] as number[];
  for (const [index, row] of matrix.entries()) {
    const factor = (row[column] as number) / (pivot[column] as number);
    if (index === column || factor === 0) continue;
    for (let cell = column; cell < row.length; cell++)
      row[cell] = (row[cell] as number) - factor * (pivot[cell] as number);
  }
}

function at(matrix: readonly number[][], row: number, column: number): number {
  return matrix[row]?.[column] ?? 0;
}

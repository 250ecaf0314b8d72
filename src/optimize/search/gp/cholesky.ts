/**
 * Square matrices as rows of one array. Of symmetric ones only the lower triangle is read and written, in place. `size`
 * rows and columns are used of rows that are `stride` long.
 */
export interface Matrix {
  readonly cells: Float64Array;
  readonly size: number;
  readonly stride: number;
}

/** Turns a symmetric matrix into its Cholesky factor; `false` where it is not positive definite. */
export function factorize({ cells, size, stride }: Matrix): boolean {
  for (let row = 0; row < size; row++) {
    const start = row * stride;
    for (let column = 0; column < row; column++) {
      const other = column * stride;
      const rest = (cells[start + column] as number) - dot(cells, { start, other, length: column });
      cells[start + column] = rest / (cells[other + column] as number);
    }
    const rest = (cells[start + row] as number) - dot(cells, { start, other: start, length: row });
    if (!(rest > 0)) return false;
    cells[start + row] = Math.sqrt(rest);
  }
  return true;
}

/** Solves `L x = b` in place of `b`. */
export function solveLower({ cells, size, stride }: Matrix, b: Float64Array): void {
  for (let row = 0; row < size; row++) {
    const start = row * stride;
    let [one, two, three, four] = [0, 0, 0, 0];
    let column = 0;
    for (; column + 3 < row; column += 4) {
      one += (cells[start + column] as number) * (b[column] as number);
      two += (cells[start + column + 1] as number) * (b[column + 1] as number);
      three += (cells[start + column + 2] as number) * (b[column + 2] as number);
      four += (cells[start + column + 3] as number) * (b[column + 3] as number);
    }
    for (; column < row; column++) one += (cells[start + column] as number) * (b[column] as number);
    b[row] = ((b[row] as number) - (one + two + three + four)) / (cells[start + row] as number);
  }
}

/** Solves `Lᵀ x = b` in place of `b`; by rows of `L`, which lie together. */
export function solveUpper({ cells, size, stride }: Matrix, b: Float64Array): void {
  for (let row = size - 1; row >= 0; row--) {
    const start = row * stride;
    const solved = (b[row] as number) / (cells[start + row] as number);
    b[row] = solved;
    for (let column = 0; column < row; column++)
      b[column] = (b[column] as number) - solved * (cells[start + column] as number);
  }
}

/** The lower triangle of the inverse of `L Lᵀ`. */
export function inverseOf({ cells, size, stride }: Matrix): Float64Array {
  // The columns of the inverse of L, each as a row: both loops run along memory.
  const columns = new Float64Array(size * size);
  for (let column = 0; column < size; column++) {
    const own = columns.subarray(column * size, (column + 1) * size);
    own[column] = 1 / (cells[column * stride + column] as number);
    for (let row = column + 1; row < size; row++) {
      const start = row * stride;
      let [even, odd] = [0, 0];
      let at = column;
      for (; at + 1 < row; at += 2) {
        even += (cells[start + at] as number) * (own[at] as number);
        odd += (cells[start + at + 1] as number) * (own[at + 1] as number);
      }
      if (at < row) even += (cells[start + at] as number) * (own[at] as number);
      own[row] = -(even + odd) / (cells[start + row] as number);
    }
  }
  const inverse = new Float64Array(size * size);
  for (let row = 0; row < size; row++)
    for (let column = 0; column <= row; column++) {
      const span = { start: row * size + row, other: column * size + row, length: size - row };
      inverse[row * size + column] = dot(columns, span);
    }
  return inverse;
}

/** Two stretches of one array. */
interface Span {
  readonly start: number;
  readonly other: number;
  readonly length: number;
}

function dot(cells: Float64Array, { start, other, length }: Span): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  let at = 0;
  for (; at + 3 < length; at += 4) {
    a += (cells[start + at] as number) * (cells[other + at] as number);
    b += (cells[start + at + 1] as number) * (cells[other + at + 1] as number);
    c += (cells[start + at + 2] as number) * (cells[other + at + 2] as number);
    d += (cells[start + at + 3] as number) * (cells[other + at + 3] as number);
  }
  for (; at < length; at++) a += (cells[start + at] as number) * (cells[other + at] as number);
  return a + b + c + d;
}

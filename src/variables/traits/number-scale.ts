/** A closed range of numbers and how it is walked. */
export interface NumberScale {
  readonly min: number;
  readonly max: number;
  /** Values are `min`, `min + step`, … up to `max`. */
  readonly step?: number;
  /** Sampled uniformly in the logarithm; needs `min` > 0 and no `step`. */
  readonly log?: boolean;
  /** How many decimal digits values have, from 0 to 15; as many as a number holds unless told. Not with `step`. */
  readonly precision?: number;
}

/** The values of a range that has finitely many, counted from 0. */
export interface Grid {
  /** The count of the last value. */
  readonly last: number;
  readonly at: (count: number) => number;
  /** The count of the value nearest to a number. */
  readonly countOf: (value: number) => number;
}

/** The value at a share of the range (0 is `min`, 1 is `max`), on the variable's scale and grid, each value as often. */
export function place(scale: NumberScale, share: number): number {
  const grid = gridOf(scale);
  if (grid === undefined) return spread(scale, share);
  if (scale.log === true) return grid.at(grid.countOf(spread(scale, share)));
  return grid.at(Math.min(grid.last, Math.floor(share * (grid.last + 1))));
}

/** The value of the scale nearest to a share of the range, below 0 and above 1 the ends. */
export function nearestAt(scale: NumberScale, share: number): number {
  const grid = gridOf(scale);
  const value = spread(scale, Math.min(1, Math.max(0, share)));
  return grid === undefined ? value : grid.at(grid.countOf(value));
}

/** The share of the range at which a value stands: what `place` would turn into it, but for the grid. */
export function shareOf({ min, max, log }: NumberScale, value: number): number {
  if (min === max) return 0;
  if (log === true) return logRatio(value, min) / logRatio(max, min);
  // The widest ranges have a finite width only in halves, the narrowest ones only whole.
  const half = Number.isFinite(max - min) ? 1 : 2;
  return (value / half - min / half) / (max / half - min / half);
}

/** The grid of a range with a step or a precision; `undefined` for a continuum. */
export function gridOf({ min, max, step, precision }: NumberScale): Grid | undefined {
  if (step !== undefined) {
    const last = stepsOf(min, max, step);
    return {
      last,
      at: (count) => Math.min(max, onGrid(min, step, count)),
      countOf: (value) => Math.min(last, Math.max(0, Math.round((value - min) / step))),
    };
  }
  if (precision === undefined) return undefined;
  const { units, first, last } = decimalEnds(min, max, precision);
  return {
    last: last - first,
    // One division of whole numbers: the number nearest to the decimal, as a person would write it.
    at: (count) => (first + count) / units,
    countOf: (value) => Math.min(last, Math.max(first, Math.round(value * units))) - first,
  };
}

/** The first and last decimal of that many digits in a range, counted in units of the last digit. */
export function decimalEnds(
  min: number,
  max: number,
  precision: number,
): { readonly units: number; readonly first: number; readonly last: number } {
  const units = 10 ** precision;
  const low = Math.round(min * units);
  const high = Math.round(max * units);
  return { units, first: low / units < min ? low + 1 : low, last: high / units > max ? high - 1 : high };
}

/** The value at a share of the range on its scale, off the grid. */
function spread({ min, max, log }: NumberScale, share: number): number {
  if (log !== true) return between(min * (1 - share) + max * share, min, max);
  const ratio = max / min;
  return between(Number.isFinite(ratio) ? min * ratio ** share : min * Math.exp(logRatio(max, min) * share), min, max);
}

/** The logarithm of a ratio, which may itself be beyond all numbers. */
function logRatio(value: number, min: number): number {
  const ratio = value / min;
  return Number.isFinite(ratio) ? Math.log(ratio) : Math.log(value) - Math.log(min);
}

function between(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value));
}

/** How many steps lead from `min` to the last value of the grid. */
function stepsOf(min: number, max: number, step: number): number {
  return Math.floor((max - min) / step + 1e-9);
}

/** `min + count · step` without the binary dust of decimal steps: 0.1 · 3 is 0.3. */
function onGrid(min: number, step: number, count: number): number {
  const value = min + count * step;
  const neat = Number(value.toPrecision(12));
  const dust = 4 * Number.EPSILON * Math.max(Math.abs(min), count * step);
  return Math.abs(neat - value) <= dust ? neat : value;
}

import type { Json, Rng } from "#foundation";
import type { Coded, Drawn, Listed } from "./definition.ts";

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
interface Grid {
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
function nearestAt(scale: NumberScale, share: number): number {
  const grid = gridOf(scale);
  const value = spread(scale, Math.min(1, Math.max(0, share)));
  return grid === undefined ? value : grid.at(grid.countOf(value));
}

/** The share of the range at which a value stands: what `place` would turn into it, but for the grid. */
function shareOf({ min, max, log }: NumberScale, value: number): number {
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

/** How far a neighbour in a continuum is, as a share of the range on its scale. */
const stride = 0.05;

/** What kinds know whose values are numbers of a range: one share of it stands for a number. */
export function numberRange<V>(scaleOf: (variable: V) => NumberScale): Listed<V> & Drawn<V> & Coded<V> {
  return {
    size(variable) {
      const scale = scaleOf(variable);
      const grid = gridOf(scale);
      if (grid === undefined) return scale.min === scale.max ? 1 : Infinity;
      return grid.last + 1;
    },
    values: (variable) => numbersOf(scaleOf(variable)),
    neighbours: (variable, value) => numbersBeside(scaleOf(variable), value as number),
    shares: () => 1,
    draw: (variable, [share = 0]) => place(scaleOf(variable), share),
    width: () => 1,
    isRounded: true,
    encode: (variable, value) => [shareOf(scaleOf(variable), value as number)],
    decode: (variable, [share = 0]) => nearestAt(scaleOf(variable), share),
  };
}

function* numbersOf(scale: NumberScale): Generator<Json> {
  const grid = gridOf(scale);
  if (grid === undefined) return yield scale.min;
  for (let count = 0; count <= grid.last; count++) yield grid.at(count);
}

function numbersBeside(scale: NumberScale, value: number): readonly number[] {
  const grid = gridOf(scale);
  const beside = grid === undefined || scale.precision !== undefined ? strides(scale, value) : [];
  const steps = grid === undefined ? [] : oneBeside(grid, value);
  // Digits may be finer than strides and strides finer than digits: the farther of both counts on each side.
  const lower = [...beside, ...steps].filter((other) => other < value);
  const upper = [...beside, ...steps].filter((other) => other > value);
  return [...(lower.length === 0 ? [] : [Math.min(...lower)]), ...(upper.length === 0 ? [] : [Math.max(...upper)])];
}

function strides(scale: NumberScale, value: number): readonly number[] {
  const share = shareOf(scale, value);
  return [nearestAt(scale, share - stride), nearestAt(scale, share + stride)];
}

function oneBeside({ last, at, countOf }: Grid, value: number): readonly number[] {
  const count = countOf(value);
  return [at(Math.max(0, count - 1)), at(Math.min(last, count + 1))];
}

/** The standard deviation of a step, as a share of the range on its scale. */
const deviation = 0.2;

/** A real number a Gaussian step away, reflected at the ends; on a grid at least one step of it. */
export function neighbourNumber(scale: NumberScale, value: number, rng: Rng): number {
  const grid = gridOf(scale);
  if (grid !== undefined && scale.log !== true) return grid.at(neighbourCount(grid.last, grid.countOf(value), rng));
  const moved = place(scale, stepFrom(shareOf(scale, value), rng));
  if (moved !== value) return moved;
  if (grid !== undefined) return grid.at(neighbourOf(grid.last, grid.countOf(value), rng));
  return value === scale.min ? scale.max : scale.min;
}

/** A whole number a Gaussian step away, at least 1 or `step`, reflected at the ends. */
export function neighbourWhole(scale: NumberScale, value: number, rng: Rng): number {
  const { min, max, step = 1, log } = scale;
  if (log === true) {
    const moved = Math.round(place(scale, stepFrom(shareOf(scale, value), rng)));
    return moved === value ? min + neighbourOf(max - min, value - min, rng) : moved;
  }
  return min + step * neighbourCount(Math.floor((max - min) / step), Math.round((value - min) / step), rng);
}

/** Another count from 0 to `last`, a Gaussian step away. */
function neighbourCount(last: number, count: number, rng: Rng): number {
  if (last === 0) return 0;
  const moved = Math.round(stepFrom(count / last, rng) * last);
  return moved === count ? neighbourOf(last, count, rng) : moved;
}

/** The count before or after; the only one there is at an end. */
function neighbourOf(last: number, count: number, rng: Rng): number {
  if (last === 0) return 0;
  if (count === 0) return 1;
  return count === last || rng.next() < 0.5 ? count - 1 : count + 1;
}

/** A share of the range one step from another, folded back into 0 to 1. */
function stepFrom(share: number, rng: Rng): number {
  const folded = Math.abs(share + deviation * gaussian(rng)) % 2;
  return folded > 1 ? 2 - folded : folded;
}

/** A normal deviate (Box & Muller 1958). */
function gaussian(rng: Rng): number {
  return Math.sqrt(-2 * Math.log(1 - rng.next())) * Math.cos(2 * Math.PI * rng.next());
}

import type { Rng } from "#foundation";
import { gridOf, place, shareOf } from "./number-scale.ts";
import type { NumberScale } from "./number-scale.ts";

/** The standard deviation of a step, as a share of the range on its scale. */
const spread = 0.2;

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
  const folded = Math.abs(share + spread * gaussian(rng)) % 2;
  return folded > 1 ? 2 - folded : folded;
}

/** A normal deviate (Box & Muller 1958). */
function gaussian(rng: Rng): number {
  return Math.sqrt(-2 * Math.log(1 - rng.next())) * Math.cos(2 * Math.PI * rng.next());
}

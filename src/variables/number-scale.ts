/** A closed range of numbers and how it is walked. */
export interface NumberScale {
  readonly min: number;
  readonly max: number;
  /** Values are `min`, `min + step`, … up to `max`. */
  readonly step?: number;
  /** Sampled uniformly in the logarithm; needs `min` > 0 and no `step`. */
  readonly log?: boolean;
}

/** The value at a share of the range (0 is `min`, 1 is `max`), on the variable's scale and grid. */
export function place({ min, max, step, log }: NumberScale, share: number): number {
  const within = (value: number): number => Math.min(max, Math.max(min, value));
  if (log === true) return within(min * (max / min) ** share);
  if (step === undefined) return within(min * (1 - share) + max * share);
  const steps = stepsOf(min, max, step);
  return within(onGrid(min, step, Math.min(steps, Math.floor(share * (steps + 1)))));
}

/** The share of the range at which a value stands: what `place` would turn into it, but for the grid. */
export function shareOf({ min, max, log }: NumberScale, value: number): number {
  if (min === max) return 0;
  if (log === true) return Math.log(value / min) / Math.log(max / min);
  // The widest ranges have a finite width only in halves, the narrowest ones only whole.
  const half = Number.isFinite(max - min) ? 1 : 2;
  return (value / half - min / half) / (max / half - min / half);
}

/** How many steps lead from `min` to the last value of the grid. */
export function stepsOf(min: number, max: number, step: number): number {
  return Math.floor((max - min) / step + 1e-9);
}

/** `min + count · step` without the binary dust of decimal steps: 0.1 · 3 is 0.3. */
export function onGrid(min: number, step: number, count: number): number {
  const value = min + count * step;
  const neat = Number(value.toPrecision(12));
  const dust = 4 * Number.EPSILON * Math.max(Math.abs(min), count * step);
  return Math.abs(neat - value) <= dust ? neat : value;
}

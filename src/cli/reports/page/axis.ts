/** A line of numbers on a chart: where a value stands, from 0 to 1, and what is written beside it. */
export interface Axis {
  readonly position: (value: number) => number;
  readonly ticks: readonly Tick[];
}

export interface Tick {
  readonly at: number;
  readonly text: string;
}

export interface AxisOptions {
  /** How many ticks are wanted, about. */
  readonly ticks?: number;
  readonly text?: (value: number) => string;
  /** Equal factors are equally far from each other; for values above 0. */
  readonly isLogarithmic?: boolean;
}

/** An axis from the smallest to the largest of these values, with a little room around them. */
export function axisOf(values: readonly number[], options: AxisOptions = {}): Axis {
  const { ticks = 5, text = shortNumber, isLogarithmic = false } = options;
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) [least, most] = [Math.min(least, value), Math.max(most, value)];
  if (!Number.isFinite(least) || !Number.isFinite(most)) [least, most] = [0, 1];
  if (isLogarithmic && least > 0) return logarithmic(least, most, text);
  const room = (most - least || Math.abs(most) || 1) * 0.06;
  const [from, to] = [least - room, most + room];
  const position = (value: number): number => (value - from) / (to - from);
  const step = niceStep((to - from) / ticks);
  const first = Math.ceil(from / step);
  const places = Array.from({ length: Math.floor(to / step) - first + 1 }, (_, index) => (first + index) * step);
  return { position, ticks: places.map((value) => ({ at: position(value), text: text(value) })) };
}

function logarithmic(least: number, most: number, text: (value: number) => string): Axis {
  const [from, to] = [Math.log(least) - 0.05, Math.log(most) + 0.05];
  const position = (value: number): number => (Math.log(value) - from) / (to - from);
  const middle = Math.exp((from + to) / 2);
  const shown = least === most ? [least] : [least, middle, most];
  return { position, ticks: shown.map((value) => ({ at: position(value), text: text(value) })) };
}

/** 1, 2 or 5 times a power of ten. */
function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((each) => each * power >= rough) ?? 10;
  return factor * power;
}

/** A number in few characters: 0.25, 12k, 3.4M. */
export function shortNumber(value: number): string {
  const size = Math.abs(value);
  if (size >= 999_500) return `${trimmed(value / 1e6)}M`;
  if (size >= 9_995) return `${trimmed(value / 1e3)}k`;
  return trimmed(value);
}

function trimmed(value: number): string {
  return String(Number(value.toPrecision(3)));
}

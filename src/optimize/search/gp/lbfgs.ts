/** A function of several numbers with its gradient, which it writes; `Infinity` where it has no value. */
export type Slope = (point: Float64Array, gradient: Float64Array) => number;

export interface MinimizeOptions {
  readonly start: Float64Array;
  /** The box that no number leaves. */
  readonly low: Float64Array;
  readonly high: Float64Array;
  readonly steps: number;
}

export interface Minimum {
  readonly point: Float64Array;
  readonly value: number;
}

/** How many past steps tell of the curvature. */
const memory = 8;

/** A step that gains less than this, relative to the value, is the last. */
const leastGain = 1e-7;

const maxHalvings = 12;

/** A step and by how much the gradient changed over it. */
interface Curvature {
  readonly step: Float64Array;
  readonly change: Float64Array;
  /** Of one along the other; above 0. */
  readonly along: number;
}

/**
 * A local minimum in a box near the start: limited-memory BFGS (Nocedal 1980) along the projected path, without the numbers
 * that press against their bounds, with halving of steps that do not descend enough (Armijo).
 */
export function minimize(slope: Slope, { start, low, high, steps }: MinimizeOptions): Minimum {
  let point = Float64Array.from(start, (at, index) => between(at, low[index] as number, high[index] as number));
  let gradient = new Float64Array(point.length);
  let value = slope(point, gradient);
  const past: Curvature[] = [];
  for (let step = 0; step < steps; step++) {
    const free = gradient.map((slant, at) => {
      const isPressed = slant > 0 ? point[at] === low[at] : point[at] === high[at];
      return isPressed ? 0 : slant;
    });
    const direction = descent(free, past);
    const descends = inner(direction, free);
    if (!(descends < 0)) break;
    let length = past.length === 0 ? Math.min(1, 0.2 / Math.sqrt(inner(free, free))) : 1;
    let next: Minimum | undefined;
    const slants = new Float64Array(point.length);
    for (let halving = 0; halving < maxHalvings && next === undefined; halving++, length *= 0.4) {
      const tried = moved(point, direction, { length, low, high });
      const reached = slope(tried, slants);
      if (reached <= value + 1e-4 * length * descends) next = { point: tried, value: reached };
    }
    if (next === undefined) break;
    remember(past, difference(next.point, point), difference(slants, gradient));
    const gain = value - next.value;
    [point, value, gradient] = [next.point as Float64Array<ArrayBuffer>, next.value, slants];
    if (gain < leastGain * (1 + Math.abs(value))) break;
  }
  return { point, value };
}

/** The two loops over what is remembered. */
function descent(gradient: Float64Array, past: readonly Curvature[]): Float64Array {
  const direction = gradient.map((slant) => -slant);
  const shares: number[] = [];
  for (const { step, change, along } of past.toReversed()) {
    const share = inner(step, direction) / along;
    shares.push(share);
    add(direction, change, -share);
  }
  const newest = past.at(-1);
  if (newest !== undefined) {
    const scale = newest.along / inner(newest.change, newest.change);
    for (let at = 0; at < direction.length; at++) direction[at] = (direction[at] as number) * scale;
  }
  for (const { step, change, along } of past)
    add(direction, step, (shares.pop() as number) - inner(change, direction) / along);
  return direction.map((slant, at) => (gradient[at] === 0 ? 0 : slant));
}

function remember(past: Curvature[], step: Float64Array, change: Float64Array): void {
  const along = inner(step, change);
  if (!(along > 1e-12 * Math.sqrt(inner(step, step) * inner(change, change)))) return;
  past.push({ step, change, along });
  if (past.length > memory) past.shift();
}

function moved(
  point: Float64Array,
  direction: Float64Array,
  { length, low, high }: { readonly length: number; readonly low: Float64Array; readonly high: Float64Array },
): Float64Array {
  return point.map((at, index) =>
    between(at + length * (direction[index] as number), low[index] as number, high[index] as number),
  );
}

function difference(one: Float64Array, other: Float64Array): Float64Array {
  return one.map((at, index) => at - (other[index] as number));
}

function add(to: Float64Array, what: Float64Array, times: number): void {
  for (let at = 0; at < to.length; at++) to[at] = (to[at] as number) + times * (what[at] as number);
}

function inner(one: Float64Array, other: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < one.length; at++) sum += (one[at] as number) * (other[at] as number);
  return sum;
}

function between(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

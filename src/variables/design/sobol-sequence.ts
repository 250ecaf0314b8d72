import type { Rng } from "#foundation";
import directions from "./data/joe-kuo.json" with { type: "json" };

/** How many dimensions the table has. */
export const maxSobolDimensions: number = directions.rows.length + 1;

const bits = 32;
const scale = 2 ** -bits;

/**
 * The points of a scrambled Sobol sequence, each number in [0, 1). Of the first 2^k points exactly one lies in each of
 * 2^k equal parts, in every dimension.
 *
 * Direction numbers: S. Joe & F. Y. Kuo, "Constructing Sobol sequences with better two-dimensional projections", SIAM
 * J. Sci. Comput. 30 (2008), the table new-joe-kuo-6 (https://web.maths.unsw.edu.au/~fkuo/sobol/), dimensions 2 to 128.
 * Scrambling: nested uniform, A. B. Owen, "Randomly permuted (t,m,s)-nets and (t,s)-sequences" (1995), each bit
 * flipped by a hash of the bits before it.
 */
export function sobolPoint(index: number, scrambles: readonly Scramble[]): number[] {
  return scrambles.map(({ directions: own, seed }) => {
    let word = 0;
    for (let bit = 0, rest = index; rest > 0; bit++, rest = Math.floor(rest / 2))
      if (rest % 2 === 1) word ^= own[bit] ?? 0;
    return scrambled(word, seed) * scale;
  });
}

/** One dimension of a scrambled sequence. */
export interface Scramble {
  readonly directions: Uint32Array;
  readonly seed: number;
}

/** As many scrambled dimensions, at most `maxSobolDimensions`. */
export function sobolScrambles(dimensions: number, rng: Rng): readonly Scramble[] {
  return Array.from({ length: dimensions }, (_, dimension) => ({
    directions: directionsOf(dimension),
    seed: Math.floor(rng.fork(`${dimension}`).next() * 2 ** 32),
  }));
}

/** The direction numbers of a dimension from 0, by the recurrence of its primitive polynomial. */
function directionsOf(dimension: number): Uint32Array {
  const own = new Uint32Array(bits);
  if (dimension === 0) return own.map((_, bit) => 1 << (bits - 1 - bit));
  const [degree = 0, coefficients = 0, ...first] = directions.rows[dimension - 1] ?? [];
  for (let bit = 0; bit < bits; bit++) {
    if (bit < degree) {
      own[bit] = (first[bit] ?? 0) << (bits - 1 - bit);
      continue;
    }
    const last = own[bit - degree] ?? 0;
    let word = last ^ (last >>> degree);
    for (let back = 1; back < degree; back++)
      if (((coefficients >>> (degree - 1 - back)) & 1) === 1) word ^= own[bit - back] ?? 0;
    own[bit] = word;
  }
  return own;
}

/** Each bit flipped or not, as the seed and all the bits above it decide. */
function scrambled(word: number, seed: number): number {
  let flips = 0;
  for (let bit = 0; bit < bits; bit++) {
    // The bits above, behind a leading 1 that tells how many they are.
    const above = bit === 0 ? 1 : ((1 << bit) | (word >>> (bits - bit))) >>> 0;
    flips |= (mixed(seed ^ mixed(above)) >>> 31) << (bits - 1 - bit);
  }
  return (word ^ flips) >>> 0;
}

/** A word of which every bit depends on every bit of another (the last step of MurmurHash3, A. Appleby). */
function mixed(word: number): number {
  let hash = word;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Chance as a parameter: a stream of numbers that can be forked into named, independent streams. */
export interface Rng {
  /** The next number, uniform in [0, 1) with 53 random bits. */
  next(): number;
  /**
   * The stream with this label. It depends on the seed and on the path of labels alone: neither the numbers already
   * drawn nor other forks shift it, so a new consumer of chance leaves every other one as it was.
   */
  fork(label: string): Rng;
}

/** A reproducible stream: the same seed gives the same numbers on every machine. */
export function seededRng(seed: string | number): Rng {
  // Doubled slashes: no seed reads like another seed with a path of forks.
  return stream(`${typeof seed}:${String(seed).replaceAll("/", "//")}`);
}

/** A stream seeded from the operating system, for identities and for runs that nobody wants to repeat. */
export function systemRng(): Rng {
  return stream(`system:${crypto.getRandomValues(new Uint32Array(4)).join("-")}`);
}

/** An integer, uniform in [0, `limit`). */
export function integerBelow(rng: Rng, limit: number): number {
  return Math.floor(rng.next() * limit);
}

/** One of the items. The list must not be empty. */
export function pick<T>(rng: Rng, items: readonly T[]): T {
  return items[integerBelow(rng, items.length)] as T;
}

/** A new list with the items in random order (Fisher–Yates). */
export function shuffle<T>(rng: Rng, items: readonly T[]): T[] {
  const shuffled = [...items];
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = integerBelow(rng, last + 1);
    [shuffled[last], shuffled[other]] = [shuffled[other] as T, shuffled[last] as T];
  }
  return shuffled;
}

/** `count` different items in random order; all of them when there are fewer. */
export function sampleItems<T>(rng: Rng, items: readonly T[], count: number): T[] {
  return shuffle(rng, items).slice(0, Math.max(0, count));
}

function stream(key: string): Rng {
  let [a, b, c, d] = hash128(key);
  // sfc32 (Chris Doty-Humphrey, PractRand): 128 bits of state, passes BigCrush.
  const word = (): number => {
    const sum = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let warmUp = 0; warmUp < 12; warmUp++) word();
  return {
    next: () => ((word() >>> 5) * 0x4000000 + (word() >>> 6)) / 0x20000000000000,
    fork: (label) => stream(`${key}/${label.length}:${label}`),
  };
}

/** Four 32-bit words from a text: cyrb128, enough to tell seeds apart, not for cryptography. */
function hash128(text: string): [number, number, number, number] {
  let [h1, h2, h3, h4] = [1779033703, 3144134277, 1013904242, 2773480762];
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    h1 = h2 ^ Math.imul(h1 ^ code, 597399067);
    h2 = h3 ^ Math.imul(h2 ^ code, 2869860233);
    h3 = h4 ^ Math.imul(h3 ^ code, 951274213);
    h4 = h1 ^ Math.imul(h4 ^ code, 2716044179);
  }
  h1 = Math.imul(h3 ^ (h1 >>> 18), 597399067);
  h2 = Math.imul(h4 ^ (h2 >>> 22), 2869860233);
  h3 = Math.imul(h1 ^ (h3 >>> 17), 951274213);
  h4 = Math.imul(h2 ^ (h4 >>> 19), 2716044179);
  const mixed = h1 ^ h2 ^ h3 ^ h4;
  return [mixed | 0, (h2 ^ mixed) | 0, (h3 ^ mixed) | 0, (h4 ^ mixed) | 0];
}

/** The noise of the evaluation with this number in the run with this seed: bbo-suite.md, twelve uniforms of mulberry32. */
export function standardNoise(seed: number, evaluation: number): number {
  let state = mixed(Math.imul(seed + 1, 0x9e3779b1) + Math.imul(evaluation + 1, 0x85ebca77));
  let sum = 0;
  for (let draw = 0; draw < 12; draw++) {
    state = (state + 0x6d2b79f5) | 0;
    let word = state;
    word = Math.imul(word ^ (word >>> 15), word | 1);
    word = (word + Math.imul(word ^ (word >>> 7), word | 61)) ^ word;
    sum += (word ^ (word >>> 14)) >>> 0;
  }
  return sum / 4294967296 - 6;
}

/** The finalizer of MurmurHash3. */
function mixed(sum: number): number {
  let hash = sum | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

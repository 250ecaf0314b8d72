/**
 * Scores on the scale on which the model sees them: worth 0 at the best and falling with the loss behind it, at first
 * evenly, beyond `bend` as its logarithm, then standardised. A large bend leaves them as they are; a small one tames what
 * is worse by orders of magnitude.
 */
export interface Warped {
  readonly values: Float64Array;
  /** The log of the product of all slopes: what turns a density of warped scores into one of scores. */
  readonly logSlopes: number;
}

/** `losses` in units of their own spread. */
export function warped(losses: Float64Array, bend: number): Warped {
  const count = losses.length;
  const values = losses.map((loss) => -Math.log1p(loss / bend) * bend);
  let [mean, logSlopes] = [0, 0];
  for (const value of values) mean += value / count;
  let variance = 0;
  for (const value of values) variance += (value - mean) ** 2 / count;
  const deviation = Math.sqrt(variance) || 1;
  for (let at = 0; at < count; at++) {
    values[at] = ((values[at] as number) - mean) / deviation;
    logSlopes -= Math.log1p((losses[at] as number) / bend);
  }
  return { values, logSlopes: logSlopes - count * Math.log(deviation) };
}

/** Behind this everything is equally bad: its log is large enough for any bend. */
const mostLoss = 1e100;

/** How far each score lies behind the best, in units of the middle one's loss. */
export function lossesOf(worths: Float64Array): Float64Array {
  let best = -Infinity;
  for (const worth of worths) if (worth > best) best = worth;
  // In halves the widest range has a finite width too.
  const losses = worths.map((worth) => best / 2 - worth / 2);
  const sorted = losses.toSorted();
  const middle = sorted[sorted.length >>> 1] as number;
  const unit = middle > 0 ? middle : (sorted.at(-1) as number) || 1;
  return losses.map((loss) => Math.min(mostLoss, loss / unit));
}

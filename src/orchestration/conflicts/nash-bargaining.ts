/** What one agent thinks of every candidate, in the order of the candidates. */
export interface Bargainer {
  readonly utilities: readonly number[];
  /** What it has without an agreement: it accepts nothing below. */
  readonly disagreement: number;
}

/**
 * The place of the candidate with the largest product of gains Π(u − d) among those where nobody gets less than without
 * an agreement (Nash 1950); ties: the earlier. Where no candidate is a gain for all, the one that is a gain for the most
 * of them, by their product. Nobody can do better without another doing worse; scaling or shifting one agent's
 * utilities together with its disagreement changes nothing; leaving out a candidate that was not chosen changes
 * nothing. `undefined`: nothing is acceptable to all.
 */
export function nashBargain(bargainers: readonly Bargainer[], candidates: number): number | undefined {
  const offers = Array.from({ length: candidates }, (_, index) => ({
    index,
    gains: bargainers.map(({ utilities, disagreement }) => (utilities[index] ?? Number.NaN) - disagreement),
  })).filter(({ gains }) => gains.every((gain) => gain >= 0));
  const [first, ...rest] = offers;
  if (first === undefined) return undefined;
  let best = rest.reduce((top, offer) => (isLarger(offer.gains, top.gains) ? offer : top), first);
  // Products that a double cannot tell apart: what is better for one and worse for nobody.
  for (const offer of offers) if (dominates(offer.gains, best.gains)) best = offer;
  return best.index;
}

function isLarger(a: readonly number[], b: readonly number[]): boolean {
  const [gainers, others] = [gainersOf(a), gainersOf(b)];
  return gainers === others ? logOfProduct(a) > logOfProduct(b) : gainers > others;
}

function gainersOf(gains: readonly number[]): number {
  return gains.filter((gain) => gain > 0).length;
}

/** A sum of logarithms: the product of many small gains is 0 in floating point. */
function logOfProduct(gains: readonly number[]): number {
  return gains.reduce((sum, gain) => (gain > 0 ? sum + Math.log(gain) : sum), 0);
}

function dominates(a: readonly number[], b: readonly number[]): boolean {
  return a.every((gain, index) => gain >= (b[index] ?? 0)) && a.some((gain, index) => gain > (b[index] ?? 0));
}

import { firstLargest } from "./borda.ts";

/** What one agent thinks of every candidate, in the order of the candidates. */
export interface Negotiator {
  readonly agent: string;
  readonly utilities: readonly number[];
  /** It never offers, nor accepts, what is worth less to it. */
  readonly reservation: number;
}

/** What an agent offers in a round: a place among the candidates. */
export interface Offer {
  readonly agent: string;
  readonly candidate: number;
}

export interface Concession {
  /** The place of the candidate, or `undefined`: no agreement. */
  readonly agreed: number | undefined;
  /** What each offered, round by round, its best first. An agent that has no more to offer repeats its last one. */
  readonly rounds: readonly (readonly Offer[])[];
}

/**
 * Monotonic concession of all at once, one step a round: each offers its best candidate, then its next best, down to its
 * reservation, and stays with what it has offered. Agreed is the first candidate that everyone has offered; of several in one round
 * the one that was offered earlier by all together (Brams and Kilgour 2001: fallback bargaining), then the earlier. The worth of an agent's own offers to it never rises, and it
 * ends within as many rounds as there are candidates. Ties of utility: the earlier candidate.
 */
export function monotonicConcession(negotiators: readonly Negotiator[], candidates: number): Concession {
  const orders = negotiators.map((negotiator) => offersOf(negotiator, candidates));
  const rounds: (readonly Offer[])[] = [];
  if (orders.length === 0 || orders.some((order) => order.length === 0)) return { agreed: undefined, rounds };
  const longest = Math.max(...orders.map((order) => order.length));
  for (let round = 0; round < longest; round++) {
    rounds.push(
      negotiators.map(({ agent }, index) => {
        const order = orders[index] ?? [];
        return { agent, candidate: order[Math.min(round, order.length - 1)] ?? 0 };
      }),
    );
    const agreed = commonTo(orders.map((order) => order.slice(0, round + 1)));
    if (agreed !== undefined) return { agreed, rounds };
  }
  return { agreed: undefined, rounds };
}

function offersOf({ utilities, reservation }: Negotiator, candidates: number): readonly number[] {
  return Array.from({ length: candidates }, (_, index) => index)
    .filter((index) => (utilities[index] ?? -Infinity) >= reservation)
    .sort((a, b) => (utilities[b] ?? 0) - (utilities[a] ?? 0) || a - b);
}

/** What all have offered; of several the one with the smallest sum of the rounds in which they did. */
function commonTo(offered: readonly (readonly number[])[]): number | undefined {
  const [first = [], ...others] = offered;
  const common = first.filter((candidate) => others.every((other) => other.includes(candidate))).sort((a, b) => a - b);
  if (common.length === 0) return undefined;
  const lateness = common.map((candidate) => offered.reduce((sum, order) => sum + order.indexOf(candidate), 0));
  return common[firstLargest(lateness.map((late) => -late))];
}

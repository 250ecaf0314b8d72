import { mean, pairedInterval } from "#programs";
import { atLeast, atMost } from "./bench.ts";
import type { Promised } from "./bench.ts";
import type { PeerResult } from "./dspy-row.ts";
import type { OurRun } from "./our-row.ts";

/** The peer's run and ours on the same data, ours with at most as many calls. */
export interface PeerPair {
  readonly theirs: PeerResult;
  readonly ours: OurRun;
}

/** The steps in which shares of the peer's calls and time are looked at. */
const steps = 200;

/** Our mean held-out score less the peer's, with its 95 % interval over the seeds. */
export function gain(pairs: readonly PeerPair[]): { readonly mean: number; readonly text: string } {
  const [before, after] = [pairs.map(({ theirs }) => theirs.score), pairs.map(({ ours }) => ours.score)];
  const difference = mean(after) - mean(before);
  const [low, high] = pairedInterval(before, after);
  return { mean: difference, text: `${signed(difference)} [${signed(low)}, ${signed(high)}]` };
}

/**
 * The least share of the peer's calls, or of its time, after which our mean held-out score of that moment is at least the
 * peer's final one; infinite where it never is. Every seed has its own clock: the share is of that seed's run.
 */
export function shareToReach(pairs: readonly PeerPair[], by: "calls" | "wallMs"): number {
  const target = mean(pairs.map(({ theirs }) => theirs.score));
  for (let step = 0; step <= steps; step++) {
    const share = step / steps;
    // The same scores added up in another order differ by dust.
    if (mean(pairs.map((pair) => scoreAt(pair, by, share))) >= target - 1e-9) return share;
  }
  return Infinity;
}

function scoreAt({ theirs, ours }: PeerPair, by: "calls" | "wallMs", share: number): number {
  const reached = ours.curve.filter((point) => point[by] <= share * theirs[by]);
  return reached.at(-1)?.score ?? Number.NaN;
}

export function callPromises(name: string, peer: string, pairs: readonly PeerPair[]): readonly Promised[] {
  const equal = `${name}: our mean held-out score less ${peer}'s, at its calls`;
  return [
    atLeast(equal, gain(pairs).mean, 0, "share right"),
    atMost(`${name}: calls to ${peer}'s final score`, shareToReach(pairs, "calls"), 0.5, `of ${peer}'s`),
  ];
}

export function timePromise(name: string, peer: string, pairs: readonly PeerPair[]): Promised {
  return atMost(`${name}: time to ${peer}'s final score`, shareToReach(pairs, "wallMs"), 0.1, `of ${peer}'s`);
}

function signed(value: number): string {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(3)}`;
}

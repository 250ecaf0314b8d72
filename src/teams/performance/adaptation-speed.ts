import { mean } from "#programs";

/**
 * How soon scores settle after the last change of the team: 1 − n/N, where the n-th of the N scores since the change
 * begins the first window (of max(5, N/10) scores) whose mean comes to within 5 % of the last window's. 1 if nothing
 * changed, or nothing was scored after it. spec/semantics.md §2.4; windows look ahead, so that luck with the very first
 * scores does not count as settled. `changes` are places among the scores.
 */
export function adaptationSpeed(scores: readonly number[], changes: readonly number[]): number {
  const last = changes.reduce((latest, change) => Math.max(latest, change), -1);
  const since = last < 0 ? [] : scores.slice(last);
  if (since.length === 0) return 1;
  const window = Math.min(since.length, Math.max(5, Math.floor(since.length / 10)));
  const levels = Array.from({ length: since.length - window + 1 }, (_, place) =>
    mean(since.slice(place, place + window)),
  );
  const final = levels.at(-1) as number;
  const settled = levels.findIndex((level) => level >= final - 0.05 * Math.abs(final));
  return 1 - settled / since.length;
}

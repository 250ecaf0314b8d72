import type { Comparison, CostWeight } from "#optimize";
import { gainInterval, score, signed } from "../terminal/words.ts";

/** By what the winner was chosen and judged, where the run weighs costs. */
export function weighedText(costWeight: CostWeight | undefined): readonly string[] {
  if (costWeight === undefined) return [];
  const weights = Object.entries(costWeight).filter(([, points]) => Number(points) > 0);
  const points = weights.map(([name, each]) => `${each} for each of ${name}`).join(", ");
  return [`The winner was chosen and judged by its score less the cost of an example, in points ${points}.`];
}

/** The rows of a comparison in score less cost: title, value, interval. */
export function weighedRows({ weighted }: Comparison): readonly (readonly [string, string, string])[] {
  if (weighted === undefined) return [];
  const { baseline, winner, gain } = weighted;
  return [
    ["baseline, less cost", score(baseline), ""],
    ["winner, less cost", score(winner), ""],
    ["gain, less cost", signed(gain.mean), gainInterval(gain.interval)],
  ];
}

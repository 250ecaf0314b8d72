import { mean } from "#programs";
import type { TuningRow } from "./tuning-rows.ts";
import { standardDeviation } from "./statistics.ts";

/** A mean over seeds with half the width of its 95 % interval (Student's t). */
export interface SeedMean {
  readonly mean: number;
  readonly halfWidth: number;
}

/** Student's t at 97.5 %, by degrees of freedom from 1 on; beyond them the normal one is near enough. */
const students = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11, 2.101, 2.093]; // prettier-ignore

export function seedMean(values: readonly number[]): SeedMean {
  const t = students[values.length - 2] ?? (values.length > students.length ? 1.96 : Number.NaN);
  return { mean: mean(values), halfWidth: (t * standardDeviation(values)) / Math.sqrt(values.length) };
}

/** `"0.712 ±0.031"`, with a sign where it is a difference. */
export function seedMeanText({ mean: middle, halfWidth }: SeedMean, isDifference = false): string {
  const sign = isDifference && middle >= 0 ? "+" : "";
  return `${sign}${middle.toFixed(3)} ±${Number.isNaN(halfWidth) ? "?" : halfWidth.toFixed(3)}`;
}

/** What one contestant has more than another on the same seeds. */
export function differences(own: readonly TuningRow[], others: readonly TuningRow[]): readonly number[] {
  const bySeed = new Map(others.map((row) => [row.seed, row.after]));
  return own.flatMap(({ seed, after }) => {
    const other = bySeed.get(seed);
    return other === undefined ? [] : [after - other];
  });
}

/** The fewest calls after which the mean over these runs reaches a score; `undefined` where it never does. */
export function callsUntil(rows: readonly TuningRow[], score: number): number | undefined {
  const changes = rows.flatMap(({ curve }) => curve.map(({ calls }) => calls));
  return changes.toSorted((a, b) => a - b).find((calls) => mean(rows.map((row) => scoreAfter(row, calls))) >= score);
}

function scoreAfter({ before, curve }: TuningRow, calls: number): number {
  return curve.findLast((point) => point.calls <= calls)?.score ?? before;
}

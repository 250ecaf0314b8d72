import type { Json, Rng } from "#foundation";
import { mutateConfiguration } from "#variables/search";
import type { Configuration, Space } from "#variables";
import { featuresOf } from "./features.ts";
import type { Measurement } from "./measurements.ts";
import type { Move } from "./moves.ts";

/** A box of numbers around a configuration, by column of the features; whatever is no number may have any value. */
export interface Region {
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** Whether a row lies within. */
  holds(row: Float64Array): boolean;
  /** A configuration near the middle. */
  draw(moves: readonly Move[], rng: Rng): Configuration;
}

/** How many numbers a draw moves on average; the others stay as they are in the middle. */
const movedNumbers = 3;

/** The least half width. */
const leastReach = 1e-4;

/**
 * Around the best of these, as wide as half of them reach from there: it closes in as the search does. `undefined` where
 * nothing has a score.
 */
export function regionAround(space: Space, points: readonly Measurement[]): Region | undefined {
  const features = featuresOf(space);
  const best = points.reduce<Measurement | undefined>(
    (top, point) => ((point.worth ?? -Infinity) > (top?.worth ?? -Infinity) ? point : top),
    undefined,
  );
  if (best === undefined) return undefined;
  const middle = features.rowOf(best.configuration);
  const rows = points.map(({ configuration }) => features.rowOf(configuration));
  const reach = features.columns.map((_, column) => {
    const distances = rows
      .map((row) => Math.abs((row[column] as number) - (middle[column] as number)))
      .filter((distance) => distance > 0)
      .sort((a, b) => a - b);
    return Math.max(leastReach, distances[distances.length >>> 1] ?? 1);
  });
  const numbers = features.columns.flatMap(({ kind }, column) => (kind === "number" ? [column] : []));
  // Where the middle has no number, any will do.
  const low = middle.map((at, column) => Math.max(0, at - (reach[column] as number)) || 0);
  const high = middle.map((at, column) => (Number.isNaN(at) ? 1 : Math.min(1, at + (reach[column] as number))));
  return {
    low,
    high,
    // What is inactive is not a number, which is never outside.
    holds: (row) =>
      !numbers.some((at) => (row[at] as number) < (low[at] as number) || (row[at] as number) > (high[at] as number)),
    draw(moves, rng) {
      const values: Record<string, Json> = { ...best.configuration };
      const free = moves.filter(({ variable, scale }) => scale !== undefined && values[variable.name] !== undefined);
      for (const { variable, scale, column } of free) {
        if (rng.next() * free.length >= movedNumbers) continue;
        const share = rng.next();
        values[variable.name] =
          scale?.fromUnit((low[column] as number) * (1 - share) + (high[column] as number) * share) ?? null;
      }
      return free.length === moves.length || rng.next() < 0.3
        ? values
        : mutateConfiguration(space, values, rng.fork("mutate"), { variables: 1 + Math.floor(2 * rng.next()) });
    },
  };
}

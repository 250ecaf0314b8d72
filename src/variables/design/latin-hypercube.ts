import { describe, shuffle, UsageError } from "#foundation";
import type { Rng } from "#foundation";
import type { Configuration } from "../configuration.ts";
import { brokenConstraints, countTries } from "../constraints/constraint.ts";
import type { Space } from "../space.ts";
import { drawnConfiguration, shareLayout } from "./drawn-configuration.ts";

/**
 * `count` configurations, spread by a Latin hypercube (McKay, Beckman & Conover 1979): in each variable the range is cut
 * into `count` parts that are as likely, and each has one of them. Choices come as often as their weights say. Rows that
 * break a constraint are drawn again from hypercubes of the rows that are missing; `UsageError` as sampling has it.
 */
export function latinHypercube(space: Space, count: number, rng: Rng): Configuration[] {
  checkCount("latinHypercube", count);
  const layout = shareLayout(space);
  const found: Configuration[] = [];
  const tries = countTries();
  for (let round = 0; found.length < count; round++) {
    const missing = count - found.length;
    const columns = Array.from({ length: layout.count }, (_, column) =>
      strata(missing, rng.fork(round === 0 ? `${column}` : `${column}/try ${round}`)),
    );
    const rows = Array.from({ length: missing }, (_, row) =>
      drawnConfiguration(
        space,
        layout,
        columns.map((column) => column[row] ?? 0),
      ),
    );
    const broken = rows.map((row) => brokenConstraints(space, row));
    found.push(...rows.filter((_, row) => broken[row]?.length === 0));
    if (found.length < count) tries.note(broken.flat());
  }
  return found;
}

/** One number out of each of `count` equal parts of [0, 1), in random order. */
export function strata(count: number, rng: Rng): readonly number[] {
  const parts = shuffle(
    rng.fork("order"),
    Array.from({ length: count }, (_, part) => part),
  );
  // The largest number below 1: rounding may bring the last part to its end.
  return parts.map((part) => Math.min((part + rng.next()) / count, 1 - Number.EPSILON / 2));
}

export function checkCount(where: string, count: number): void {
  if (!Number.isInteger(count) || count < 0)
    throw new UsageError(`${where}: expected a whole number of configurations from 0, got ${describe(count)}`);
}

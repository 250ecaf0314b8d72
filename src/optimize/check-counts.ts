import { UsageError } from "#foundation";

/** Throws `UsageError` unless all of these options are whole numbers above 0. */
export function checkCounts(name: string, options: Readonly<Record<string, number>>): void {
  for (const [option, value] of Object.entries(options))
    if (!Number.isInteger(value) || value < 1)
      throw new UsageError(`${name}.${option}: expected a whole number of at least 1, got ${String(value)}`);
}

import { describe, UsageError } from "#foundation";

/** Throws `UsageError` for an option that is told and is no number above 0, or no whole one where that is wanted. */
export function checkNumbers(
  where: string,
  options: Readonly<Record<string, number | undefined>>,
  { whole = false }: { readonly whole?: boolean } = {},
): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || (value > 0 && (!whole || Number.isInteger(value)))) continue;
    throw new UsageError(
      `${where}: ${name}: expected a ${whole ? "whole " : ""}number above 0, got ${describe(value)}`,
    );
  }
}

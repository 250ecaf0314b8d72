/**
 * What every implementation of a port must do: one claim per entry, checked with `node:assert` against what `open`
 * gives, so that any test runner can run it:
 *
 *     for (const [claim, check] of Object.entries(languageModelContract)) test(claim, () => check(open));
 */
export type Contract<Open> = Readonly<Record<string, (open: Open) => Promise<void>>>;

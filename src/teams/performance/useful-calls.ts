import type { Trace } from "#orchestration";

/** The calls that the output owes something to: those it goes back to, and the judgements that were passed on the way. */
export function usefulCalls({ calls, provenance }: Trace): ReadonlySet<number> {
  if (provenance.length === 0) return new Set();
  const judgements = calls.filter(({ kind, outcome }) => kind === "evaluate" && outcome.ok).map(({ id }) => id);
  return new Set([...provenance, ...judgements]);
}

import { contributors } from "#orchestration";
import type { Trace } from "#orchestration";

/**
 * Credit by provenance: of each agent the mean score of the requests whose output goes back to it; 0 if
 * none does. spec/semantics.md §2.3.
 */
export function creditOf(
  runs: readonly { readonly trace: Trace; readonly score: number }[],
  agents: readonly string[],
): Record<string, number> {
  const sums = new Map<string, { score: number; count: number }>();
  for (const { trace, score } of runs)
    for (const agent of contributors(trace)) {
      const before = sums.get(agent) ?? { score: 0, count: 0 };
      sums.set(agent, { score: before.score + score, count: before.count + 1 });
    }
  return Object.fromEntries(
    agents.map((agent) => {
      const { score, count } = sums.get(agent) ?? { score: 0, count: 1 };
      return [agent, score / count];
    }),
  );
}

import { addUsage, noUsage } from "#programs";
import type { Usage } from "#programs";
import type { Configuration } from "#variables";
import { spendOf } from "./budget.ts";
import type { Spend } from "./budget.ts";
import { mergedCandidates } from "../merged-candidates.ts";
import type { PendingWork } from "../pending-work.ts";
import type { Candidate } from "../run-state.ts";
import { keyOf } from "../../configuration-key.ts";

/** What model calls cost. */
export type CallCost = Pick<Spend, "calls" | "tokens" | "usd">;

export interface ComparedCostOptions {
  /** The configurations to be compared; `undefined` for the winner as long as nobody knows it. */
  readonly sides: readonly (Configuration | undefined)[];
  /** Work whose first results tell already what its configuration costs. */
  readonly underWay?: readonly PendingWork[];
}

/**
 * What one held-out example costs under all sides of the comparison together: by the means of their own examples, since
 * candidates can differ widely (a team of one agent, and of ten). One that is not known costs what the dearest does.
 * `undefined` before anything was measured.
 */
export function comparedCost(
  measured: readonly Candidate[],
  { sides, underWay = [] }: ComparedCostOptions,
): CallCost | undefined {
  const known = costsOf(measured);
  const begun = underWay.flatMap(({ results }) => (results.length === 0 ? [] : [costSoFar(results)]));
  const all = [...known.values(), ...begun];
  if (all.length === 0) return undefined;
  const costs = sides.map((side) => (side && known.get(keyOf(side))) ?? all.reduce(dearer));
  return costs.reduce(sum, { calls: 0, tokens: 0, usd: 0 });
}

/** What an example of each measured configuration has cost, by its canonical JSON. */
function costsOf(measured: readonly Candidate[]): ReadonlyMap<string, CallCost> {
  const before = costs.get(measured);
  if (before !== undefined) return before;
  const found = mergedCandidates(measured).flatMap(({ configuration, usage, runs }) =>
    runs === 0 ? [] : [[keyOf(configuration), meanCost(usage, runs)] as const],
  );
  const all = new Map(found);
  costs.set(measured, all);
  return all;
}

/** Every example that is to start asks; new measurements are rare. */
const costs = new WeakMap<readonly Candidate[], ReadonlyMap<string, CallCost>>();

function costSoFar(results: PendingWork["results"]): CallCost {
  const usage = results.reduce((total, result) => addUsage(total, result.usage), noUsage);
  return meanCost(usage, results.length);
}

function meanCost(usage: Usage, examples: number): CallCost {
  const { calls, tokens, usd } = spendOf(usage);
  return { calls: calls / examples, tokens: tokens / examples, usd: usd / examples };
}

function dearer(a: CallCost, b: CallCost): CallCost {
  return { calls: Math.max(a.calls, b.calls), tokens: Math.max(a.tokens, b.tokens), usd: Math.max(a.usd, b.usd) };
}

function sum(a: CallCost, b: CallCost): CallCost {
  return { calls: a.calls + b.calls, tokens: a.tokens + b.tokens, usd: a.usd + b.usd };
}

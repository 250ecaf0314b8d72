import type { Interval, Usage } from "#programs";
import { spendOf } from "../run/account/budget.ts";
import type { Spend } from "../run/account/budget.ts";

/** What the search's cost comes to, set against what it found. Of the chosen configuration, per limit that was paid. */
export type Amortisation =
  /** The baseline was kept, the two were not measured, or nothing was paid by use. */
  | { readonly known: false; readonly reason: string }
  | {
      readonly known: true;
      /** On which examples a use was measured, and the score gained there. */
      readonly measuredOn: "test" | "validation";
      readonly gain: { readonly mean: number; readonly interval: Interval };
      readonly costs: readonly AmortisedCost[];
    };

/** One kind of cost. A use is one execution of the program on one example. */
export interface AmortisedCost {
  readonly resource: Paying;
  /** Of the whole run, the comparison on held-out examples included. */
  readonly spent: number;
  /** Per use: mean over the examples that were run. */
  readonly baseline: number;
  readonly chosen: number;
  /** Uses after which what the chosen configuration saves has paid for the run; null where it saves nothing. */
  readonly usesToPayOff: number | null;
  /** What was spent for each 0.01 of score gained, by the mean gain and by the ends of its interval; null: no gain. */
  readonly perPoint: { readonly mean: number | null; readonly least: number | null; readonly most: number | null };
}

/** The limits that are paid for by use. */
export type Paying = "usd" | "tokens" | "calls";

const paying: readonly Paying[] = ["usd", "tokens", "calls"];

/** What examples have cost. */
export interface PaidUses {
  readonly uses: number;
  readonly usage: Usage;
}

export interface AmortisationOptions {
  readonly measuredOn: "test" | "validation";
  readonly baseline: PaidUses;
  readonly chosen: PaidUses;
  readonly gain: { readonly mean: number; readonly interval: Interval };
}

/** Sets what a run has spent against what its choice saves and gains. */
export function amortisation(spent: Spend, { measuredOn, baseline, chosen, gain }: AmortisationOptions): Amortisation {
  if (baseline.uses === 0 || chosen.uses === 0) return { known: false, reason: "no example was run with both" };
  const [before, after] = [spendOf(baseline.usage), spendOf(chosen.usage)];
  const costs = paying
    .filter((resource) => spent[resource] > 0)
    .map((resource): AmortisedCost => {
      const [old, young] = [before[resource] / baseline.uses, after[resource] / chosen.uses];
      const perPoint = (gained: number): number | null => (gained > 0 ? spent[resource] / (100 * gained) : null);
      const [low, high] = gain.interval;
      return {
        resource,
        spent: spent[resource],
        baseline: old,
        chosen: young,
        usesToPayOff: young < old ? wholeUses(spent[resource] / (old - young)) : null,
        perPoint: { mean: perPoint(gain.mean), least: perPoint(high), most: perPoint(low) },
      };
    });
  if (costs.length === 0) return { known: false, reason: "the run made no model calls" };
  return { known: true, measuredOn, gain, costs };
}

/** Rounded up, but not for binary dust. */
function wholeUses(uses: number): number {
  return Math.ceil(uses * (1 - 1e-9));
}

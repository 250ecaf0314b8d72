import type { Usage } from "#programs";
import type { Resource } from "./account/budget.ts";
import type { CostWeight } from "./account/cost-weight.ts";
import type { CompleteResult, ExampleResult, Work } from "../teleprompter.ts";

/**
 * What happened in a run, in the order of its log. The log is the run: whoever folds it has the run's state, and
 * nothing is done before the event that decides it is stored.
 */
export type RunEvent =
  /**
   * A process took the run up, for the first time or after another one ended. `lost` is what the calls may have cost
   * that were under way when the former process died: nobody knows, so that the most likely cost is charged.
   * `costWeight` says what the scores told to the teleprompter are less by; the log holds the metric's own.
   */
  | { readonly type: "started"; readonly at: number; readonly lost?: Usage; readonly costWeight?: CostWeight }
  /** Its process put the run down in good order; `usage` is what calls without a result had cost. */
  | { readonly type: "put_down"; readonly at: number; readonly usage: Usage }
  | { readonly type: "issued"; readonly at: number; readonly work: readonly Work[] }
  /** One example was run and paid for: it is never run again. */
  | { readonly type: "example"; readonly at: number; readonly work: string; readonly result: ExampleResult }
  | { readonly type: "completed"; readonly at: number; readonly work: string; readonly result: CompleteResult }
  /** These examples were measured before, by work with the same configuration and rollout: its results count again. */
  | { readonly type: "reused"; readonly at: number; readonly work: string; readonly examples: readonly number[] }
  /** A race looked at a candidate after so many examples: one that is stopped is told with what it has. */
  | {
      readonly type: "looked";
      readonly at: number;
      readonly work: string;
      readonly examples: number;
      readonly verdict: "stop" | "go_on";
    }
  /** The teleprompter heard of the work's results. */
  | { readonly type: "told"; readonly at: number; readonly work: string }
  /** A call was refused because the budget did not cover it; `usage` is what its example had cost until then. */
  | {
      readonly type: "refused";
      readonly at: number;
      readonly work: string;
      readonly limit: Resource;
      readonly usage: Usage;
    }
  /** The budget ended before the work did: its results are kept and count in no comparison. */
  | { readonly type: "abandoned"; readonly at: number; readonly work: string }
  | { readonly type: "paused"; readonly at: number }
  | { readonly type: "resumed"; readonly at: number }
  | { readonly type: "stopping"; readonly at: number }
  /** Search is over; what follows is the comparison on held-out examples. */
  | { readonly type: "search_ended"; readonly at: number; readonly reason: string }
  | { readonly type: "ended"; readonly at: number; readonly status: EndStatus; readonly reason: string };

/** `failed` can be taken up again; the others are final. */
export type EndStatus = "completed" | "stopped" | "failed";

export type RunStatus = "running" | "paused" | "stopping" | EndStatus;

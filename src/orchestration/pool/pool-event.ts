import type { Lease } from "./ledger.ts";

/** Why a lease ended. */
export type ReleaseReason = "released" | "expired" | "idle" | "holder_ended" | "revoked" | "closed";

/** What happens in a resource pool. */
export type PoolEvent =
  | { readonly type: "resource_granted"; readonly at: number; readonly lease: Lease }
  | { readonly type: "resource_released"; readonly at: number; readonly lease: Lease; readonly reason: ReleaseReason }
  /** Notice: `amount` of the lease will be taken after the grace time, unless it comes free elsewhere before. */
  | {
      readonly type: "resource_preempted";
      readonly at: number;
      readonly lease: Lease;
      readonly amount: number;
      readonly by: string;
      readonly graceMs: number;
    }
  /** What a notice was about need not be given up any more. */
  | { readonly type: "preemption_cancelled"; readonly at: number; readonly lease: number; readonly agent: string }
  /** `amount` is taken, `left` is what the lease goes on with; its agent is queued to get the amount back. */
  | {
      readonly type: "resource_revoked";
      readonly at: number;
      readonly lease: number;
      readonly agent: string;
      readonly amount: number;
      readonly left: number;
    }
  /** An amount that was taken, or a part of it, is back: `lease` as it is now. */
  | { readonly type: "resource_returned"; readonly at: number; readonly lease: Lease; readonly amount: number };

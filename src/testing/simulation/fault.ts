/**
 * What goes wrong in a run, as data: times in virtual milliseconds, from `fromMs` until just before `untilMs`. Without
 * `from` or `to` a fault of links is one of all links.
 */
export type Fault = LinkFault | PartitionFault | CrashFault | PauseFault | SkewFault | ByzantineFault;

export type LinkFault = Window &
  Link &
  (
    | { readonly type: "drop"; readonly probability: number }
    | { readonly type: "duplicate"; readonly probability: number }
    /** Added to what a message takes anyway, uniform. */
    | { readonly type: "delay"; readonly minMs: number; readonly maxMs: number }
    /** A message may overtake an earlier one of its link by up to so much. Without this fault links keep the order. */
    | { readonly type: "reorder"; readonly maxMs: number }
  );

/** The members are cut off from all others: both ways, only what they send (`"out"`) or only what they are sent. */
export interface PartitionFault extends Window {
  readonly type: "partition";
  readonly members: readonly string[];
  readonly direction: "both" | "in" | "out";
}

/** Its timers and what arrives meanwhile are lost. `restartMs: null`: it stays down. */
export interface CrashFault {
  readonly type: "crash";
  readonly member: string;
  readonly atMs: number;
  readonly restartMs: number | null;
  /** `"nothing"`: the disk is lost too, which most protocols do not promise to survive. */
  readonly keeps: "disk" | "nothing";
}

/** It stands still, as in a collection of garbage: everything that was for it comes after. */
export interface PauseFault extends Window {
  readonly type: "pause";
  readonly member: string;
}

/** Its clock is `offsetMs` ahead, and timers that it sets run `rate` times as fast. */
export interface SkewFault extends Window {
  readonly type: "skew";
  readonly member: string;
  readonly offsetMs: number;
  readonly rate: number;
}

/** It lies from the beginning to the end: no fault that heals. */
export interface ByzantineFault {
  readonly type: "byzantine";
  readonly member: string;
  readonly behaviour: ByzantineBehaviour;
}

export type ByzantineBehaviour = "mute" | "equivocate" | "replay" | "forge" | "corrupt" | "selective";

interface Window {
  readonly fromMs: number;
  readonly untilMs: number;
}

interface Link {
  readonly from?: string;
  readonly to?: string;
}

/** When the last fault that heals has healed (the global stabilisation time); 0 without faults. */
export function healedAtMs(faults: readonly Fault[]): number {
  return Math.max(0, ...faults.map(endOf));
}

/** Who behaves as its protocol says; crashed members do. */
export function correctMembers(members: readonly string[], faults: readonly Fault[]): readonly string[] {
  const liars = new Set(faults.flatMap((fault) => (fault.type === "byzantine" ? [fault.member] : [])));
  return members.filter((member) => !liars.has(member));
}

function endOf(fault: Fault): number {
  if (fault.type === "byzantine") return 0;
  if (fault.type === "crash") return fault.restartMs ?? fault.atMs;
  return fault.untilMs;
}

export function isDuring(fault: Window, atMs: number): boolean {
  return fault.fromMs <= atMs && atMs < fault.untilMs;
}

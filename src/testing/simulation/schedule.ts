import { integerBelow, pick, sampleItems, seededRng, UsageError } from "#foundation";
import type { Json, Rng } from "#foundation";
import type { ByzantineBehaviour, Fault } from "./fault.ts";

/** A run's input, whole and as data: the same schedule gives the same run. */
export interface Schedule {
  /** Of all chance in the run: the members' own and the links'. */
  readonly seed: string | number;
  readonly requests: readonly ScheduledRequest[];
  readonly faults: readonly Fault[];
}

export interface ScheduledRequest {
  readonly atMs: number;
  readonly member: string;
  readonly request: Json;
}

/** What may go wrong in the schedules that are drawn. */
export interface ScheduleOptions {
  readonly requests?: (rng: Rng, members: readonly string[]) => readonly ScheduledRequest[];
  /** Faults begin before this time. 2,000 ms unless told. */
  readonly durationMs?: number;
  /** How many faults at most, besides liars. 6 unless told. */
  readonly maxFaults?: number;
  /** All kinds unless told; `"amnesia"` (a crash that loses the disk) only when told. */
  readonly kinds?: readonly FaultKind[];
  /** How many different members crash at most: a minority unless told. */
  readonly maxCrashing?: number;
  /** How many lie, and how. Nobody unless told. */
  readonly liars?: { readonly count: number; readonly behaviours: readonly ByzantineBehaviour[] };
}

export type FaultKind =
  | "drop"
  | "duplicate"
  | "delay"
  | "reorder"
  | "partition"
  | "crash"
  | "amnesia"
  | "pause"
  | "skew";

const usualKinds: readonly FaultKind[] = [
  "drop",
  "duplicate",
  "delay",
  "reorder",
  "partition",
  "crash",
  "pause",
  "skew",
];

/** A random schedule; the same seed and options give the same one. */
export function drawSchedule(
  seed: string | number,
  members: readonly string[],
  options: ScheduleOptions = {},
): Schedule {
  if (members.length === 0) throw new UsageError("drawSchedule: expected at least one member, got none");
  const rng = seededRng(seed);
  const { maxFaults = 6, kinds = usualKinds, liars, maxCrashing = Math.floor((members.length - 1) / 2) } = options;
  const draws = rng.fork("faults");
  const liarNames = sampleItems(rng.fork("liars"), members, liars?.count ?? 0);
  const crashing = sampleItems(rng.fork("crashing"), members, maxCrashing);
  const durationMs = options.durationMs ?? 2_000;
  const count = kinds.length === 0 ? 0 : integerBelow(draws, maxFaults + 1);
  const faults = Array.from({ length: count }, (_, place) =>
    drawFault(draws.fork(String(place)), pick(draws, kinds), { members, crashing, durationMs }),
  );
  const lies = liarNames.map((member): Fault => ({
    type: "byzantine",
    member,
    behaviour: pick(draws, liars?.behaviours ?? ["mute"]),
  }));
  const requests = options.requests?.(rng.fork("requests"), members) ?? [];
  return { seed, requests, faults: [...lies, ...faults.filter((fault) => fault !== undefined)] };
}

interface DrawRoom {
  readonly members: readonly string[];
  readonly crashing: readonly string[];
  readonly durationMs: number;
}

function drawFault(rng: Rng, kind: FaultKind, { members, crashing, durationMs }: DrawRoom): Fault | undefined {
  const fromMs = integerBelow(rng, durationMs);
  const untilMs = fromMs + 1 + integerBelow(rng, durationMs);
  const window = { fromMs, untilMs };
  const member = pick(rng, members);
  const link = {
    ...(rng.next() < 0.5 ? { from: member } : {}),
    ...(rng.next() < 0.3 ? { to: pick(rng, members) } : {}),
  };
  switch (kind) {
    case "drop":
    case "duplicate":
      return { type: kind, ...link, ...window, probability: Math.round(rng.next() * 60) / 100 };
    case "delay":
      return { type: kind, ...link, ...window, minMs: 0, maxMs: integerBelow(rng, 500) };
    case "reorder":
      return { type: kind, ...link, ...window, maxMs: 1 + integerBelow(rng, 200) };
    case "partition": {
      const cut = sampleItems(rng, members, 1 + integerBelow(rng, Math.max(1, members.length - 1)));
      return { type: kind, ...window, members: cut, direction: pick(rng, ["both", "both", "in", "out"] as const) };
    }
    case "crash":
    case "amnesia":
      if (crashing.length === 0) return undefined;
      return {
        type: "crash",
        member: pick(rng, crashing),
        atMs: fromMs,
        restartMs: untilMs,
        keeps: kind === "crash" ? "disk" : "nothing",
      };
    case "pause":
      return { type: kind, member, ...window };
    case "skew":
      return { type: kind, member, ...window, offsetMs: integerBelow(rng, 1_000), rate: 0.8 + rng.next() * 0.4 };
  }
}

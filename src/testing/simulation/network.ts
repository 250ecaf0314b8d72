import type { Rng } from "#foundation";
import { isDuring } from "./fault.ts";
import type { Fault, LinkFault, PartitionFault } from "./fault.ts";

/** How long a message takes where nothing is wrong, uniform between the two. */
export interface LinkTime {
  readonly minMs: number;
  readonly maxMs: number;
}

/**
 * When the copies of a message arrive: none when it is dropped. Every message draws the same count of numbers from its
 * link's own stream, so that taking a fault out of a schedule leaves the chance of all others as it was.
 */
export class Network {
  readonly #faults: readonly (LinkFault | PartitionFault)[];
  readonly #rng: Rng;
  readonly #linkTime: LinkTime;
  readonly #streams = new Map<string, Rng>();
  readonly #lastArrival = new Map<string, number>();

  constructor(faults: readonly Fault[], rng: Rng, linkTime: LinkTime) {
    this.#faults = faults.filter(isOfLinks);
    this.#rng = rng;
    this.#linkTime = linkTime;
  }

  arrivals(from: string, to: string, atMs: number): readonly number[] {
    const link = JSON.stringify([from, to]);
    const rng = this.#streams.get(link) ?? this.#rng.fork(link);
    this.#streams.set(link, rng);
    const [dropDraw, copyDraw, timeDraw, delayDraw, orderDraw, copyTimeDraw] = [
      rng.next(),
      rng.next(),
      rng.next(),
      rng.next(),
      rng.next(),
      rng.next(),
    ];
    const active = this.#faults.filter((fault) => isDuring(fault, atMs) && concerns(fault, from, to));
    if (active.some(({ type }) => type === "partition") || dropDraw < chanceOf(active, "drop")) return [];
    const { minMs, maxMs } = this.#linkTime;
    const slack = Math.max(0, ...active.map((fault) => (fault.type === "reorder" ? fault.maxMs : 0)));
    let arrival = atMs + minMs + timeDraw * (maxMs - minMs);
    for (const fault of active)
      if (fault.type === "delay") arrival += fault.minMs + delayDraw * (fault.maxMs - fault.minMs);
    if (slack > 0) arrival += orderDraw * slack;
    else arrival = Math.max(arrival, this.#lastArrival.get(link) ?? 0);
    this.#lastArrival.set(link, Math.max(arrival, this.#lastArrival.get(link) ?? 0));
    if (copyDraw >= chanceOf(active, "duplicate")) return [arrival];
    return [arrival, arrival + copyTimeDraw * (maxMs + slack)];
  }
}

function isOfLinks(fault: Fault): fault is LinkFault | PartitionFault {
  return ["drop", "duplicate", "delay", "reorder", "partition"].includes(fault.type);
}

function concerns(fault: LinkFault | PartitionFault, from: string, to: string): boolean {
  if (fault.type !== "partition") return (fault.from ?? from) === from && (fault.to ?? to) === to;
  const [isFromInside, isToInside] = [fault.members.includes(from), fault.members.includes(to)];
  if (isFromInside === isToInside) return false;
  return fault.direction === "both" || (fault.direction === "out" ? isFromInside : isToInside);
}

/** That at least one of several faults of a kind strikes. */
function chanceOf(active: readonly (LinkFault | PartitionFault)[], type: "drop" | "duplicate"): number {
  return 1 - active.reduce((none, fault) => (fault.type === type ? none * (1 - fault.probability) : none), 1);
}

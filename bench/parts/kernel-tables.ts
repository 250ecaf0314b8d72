import type { Heap, Speeds } from "./measure-contestant.ts";
import { median, slope, spread } from "./statistics.ts";
import { printTable } from "./table.ts";
import type { Weight } from "./weigh-imports.ts";

/** A file of `bench/peers` as `bench/kernel.ts` measures it. */
export interface KernelContestant {
  readonly file: string;
  readonly label: string;
  /** From where its peer is imported. */
  readonly folder: string;
  /** Not ours, and more than the baseline. */
  readonly isPeer: boolean;
}

/** What every contestant has. */
export type Column = "single" | "singleAtOnce" | "pipeline" | "pipelineAtOnce";

/** The speeds of every contestant, round by round. */
export type Measured = readonly { readonly contestant: KernelContestant; readonly speeds: readonly Speeds[] }[];

const columns: readonly Column[] = ["single", "singleAtOnce", "pipeline", "pipelineAtOnce"];
const columnHeadings = ["single", "64 at once", "3 LM", "3 LM, 64"];

/** The median over the rounds. */
export function microseconds(measured: Measured, contestant: KernelContestant, what: keyof Speeds): number {
  return median(values(measured.find((row) => row.contestant === contestant)?.speeds ?? [], what));
}

/** The fastest of the peers. */
export function best(
  measured: Measured,
  what: Column,
): { readonly contestant: KernelContestant | undefined; readonly microseconds: number } {
  let fastest: ReturnType<typeof best> = { contestant: undefined, microseconds: Number.POSITIVE_INFINITY };
  for (const { contestant, speeds } of measured) {
    const own = median(values(speeds, what));
    if (contestant.isPeer && own < fastest.microseconds) fastest = { contestant, microseconds: own };
  }
  return fastest;
}

export function printSpeeds(measured: Measured): void {
  console.log("µs per call: median (least–most) over rounds; pipelines have three stages\n");
  const all = [...columns, "functions", "functionsAtOnce"] as const;
  const rows = measured.map(({ contestant, speeds }) => {
    const cells = all.map((what) => values(speeds, what));
    return [contestant.label, ...cells.map((cell) => (cell.length === 0 ? "–" : spread(cell)))];
  });
  printTable(["", ...columnHeadings, "3 functions", "3 functions, 64"], rows);
}

export function printPerSecond(measured: Measured, ours: KernelContestant): void {
  console.log("\nper second, calls or pipelines\n");
  const rows = measured.map(({ contestant }) => [
    contestant.label,
    ...columns.map((what) => (1e6 / microseconds(measured, contestant, what)).toFixed(0)),
  ]);
  const times = columns.map((what) => {
    const peer = best(measured, what);
    const name = peer.contestant?.label.split(" ")[0] ?? "nobody";
    return `${(peer.microseconds / microseconds(measured, ours, what)).toFixed(1)} × ${name}`;
  });
  printTable(["", ...columnHeadings], [...rows, ["ours, times the best peer", ...times]]);
}

export function printHeaps(heaps: ReadonlyMap<KernelContestant, Heap["points"]>): void {
  console.log("\nMB alive after a collection, by the number of calls before it\n");
  const rows = [...heaps].map(([{ label }, points]) => {
    const megabytes = points.map(([, bytes]) => (bytes / 1e6).toFixed(2));
    return [label, ...megabytes, slope(points).toFixed(1)];
  });
  printTable(["", "2k", "10k", "20k", "40k", "B/call"], rows);
}

export function printWeights(weights: readonly Weight[]): void {
  console.log("\nms of the first import in a fresh process, in turns; what is installed, dependencies included\n");
  const rows = weights.map(({ name, version, importMs, size }) => [
    `${name} ${version}`,
    spread(importMs, 1),
    String(size.packages),
    size.mebibytes.toFixed(1),
  ]);
  printTable(["", "import, ms", "packages", "MiB on disk"], rows);
}

function values(speeds: readonly Speeds[], what: keyof Speeds): readonly number[] {
  return speeds.flatMap((round) => round[what] ?? []);
}

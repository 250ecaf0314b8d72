import { atLeast, atMost } from "./parts/bench.ts";
import type { BenchOptions, Promised } from "./parts/bench.ts";
import { freshNode } from "./parts/fresh-process.ts";
import type { SoakReport } from "./parts/run-soak.ts";
import { printTable } from "./parts/table.ts";

export const describe =
  "10,000 agents under load, crashes, swaps and worker kills: every call has one outcome, no leaks.";

/** In a fresh process, so that the heap is the soak's own. */
export async function run({ quick }: BenchOptions): Promise<readonly Promised[]> {
  const seconds = quick ? 10 : 60;
  const script = "bench/parts/run-soak.ts";
  const printed = await freshNode(["--conditions=tutti-source", "--expose-gc", script, String(seconds)]);
  const report = JSON.parse(printed) as SoakReport;
  const { calls, outcomes, restarts, swaps, workerKills, agents, heap, handles } = report;
  printReport(report, seconds);
  const withOutcome = Object.values(outcomes).reduce((sum, count) => sum + count, 0);
  const unforeseen = Object.keys(outcomes).filter((kind) => kind === "wrong" || kind.startsWith("unexpected"));
  return [
    atMost("calls without exactly one outcome", Math.abs(calls - withOutcome), 0, "calls"),
    atMost("calls with another call's answer or an unforeseen error", sumOf(outcomes, unforeseen), 0, "calls"),
    atMost("agents that are not back", agents.expected - agents.alive, 0, "agents"),
    atMost("heap at the end, times the start", heap.endBytes / heap.startBytes, 1.1, "x"),
    atMost("handles more than at the start", Math.max(0, handles.end - handles.start), 0, "handles"),
    atLeast(
      "of crashes, swaps and worker kills, the rarest",
      Math.min(restarts, swaps["done"] ?? 0, workerKills),
      1,
      "",
    ),
  ];
}

function printReport(report: SoakReport, seconds: number): void {
  const { calls, outcomes, restarts, swaps, workerKills, orphans, heap, handles } = report;
  const rows = [
    ["calls", String(calls)],
    ...Object.entries(outcomes).map(([kind, count]) => [`  ${kind}`, String(count)]),
    ["restarts", String(restarts)],
    ...Object.entries(swaps).map(([kind, count]) => [`swaps ${kind}`, String(count)]),
    ["worker kills", String(workerKills)],
    ["effects of dead incarnations, dropped", String(orphans)],
    ["heap at the start, MB", (heap.startBytes / 1e6).toFixed(2)],
    ["heap at the end, MB", (heap.endBytes / 1e6).toFixed(2)],
    ["handles at the start and the end", `${handles.start}, ${handles.end}`],
  ];
  printTable([`${seconds} s`, ""], rows);
}

function sumOf(counts: Readonly<Record<string, number>>, kinds: readonly string[]): number {
  return kinds.reduce((sum, kind) => sum + (counts[kind] ?? 0), 0);
}

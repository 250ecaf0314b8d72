import { seededRng } from "#foundation";
import { atLeast, atMost } from "./parts/bench.ts";
import type { BenchOptions, Promised } from "./parts/bench.ts";
import { concurrency, crashRun } from "./parts/crash-run.ts";
import type { CrashReport } from "./parts/crash-run.ts";
import { smallRuns } from "../test/optimize/small-runs.ts";
import { printTable } from "./parts/table.ts";

export const describe =
  "Whether a run that is killed with SIGKILL again and again ends as one in one piece, and pays once.";

export async function run({ quick }: BenchOptions): Promise<readonly Promised[]> {
  const names = Object.keys(smallRuns);
  const kills = quick ? 2 : 20;
  const reports: (readonly [string, CrashReport])[] = [];
  for (const name of quick ? names.slice(0, 3) : names)
    reports.push([name, await crashRun(name, kills, seededRng("crashes").fork(name))]);
  printTable(
    ["teleprompter", "kills", "calls in one piece", "calls when killed", "paid twice", "same end"],
    reports.map(([name, { kills: times, wholeCalls, killedCalls, paidTwice, isEqual }]) => [
      name,
      ...[times, wholeCalls, killedCalls, paidTwice].map(String),
      isEqual ? "yes" : "no",
    ]),
  );
  const all = reports.map(([, report]) => report);
  const sum = (of: (report: CrashReport) => number): number => all.reduce((total, report) => total + of(report), 0);
  return [
    atLeast(
      `runs with the same end, of ${all.length}`,
      sum(({ isEqual }) => Number(isEqual)),
      all.length,
      "runs",
    ),
    atMost(
      "examples and proposals paid for twice",
      sum(({ paidTwice }) => paidTwice),
      0,
      "results",
    ),
    atMost(
      "calls asked again per kill (at most those under way)",
      Math.max(
        ...all.map(({ killedCalls, wholeCalls, kills: times }) => (killedCalls - wholeCalls) / Math.max(1, times)),
      ),
      concurrency,
      "calls",
    ),
  ];
}

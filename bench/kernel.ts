import { atLeast, atMost } from "./parts/bench.ts";
import type { BenchOptions, Promised } from "./parts/bench.ts";
import { freshNode, inOrder } from "./parts/fresh-process.ts";
import type { Heap, Speeds } from "./parts/measure-contestant.ts";
import { median, slope, spread } from "./parts/statistics.ts";
import { printTable } from "./parts/table.ts";

export const describe = "What execute() costs around an instant model, beside a bare baseline, ai and @ax-llm/ax.";

const contestants = [
  { file: "tutti", label: "tutti" },
  { file: "bare", label: "bare: template, JSON.parse, zod" },
  { file: "ai-sdk", label: "ai 7.0.173" },
  { file: "ax-without-metrics", label: "@ax-llm/ax 24.0.21, mock's metrics off" },
  { file: "ax", label: "@ax-llm/ax 24.0.21 as shipped" },
] as const;

type ContestantFile = (typeof contestants)[number]["file"];

/** What a heap that does not grow may still show between two collections, in bytes per call. */
const flatBytesPerCall = 8;

/** Every contestant in a fresh process, in turns; medians over the rounds. */
export async function run({ quick }: BenchOptions): Promise<readonly Promised[]> {
  const speeds = await measureSpeeds(quick ? 3 : 5, quick ? 150 : 500);
  printSpeeds(speeds);
  const heaps = await measureHeaps();
  printHeaps(heaps);
  const of = (file: ContestantFile, what: keyof Speeds): number => median(values(speeds, file, what));
  const fastestAx = Math.min(of("ax", "single"), of("ax-without-metrics", "single"));
  const fastestAxAtOnce = Math.min(of("ax", "singleAtOnce"), of("ax-without-metrics", "singleAtOnce"));
  const atOnce = of("tutti", "singleAtOnce");
  const single = of("tutti", "single");
  return [
    atMost("a structured call", single, 8, "µs"),
    atMost("a structured call, 64 at once", atOnce, 8, "µs"),
    atMost("a function stage", of("tutti", "functions") / 3, 1, "µs"),
    atMost("a function stage, 64 at once", of("tutti", "functionsAtOnce") / 3, 1, "µs"),
    atLeast("calls per second, times ai", of("ai-sdk", "single") / single, 4, "x"),
    atLeast("calls per second, times ai, 64 at once", of("ai-sdk", "singleAtOnce") / atOnce, 4, "x"),
    atLeast("calls per second, times @ax-llm/ax at its fastest", fastestAx / single, 4, "x"),
    atLeast("calls per second, times @ax-llm/ax at its fastest, 64 at once", fastestAxAtOnce / atOnce, 4, "x"),
    atMost("heap growth over 40,000 calls", slope(heaps.get("tutti") ?? []), flatBytesPerCall, "B/call"),
  ];
}

type Measured = ReadonlyMap<ContestantFile, readonly Speeds[]>;
type Points = Heap["points"];

async function measureSpeeds(rounds: number, ms: number): Promise<Measured> {
  const measured = new Map<ContestantFile, Speeds[]>(contestants.map(({ file }) => [file, []]));
  for (let round = 0; round < rounds; round++)
    for (const { file } of inOrder(contestants, round))
      measured.get(file)?.push(JSON.parse(await measure(file, "speed", ms)) as Speeds);
  return measured;
}

async function measureHeaps(): Promise<ReadonlyMap<ContestantFile, Points>> {
  const heaps = new Map<ContestantFile, Points>();
  for (const file of ["tutti", "bare", "ai-sdk", "ax-without-metrics"] as const)
    heaps.set(file, (JSON.parse(await measure(file, "heap", 0)) as Heap).points);
  return heaps;
}

function measure(file: ContestantFile, what: "speed" | "heap", ms: number): Promise<string> {
  const script = "bench/parts/measure-contestant.ts";
  return freshNode(["--conditions=tutti-source", "--expose-gc", script, file, what, String(ms)]);
}

function values(measured: Measured, file: ContestantFile, what: keyof Speeds): readonly number[] {
  return (measured.get(file) ?? []).flatMap((speeds) => speeds[what] ?? []);
}

function printSpeeds(measured: Measured): void {
  console.log("µs per call: median (least–most) over rounds; pipelines have three stages\n");
  const columns = ["single", "singleAtOnce", "pipeline", "pipelineAtOnce", "functions", "functionsAtOnce"] as const;
  const headings = ["", "calls/s", "single", "64 at once", "3 LM", "3 LM, 64", "3 functions", "3 functions, 64"];
  const rows = contestants.map(({ file, label }) => {
    const perSecond = 1e6 / median(values(measured, file, "single"));
    const cells = columns.map((what) => values(measured, file, what));
    return [label, perSecond.toFixed(0), ...cells.map((cell) => (cell.length === 0 ? "–" : spread(cell)))];
  });
  printTable(headings, rows);
}

function printHeaps(heaps: ReadonlyMap<ContestantFile, Points>): void {
  console.log("\nMB alive after a collection, by the number of calls before it\n");
  const rows = contestants.flatMap(({ file, label }) => {
    const points = heaps.get(file);
    if (points === undefined) return [];
    const megabytes = points.map(([, bytes]) => (bytes / 1e6).toFixed(2));
    return [[label, ...megabytes, slope(points).toFixed(1)]];
  });
  printTable(["", "2k", "10k", "20k", "40k", "B/call"], rows);
}

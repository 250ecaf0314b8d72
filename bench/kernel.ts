import { atLeast, atMost } from "./parts/bench.ts";
import type { BenchOptions, Promised } from "./parts/bench.ts";
import { freshNode, inOrder, repository } from "./parts/fresh-process.ts";
import { presentPeers } from "./parts/kernel-peers.ts";
import type { PresentPeer } from "./parts/kernel-peers.ts";
import { best, microseconds, printHeaps, printPerSecond, printSpeeds, printWeights } from "./parts/kernel-tables.ts";
import type { Column, KernelContestant, Measured } from "./parts/kernel-tables.ts";
import type { Heap, Speeds } from "./parts/measure-contestant.ts";
import { median, slope } from "./parts/statistics.ts";
import { weighImports } from "./parts/weigh-imports.ts";

export const describe = "What execute() costs around an instant model, beside ai, ax and, with --peers, three others.";

const ours: KernelContestant = { file: "tutti", label: "tutti", folder: repository, isPeer: false };
const bare: KernelContestant = { ...ours, file: "bare", label: "bare: template, JSON.parse, zod" };

/** What a heap that does not grow may still show between two collections, in bytes per call. */
const flatBytesPerCall = 8;

const compared: readonly (readonly [what: Column, name: string])[] = [
  ["single", "a structured call"],
  ["singleAtOnce", "a structured call, 64 at once"],
  ["pipeline", "a pipeline of 3 calls"],
  ["pipelineAtOnce", "a pipeline of 3 calls, 64 at once"],
];

/** Every contestant in a fresh process, in turns; medians over the rounds. */
export async function run({ quick, peers: isInstalling }: BenchOptions): Promise<readonly Promised[]> {
  const { present, absent } = await presentPeers(isInstalling);
  const pace = quick ? { rounds: 3, ms: 100, warmMs: 200 } : { rounds: 5, ms: 500, warmMs: 1500 };
  const speeds = await measureSpeeds([ours, bare, ...present.flatMap(contestantsOf)], pace);
  printSpeeds(speeds);
  printPerSecond(speeds, ours);
  const heaps = await measureHeaps(speeds.map(({ contestant }) => contestant));
  printHeaps(heaps);
  const [own, ...weights] = await weighImports(present, quick ? 3 : 15);
  printWeights([own, ...weights]);
  const of = (what: keyof Speeds): number => microseconds(speeds, ours, what);
  const lightest = Math.min(...weights.map(({ importMs }) => median(importMs)));
  const missing = absent.map(({ name }) => name).join(", ");
  const among = `${present.length} peers${missing === "" ? "" : ` (not measured: ${missing})`}`;
  return [
    atMost("a structured call", of("single"), 8, "µs"),
    atMost("a structured call, 64 at once", of("singleAtOnce"), 8, "µs"),
    atMost("a function stage", of("functions") / 3, 1, "µs"),
    atMost("a function stage, 64 at once", of("functionsAtOnce") / 3, 1, "µs"),
    ...compared.map(([what, name]) => {
      const times = best(speeds, what).microseconds / of(what);
      return atLeast(`${name}: calls per second, times the best of ${among}`, times, 4, "x");
    }),
    atMost("heap growth over 40,000 calls", slope(heaps.get(ours) ?? []), flatBytesPerCall, "B/call"),
    atMost(`import, beside the lightest of ${among}`, median(own.importMs), Number(lightest.toPrecision(4)), "ms"),
  ];
}

function contestantsOf({ name, version, folder, contestants }: PresentPeer): readonly KernelContestant[] {
  const label = `${name} ${version}`;
  return Object.entries(contestants).map(([file, how]) => ({ file, label: label + how, folder, isPeer: true }));
}

interface Pace {
  readonly rounds: number;
  readonly ms: number;
  readonly warmMs: number;
}

async function measureSpeeds(all: readonly KernelContestant[], { rounds, ms, warmMs }: Pace): Promise<Measured> {
  const measured = all.map((contestant) => ({ contestant, speeds: [] as Speeds[] }));
  for (let round = 0; round < rounds; round++)
    for (const { contestant, speeds } of inOrder(measured, round))
      speeds.push(JSON.parse(await measure(contestant, "speed", [ms, warmMs])) as Speeds);
  return measured;
}

/** ax as shipped is left out, as its mock keeps what it measures; so are peers that take minutes for so many calls. */
async function measureHeaps(all: readonly KernelContestant[]): Promise<ReadonlyMap<KernelContestant, Heap["points"]>> {
  const heaps = new Map<KernelContestant, Heap["points"]>();
  for (const contestant of all)
    if (["tutti", "bare", "ai-sdk", "ax-without-metrics"].includes(contestant.file))
      heaps.set(contestant, (JSON.parse(await measure(contestant, "heap", [0, 0])) as Heap).points);
  return heaps;
}

function measure(
  { file, folder }: KernelContestant,
  what: "speed" | "heap",
  durations: readonly number[],
): Promise<string> {
  const script = "bench/parts/measure-contestant.ts";
  return freshNode(["--conditions=tutti-source", "--expose-gc", script, file, what, ...durations.map(String), folder]);
}

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { atMost } from "./parts/bench.ts";
import type { BenchOptions, Promised } from "./parts/bench.ts";
import { installBuilt } from "./parts/built-package.ts";
import { freshNode, inOrder } from "./parts/fresh-process.ts";
import { median, spread } from "./parts/statistics.ts";
import { printTable } from "./parts/table.ts";

export const describe = 'What a cold import "tutti" of the built package takes, and which packages it loads.';

/** The packages that the root entry may load (the table of floors). */
const allowed: readonly string[] = ["jsonrepair"];

/** Prints how long the import took, as the process itself sees it. */
const timedImport = `const start = performance.now(); await import("tutti"); console.log(performance.now() - start);`;

export async function run({ quick }: BenchOptions): Promise<readonly Promised[]> {
  const project = await mkdtemp(join(tmpdir(), "tutti-import-"));
  try {
    await installBuilt(project);
    const packages = await loadedPackages(project);
    const { bareMs, wholeMs, importMs } = await measure(project, quick ? 15 : 41);
    const addedMs = median(wholeMs) - median(bareMs);
    console.log(`ms: median (least–most) over ${bareMs.length} fresh processes each, in turns\n`);
    printTable(
      ["", "ms"],
      [
        ["a process that does nothing", spread(bareMs, 1)],
        ['a process that imports "tutti"', spread(wholeMs, 1)],
        ["the difference of the medians", addedMs.toFixed(1)],
        ["the import alone, in its process", spread(importMs, 1)],
      ],
    );
    console.log(`\npackages loaded by the root entry: ${packages.join(", ") || "none"}`);
    const foreign = packages.filter((name) => !allowed.includes(name));
    return [
      atMost('cold import "tutti"', median(importMs), 60, "ms"),
      atMost("third-party packages beyond the table", foreign.length, 0, "packages"),
    ];
  } finally {
    await rm(project, { recursive: true });
  }
}

interface Startup {
  readonly bareMs: number[];
  readonly wholeMs: number[];
  readonly importMs: number[];
}

async function measure(project: string, rounds: number): Promise<Startup> {
  const startup: Startup = { bareMs: [], wholeMs: [], importMs: [] };
  const contestants = {
    bare: async () => startup.bareMs.push((await timed("", project)).wallMs),
    tutti: async () => {
      const { wallMs, stdout } = await timed(timedImport, project);
      startup.wholeMs.push(wallMs);
      startup.importMs.push(Number(stdout));
    },
  };
  // The first imports fill the page cache.
  for (let warmUp = 0; warmUp < 2; warmUp++) await timed(timedImport, project);
  for (let round = 0; round < rounds; round++)
    for (const name of inOrder(["bare", "tutti"] as const, round)) await contestants[name]();
  return startup;
}

async function timed(program: string, project: string): Promise<{ readonly wallMs: number; readonly stdout: string }> {
  const start = performance.now();
  const stdout = await freshNode(["--input-type=module", "--eval", program], project);
  return { wallMs: performance.now() - start, stdout };
}

/** The packages whose files the import loads, ours left out. */
async function loadedPackages(project: string): Promise<readonly string[]> {
  const preload = import.meta.resolve("./parts/loaded-modules.ts");
  const program = 'await import("tutti");';
  const stdout = await freshNode(["--import", preload, "--input-type=module", "--eval", program], project);
  const names = (JSON.parse(stdout) as string[]).flatMap(packageOf).filter((name) => name !== "tutti");
  return [...new Set(names)].toSorted();
}

function packageOf(url: string): readonly string[] {
  const name = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1];
  return name === undefined ? [] : [name];
}

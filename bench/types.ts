import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { atLeast, atMost } from "./parts/bench.ts";
import type { BenchOptions, Promised } from "./parts/bench.ts";
import { compiler, installBuilt, linkInstalled } from "./parts/built-package.ts";
import { freshNode, inOrder } from "./parts/fresh-process.ts";
import { signatureSources } from "./parts/signature-sources.ts";
import type { SignatureLibrary } from "./parts/signature-sources.ts";
import { median, spread } from "./parts/statistics.ts";
import { printTable } from "./parts/table.ts";

export const describe = "What the compiler spends on 100 signatures, beside those of @ax-llm/ax.";

const contestants = [
  { name: "tutti-3", library: "tutti", fields: 3, label: "tutti, 3+3 fields" },
  { name: "ax-3", library: "ax", fields: 3, label: "@ax-llm/ax 24.0.21, 3+3 fields" },
  { name: "tutti-rich-3", library: "tutti-rich", fields: 3, label: "tutti, 3+3 with limits and descriptions" },
  { name: "tutti-8", library: "tutti", fields: 8, label: "tutti, 8+8 fields" },
  { name: "ax-8", library: "ax", fields: 8, label: "@ax-llm/ax 24.0.21, 8+8 fields" },
  { name: "tutti-0", library: "tutti", fields: 0, label: "tutti imported, no signature" },
  { name: "ax-0", library: "ax", fields: 0, label: "@ax-llm/ax imported, no signature" },
] as const satisfies readonly { name: string; library: SignatureLibrary; fields: number; label: string }[];

type Name = (typeof contestants)[number]["name"];

interface Checked {
  readonly seconds: number;
  readonly instantiations: number;
}

/** Every contestant is a project of its own in the temporary folder, checked by a fresh compiler, in turns. */
export async function run({ quick }: BenchOptions): Promise<readonly Promised[]> {
  const folder = await mkdtemp(join(tmpdir(), "tutti-types-"));
  try {
    await installBuilt(folder);
    await linkInstalled(folder, "@ax-llm/ax");
    for (const contestant of contestants) await writeProject(folder, contestant);
    const measured = await measure(folder, quick ? 3 : 9);
    print(measured);
    const added = (name: Name): number => secondsOf(measured, name) - secondsOf(measured, baselineOf(name));
    return [
      atMost("100 signatures of 3+3 fields", added("tutti-3"), 0.5, "s"),
      atMost("the same with limits and descriptions", added("tutti-rich-3"), 0.5, "s"),
      atLeast("check time of @ax-llm/ax, times ours, 3+3 fields", added("ax-3") / added("tutti-3"), 1, "x"),
      atLeast("check time of @ax-llm/ax, times ours, 8+8 fields", added("ax-8") / added("tutti-8"), 1, "x"),
    ];
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function writeProject(folder: string, { name, library, fields }: (typeof contestants)[number]): Promise<void> {
  const project = join(folder, name);
  await mkdir(project);
  await writeFile(join(project, "signatures.ts"), signatureSources(library, fields === 0 ? 0 : 100, fields));
  const compilerOptions = {
    target: "es2024",
    module: "nodenext",
    strict: true,
    skipLibCheck: true,
    noEmit: true,
    types: [],
  };
  await writeFile(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["signatures.ts"] }));
  await writeFile(join(project, "package.json"), JSON.stringify({ type: "module" }));
}

type Measured = ReadonlyMap<Name, readonly Checked[]>;

async function measure(folder: string, rounds: number): Promise<Measured> {
  const measured = new Map<Name, Checked[]>(contestants.map(({ name }) => [name, []]));
  // The first check fills the page cache.
  for (const { name } of contestants) await check(join(folder, name));
  for (let round = 0; round < rounds; round++)
    for (const { name } of inOrder(contestants, round)) measured.get(name)?.push(await check(join(folder, name)));
  return measured;
}

/** What the compiler says of its own work. A type error fails the bench. */
async function check(project: string): Promise<Checked> {
  const printed = await freshNode([compiler, "-p", project, "--extendedDiagnostics", "--pretty", "false"]);
  const seconds = Number(/^Check time:\s+([\d.]+)s/m.exec(printed)?.[1]);
  const instantiations = Number(/^Instantiations:\s+(\d+)/m.exec(printed)?.[1]);
  if (Number.isFinite(seconds) && Number.isFinite(instantiations)) return { seconds, instantiations };
  throw new Error(`the compiler did not say what it spent:\n${printed}`);
}

function secondsOf(measured: Measured, name: Name): number {
  return median((measured.get(name) ?? []).map(({ seconds }) => seconds));
}

function baselineOf(name: Name): Name {
  return name.startsWith("ax") ? "ax-0" : "tutti-0";
}

function print(measured: Measured): void {
  console.log(
    "seconds of check time: median (least–most) over fresh compilers, in turns; added: less the bare import's\n",
  );
  const rows = contestants.map(({ name, label }) => {
    const all = measured.get(name) ?? [];
    const added = secondsOf(measured, name) - secondsOf(measured, baselineOf(name));
    const seconds = all.map((one) => one.seconds);
    return [label, spread(seconds, 3), added.toFixed(3), String(all[0]?.instantiations ?? "–")];
  });
  printTable(["100 signatures", "check time", "added", "instantiations"], rows);
}

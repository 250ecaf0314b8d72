import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installBuilt } from "./built-package.ts";
import { freshNode, inOrder } from "./fresh-process.ts";
import { installSize } from "./install-size.ts";
import type { InstallSize } from "./install-size.ts";

/** Something to import, from the folder where it is installed. */
export interface Imported {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
  readonly imports: readonly string[];
  readonly packages: readonly string[];
}

export interface Weight {
  readonly name: string;
  readonly version: string;
  /** The first import in a process of its own, as that process sees it, round by round. */
  readonly importMs: readonly number[];
  readonly size: InstallSize;
}

/** What it takes to import the built package, the first one, and the peers, in turns, and what they weigh. */
export async function weighImports(
  peers: readonly Imported[],
  rounds: number,
): Promise<readonly [own: Weight, ...peers: Weight[]]> {
  const project = await mkdtemp(join(tmpdir(), "tutti-kernel-"));
  try {
    // A project of its own, whatever lies in the folders above.
    await writeFile(join(project, "package.json"), `{ "private": true }\n`);
    await installBuilt(project);
    const ours = { name: "tutti", version: "as built", folder: project, imports: ["tutti"], packages: ["tutti"] };
    const times = await timeImports([ours, ...peers], rounds);
    const weigh = async ({ name, version, folder, packages }: Imported): Promise<Weight> => {
      return { name, version, importMs: times.get(name) ?? [], size: await installSize(folder, packages) };
    };
    return [await weigh(ours), ...(await Promise.all(peers.map(weigh)))];
  } finally {
    await rm(project, { recursive: true });
  }
}

async function timeImports(all: readonly Imported[], rounds: number): Promise<ReadonlyMap<string, readonly number[]>> {
  const times = new Map<string, number[]>(all.map(({ name }) => [name, []]));
  // The first imports fill the page cache.
  for (const imported of all) await importMs(imported);
  for (let round = 0; round < rounds; round++)
    for (const imported of inOrder(all, round)) times.get(imported.name)?.push(await importMs(imported));
  return times;
}

async function importMs({ folder, imports }: Imported): Promise<number> {
  const all = imports.map((name) => `await import(${JSON.stringify(name)});`).join(" ");
  const program = `const start = performance.now(); ${all} console.log(performance.now() - start); process.exit();`;
  return Number(await freshNode(["--input-type=module", "--eval", program], folder));
}

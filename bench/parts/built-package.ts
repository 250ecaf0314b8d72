import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freshNode, repository } from "./fresh-process.ts";

/** The compiler that this repository is built with. */
export const compiler: string = join(repository, "node_modules/typescript/bin/tsc");

/** Installs the built package in a project: an own copy, so that nobody's `dist` is touched. */
export async function installBuilt(project: string): Promise<void> {
  const target = join(project, "node_modules/tutti");
  await mkdir(target, { recursive: true });
  // Types are the check's business, and other people's work in progress is no reason not to measure.
  await freshNode([compiler, "-p", "tsconfig.build.json", "--noCheck", "--outDir", join(target, "dist")]);
  await freshNode(["scripts/write-relative-doors.ts", join(target, "dist")]);
  const manifest = await readFile(join(repository, "package.json"), "utf8");
  await writeFile(join(target, "package.json"), manifest);
  const { dependencies } = JSON.parse(manifest) as { readonly dependencies: Readonly<Record<string, string>> };
  for (const name of Object.keys(dependencies)) await linkInstalled(project, name);
}

/** Makes a package of this repository's `node_modules` available in a project. */
export async function linkInstalled(project: string, name: string): Promise<void> {
  const link = join(project, "node_modules", name);
  await mkdir(join(link, ".."), { recursive: true });
  await symlink(join(repository, "node_modules", name), link);
}

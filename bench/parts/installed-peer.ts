import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";

/** A peer that is no dependency of ours, in exact versions. */
export interface InstallablePeer {
  /** Its folder among the system's temporary files, version included, after `tutti-bench-`. */
  readonly folder: string;
  /** What npm is asked for: `"name@version"`. */
  readonly packages: readonly string[];
  /** What npm needs beyond that. */
  readonly flags?: readonly string[];
}

/** Where it is, or why it is nowhere. */
export type Installed =
  | { readonly ok: true; readonly folder: string }
  | { readonly ok: false; readonly reason: string };

/** Imports from where it lies, by the `import` conditions of that place; written last, so that it says "complete" too. */
const loader = "load.mjs";

const execFileAsync = promisify(execFile);

/** Installs a peer once, without its install scripts; an unreachable registry is an answer, not an error. */
export async function installPeer(peer: InstallablePeer): Promise<Installed> {
  const folder = join(tmpdir(), `tutti-bench-${peer.folder}`);
  if (existsSync(join(folder, loader))) return { ok: true, folder };
  console.log(`Installing ${peer.packages.join(", ")} into ${folder} …`);
  try {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "package.json"), `{ "private": true }\n`);
    await npmInstall(folder, peer);
    await writeFile(join(folder, loader), "export const load = (specifier) => import(specifier);\n");
    return { ok: true, folder };
  } catch (error) {
    return { ok: false, reason: reasonOf(error) };
  }
}

/** Imports a package as a module of that folder would. */
export async function importFrom(folder: string, specifier: string): Promise<unknown> {
  const { load } = (await import(pathToFileURL(join(folder, loader)).href)) as {
    readonly load: (specifier: string) => Promise<unknown>;
  };
  return load(specifier);
}

async function npmInstall(folder: string, { packages, flags = [] }: InstallablePeer): Promise<void> {
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const soon = ["--fetch-retries=1", "--fetch-timeout=60000"];
  const args = ["install", "--prefix", folder, "--save-exact", ...quiet, ...soon, ...flags, ...packages];
  await execFileAsync("npm", args, { cwd: folder, timeout: 300_000 });
}

/** npm's own first sentence, or the words of whoever failed to start it. */
function reasonOf(error: unknown): string {
  const { stderr = "", killed = false } = error as { readonly stderr?: string; readonly killed?: boolean };
  if (killed) return "npm took longer than five minutes";
  const said = /^npm error (?!(?:code|syscall|errno) )(?:[a-z]+ )?(.+)/m.exec(stderr);
  return said?.[1] ?? String(error).slice(0, 200);
}

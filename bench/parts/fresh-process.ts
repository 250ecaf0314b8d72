import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

export const repository: string = join(import.meta.dirname, "../..");

const execFileAsync = promisify(execFile);

/** Runs Node with these arguments in a process of its own and returns what it printed. */
export function freshNode(args: readonly string[], cwd: string = repository): Promise<string> {
  return printed(process.execPath, args, cwd);
}

/** Runs a command and returns what it printed. */
export async function printed(command: string, args: readonly string[], cwd: string = repository): Promise<string> {
  const { stdout } = await execFileAsync(command, args, { cwd, maxBuffer: 16 * 1024 * 1024 });
  return stdout;
}

/** Whether the machine has a command of this name. */
export function isInstalled(command: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => existsSync(join(folder, command)));
}

/** The contestants of a round: every second round the other way round, so that a drift of the machine hits all alike. */
export function inOrder<T>(contestants: readonly T[], round: number): readonly T[] {
  return round % 2 === 0 ? contestants : contestants.toReversed();
}

import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

export const repository: string = join(import.meta.dirname, "../..");

const execFileAsync = promisify(execFile);

/** Runs Node with these arguments in a process of its own and returns what it printed. */
export async function freshNode(args: readonly string[], cwd: string = repository): Promise<string> {
  const { stdout } = await execFileAsync(process.execPath, args, { cwd, maxBuffer: 16 * 1024 * 1024 });
  return stdout;
}

/** The contestants of a round: every second round the other way round, so that a drift of the machine hits all alike. */
export function inOrder<T>(contestants: readonly T[], round: number): readonly T[] {
  return round % 2 === 0 ? contestants : contestants.toReversed();
}

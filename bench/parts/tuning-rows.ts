import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, globSync, mkdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { repository } from "./fresh-process.ts";
import type { TuningRun } from "./tuning-run.ts";

/** One run to be made; its parts are the arguments of `run-teleprompter.ts`. */
export interface TuningPlan {
  readonly contestant: string;
  readonly data: string;
  readonly seed: number;
  readonly calls: number;
}

export type TuningRow = TuningPlan & TuningRun;

/**
 * Makes runs one after the other, each in a process of its own, and keeps them in a file among the system's temporary ones:
 * a bench that was broken off goes on where it was, as long as no source has changed. Those that broke come back as
 * messages, and are made again next time.
 */
export async function tuningRows(
  plans: readonly TuningPlan[],
): Promise<{ readonly rows: readonly TuningRow[]; readonly broken: readonly string[] }> {
  const file = rowsFile();
  const known = new Map(readRows(file).map((row) => [keyOf(row), row]));
  const rows: TuningRow[] = [];
  const broken: string[] = [];
  for (const plan of plans) {
    const before = known.get(keyOf(plan));
    if (before !== undefined) {
      rows.push(before);
      continue;
    }
    try {
      const row = { ...plan, ...(await inOwnProcess(plan)) };
      appendFileSync(file, `${JSON.stringify(row)}\n`);
      rows.push(row);
    } catch (error) {
      broken.push(`${keyOf(plan)}: ${String(error).slice(0, 1000)}`);
    }
  }
  return { rows, broken };
}

/** Where the rows of these sources are kept. */
export function rowsFile(): string {
  const folder = join(tmpdir(), "tutti-bench-teleprompters");
  mkdirSync(folder, { recursive: true });
  return join(folder, `${sourcesDigest()}.jsonl`);
}

/** Of everything that a row could depend on. */
function sourcesDigest(): string {
  const hash = createHash("sha256");
  const sources = ["src/**/*.{ts,json}", "bench/parts/{tuning,run-teleprompter,banking}*.ts"];
  for (const path of globSync(sources, { cwd: repository }).toSorted())
    hash.update(path).update(readFileSync(join(repository, path)));
  return hash.digest("hex").slice(0, 16);
}

/** A line that was cut off, when its process was ended, counts as none. */
function readRows(file: string): readonly TuningRow[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
  return lines.flatMap((line) => {
    try {
      return [JSON.parse(line) as TuningRow];
    } catch {
      return [];
    }
  });
}

function keyOf({ contestant, data, seed, calls }: TuningPlan): string {
  return `${contestant} ${data} ${seed} ${calls}`;
}

/** A run that takes longer hangs: most take a few seconds. */
const maxMs = 10 * 60_000;

const execFileAsync = promisify(execFile);

async function inOwnProcess({ contestant, data, seed, calls }: TuningPlan): Promise<TuningRun> {
  const plan = [contestant, data, String(seed), String(calls)];
  const script = ["--conditions=tutti-source", "bench/parts/run-teleprompter.ts", ...plan];
  const { stdout } = await execFileAsync(process.execPath, script, { cwd: repository, timeout: maxMs });
  return JSON.parse(stdout) as TuningRun;
}

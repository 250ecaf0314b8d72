import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { canonicalJson } from "#foundation";
import type { Json, JsonObject } from "#foundation";
import { dspyPython, dspyVersion } from "./python-with.ts";
import { dspySettings } from "./dspy-settings.ts";
import type { PeerAlgorithm } from "./dspy-settings.ts";
import { heldOutScore } from "./held-out-score.ts";
import { peerTask } from "./peer-tasks.ts";
import type { PeerTask, PeerTaskName } from "./peer-tasks.ts";
import { serveOfflineModel } from "./served-offline-model.ts";

/** What is measured in one row. */
export interface PeerCase {
  readonly algorithm: PeerAlgorithm;
  readonly task: PeerTaskName;
  readonly seed: number;
  /** How long the server holds back every answer. */
  readonly delayMs: number;
}

/** What came of one optimiser on one task. */
export interface PeerResult {
  /** The share of held-out rows that are right. */
  readonly score: number;
  /** What the optimiser called; the held-out rows are not among them. */
  readonly calls: number;
  readonly wallMs: number;
}

/** With what its program ended up with. */
export interface PeerRun extends PeerResult {
  readonly demos: number;
  readonly instructions: string;
}

/** A job without an optimiser, for looking at DSPy's prompts. */
export interface PlainJob {
  readonly algorithm: "none" | "labeled";
  readonly settings: JsonObject;
  readonly adapter: "chat" | "json";
}

/** Calls at once, for everyone. */
export const threads = 8;

const script = fileURLToPath(new URL("../peers/dspy/optimize.py", import.meta.url));
const folder = join(tmpdir(), `tutti-bench-dspy-rows-${dspyVersion}`);

/**
 * Runs one of DSPy's optimisers against the served model. A row that was measured before, with the same script, settings
 * and data, is read from the system's temporary files: delete that folder to measure anew. Rows with slow calls are about
 * time, and always measured.
 */
export async function dspyRun({ algorithm, task, seed, delayMs }: PeerCase): Promise<PeerRun> {
  const job: Job = { algorithm, settings: dspySettings[algorithm], ...peerTask(task, seed), seed, threads };
  if (delayMs > 0) return runDspy(job, delayMs);
  const file = join(folder, `${algorithm}-${task}-${seed}-${await keyOf(job)}.json`);
  const known = await readFile(file, "utf8").catch(() => undefined);
  if (known !== undefined) return JSON.parse(known) as PeerRun;
  const run = await runDspy(job, delayMs);
  await mkdir(folder, { recursive: true });
  await writeFile(file, JSON.stringify(run));
  return run;
}

async function keyOf(job: Job): Promise<string> {
  const told = canonicalJson(JSON.parse(JSON.stringify({ ...job, delayMs: 0 })) as Json);
  const hash = createHash("sha256")
    .update(told)
    .update(await readFile(script));
  return hash.digest("hex").slice(0, 16);
}

/** The held-out score of DSPy's prompt without an optimiser. */
export async function dspyPrompt(plain: PlainJob, task: PeerTaskName, seed: number): Promise<number> {
  return (await runDspy({ ...peerTask(task, seed), ...plain, seed, threads }, 0)).score;
}

interface Job extends PeerTask {
  readonly algorithm: PeerAlgorithm | PlainJob["algorithm"];
  readonly settings: JsonObject;
  readonly adapter?: PlainJob["adapter"];
  readonly seed: number;
  readonly threads: number;
}

interface Result {
  readonly wallMs: number;
  readonly predictions: readonly (string | null)[];
  readonly instructions: string;
  readonly demos: number;
}

/** Longer than any row of ours takes, with every answer held back. */
const timeoutMs = 900_000;

async function runDspy(job: Job, delayMs: number): Promise<PeerRun> {
  await using server = await serveOfflineModel(delayMs);
  const scratch = await mkdtemp(join(tmpdir(), "tutti-bench-dspy-job-"));
  try {
    const [jobFile, resultFile] = [join(scratch, "job.json"), join(scratch, "result.json")];
    await writeFile(jobFile, JSON.stringify({ ...job, url: server.url, model: server.model }));
    const options = { timeout: timeoutMs, maxBuffer: 2 ** 28, cwd: scratch };
    await promisify(execFile)(dspyPython(), [script, jobFile, resultFile], options);
    const result = JSON.parse(await readFile(resultFile, "utf8")) as Result;
    const { wallMs, instructions, demos } = result;
    const score = heldOutScore(job, result.predictions);
    return { score, calls: await server.callsOf("optimize"), wallMs, demos, instructions };
  } finally {
    await rm(scratch, { recursive: true });
  }
}

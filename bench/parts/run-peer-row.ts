/**
 * One row by itself, printed as JSON: `node --conditions=tutti-source bench/parts/run-peer-row.ts dspy simba triage 3`, with
 * the milliseconds behind it that every call takes at least, where they are wanted. With `ours` in the place of `dspy` it is
 * ours, with as many calls as DSPy's row took; with `ax` it is ax's.
 */
import { axRun } from "../peers/ax-optimizers.ts";
import type { AxAlgorithm } from "../peers/ax-optimizers.ts";
import { dspyRun } from "./dspy-row.ts";
import type { PeerResult } from "./dspy-row.ts";
import type { PeerAlgorithm } from "./dspy-settings.ts";
import { ourRun } from "./our-row.ts";
import type { PeerTaskName } from "./peer-tasks.ts";

const [who = "", algorithm = "", task = "", seed = "0", delayMs = "0"] = process.argv.slice(2);
const row = {
  algorithm: algorithm as PeerAlgorithm & AxAlgorithm,
  task: task as PeerTaskName,
  seed: Number(seed),
  delayMs: Number(delayMs),
};

const runs: Readonly<Record<string, () => Promise<PeerResult>>> = {
  dspy: () => dspyRun(row),
  ax: () => axRun(row),
  ours: async () => ourRun(row, (await dspyRun({ ...row, delayMs: 0 })).calls),
};

const run = runs[who];
if (run === undefined) throw new Error(`expected one of ${Object.keys(runs).join(", ")}, got "${who}"`);
console.log(JSON.stringify({ who, ...row, ...(await run()) }));

/**
 * A child process of `bench/search.ts`, with `--expose-gc`: what asking, telling and keeping a search cost, on the eleven
 * variables of team-a. Prints one line of JSON.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { seededRng } from "#foundation";
import { randomSampler } from "#optimize";
import type { Sampler, SearchState, Trial } from "#optimize";
import { sqliteStore } from "#storage/sqlite";
import { samplerNamed, samplers } from "./search-samplers.ts";
import { spaceOf } from "./search-problem.ts";
import type { SuiteProblem } from "./search-problem.ts";
import { readSuite } from "./search-suite.ts";
import { median, percentile } from "./statistics.ts";

export interface SearchCost {
  /** By sampler, in the order of `counts`: the median and the 90th percentile of an ask, in ms. */
  readonly asks: Readonly<Record<string, readonly { readonly median: number; readonly high: number }[]>>;
  /** A tell at 2,000 trials, in ms: alone, and with a durable append of the outcome. */
  readonly tell: { readonly alone: number; readonly durable: number };
  /** The heap that a state of 10,000 trials takes, with what `auto` notes. */
  readonly stateBytes: number;
}

const counts = (process.argv[2] ?? "").split(",").map(Number);
const timedAsks = Number(process.argv[3] ?? 30);
const warmUps = 5;
const problem = readSuite()?.suite.problems.find(({ id }) => id === "team-a");
if (problem === undefined) throw new Error("bench search: no problem team-a");

const asks: Record<string, { median: number; high: number }[]> = {};
for (const name of Object.keys(samplers))
  asks[name] = counts.map((count) => askTimes(samplerNamed(name, 0), problem, count));
const report: SearchCost = { asks, tell: await tellTimes(problem), stateBytes: await stateBytes(problem) };
console.log(JSON.stringify(report));

/** Asks one after the other, each issued and told, beginning with so many random trials. */
function askTimes(sampler: Sampler<SearchState>, on: SuiteProblem, count: number): { median: number; high: number } {
  let state = filled(sampler, on, count);
  const times: number[] = [];
  for (let number = -warmUps; number < timedAsks; number++) {
    const began = performance.now();
    const [trial] = sampler.ask(state, seededRng(number), 1);
    if (number >= 0) times.push(performance.now() - began);
    if (trial === undefined) throw new Error(`${sampler.name} asks for nothing`);
    state = sampler.tell(sampler.issue(state, [trial]), { id: trial.id, score: seededRng(number).next() });
  }
  return { median: median(times), high: percentile(times, 0.9) };
}

function filled(sampler: Sampler<SearchState>, on: SuiteProblem, count: number): SearchState {
  const start = sampler.start(spaceOf(on), { goal: on.direction });
  const trials = randomSampler().ask(start, seededRng("trials"), count);
  return toldAll(sampler, sampler.issue(start, trials), trials);
}

function toldAll(sampler: Sampler<SearchState>, state: SearchState, trials: readonly Trial[]): SearchState {
  return trials.reduce((now, { id }, at) => sampler.tell(now, { id, score: seededRng(at).next() }), state);
}

/** In steps of the run: every trial is issued, told and its outcome appended. */
async function tellTimes(on: SuiteProblem): Promise<SearchCost["tell"]> {
  const folder = mkdtempSync(join(tmpdir(), "tutti-search-"));
  try {
    await using store = await sqliteStore({ path: join(folder, "bench.db") });
    const sampler = randomSampler();
    let state = filled(sampler, on, 2000);
    const [alone, durable]: [number[], number[]] = [[], []];
    for (let number = 0; number < 100; number++) {
      const asked = sampler.ask(state, seededRng(number), 1);
      state = sampler.issue(state, asked);
      const outcome = { id: asked[0]?.id ?? "", score: seededRng(number).next() };
      const began = performance.now();
      state = sampler.tell(state, outcome);
      alone.push(performance.now() - began);
      await store.logs.append("search", [outcome]);
      durable.push(performance.now() - began);
    }
    return { alone: median(alone), durable: median(durable) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The state as it is read back from its JSON, so that nothing else holds on to its parts. */
async function stateBytes(on: SuiteProblem): Promise<number> {
  const sampler = randomSampler();
  const start = sampler.start(spaceOf(on), { goal: on.direction });
  const model = { fit: Array.from({ length: 14 }, (_, at) => at / 7), fitted: 10_000 };
  const trials = sampler.ask(start, seededRng("trials"), 10_000).map((trial): Trial => {
    return { ...trial, note: { arm: "gp", model } };
  });
  const told: SearchState = {
    ...start,
    trials: trials.map((trial, at) => ({ ...trial, outcome: { score: seededRng(at).next() } })),
  };
  const text = JSON.stringify(told);
  const before = await liveBytes();
  const state = JSON.parse(text) as SearchState;
  const bytes = (await liveBytes()) - before;
  return state.trials.length === trials.length ? bytes : Number.NaN;
}

async function liveBytes(): Promise<number> {
  for (let round = 0; round < 4; round++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return process.memoryUsage().heapUsed;
}

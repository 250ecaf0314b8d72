import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Store } from "#foundation";
import type { Report, RunEvent, Teleprompter } from "#optimize";
import { memoryStore } from "#storage/memory";
import { sqliteStore } from "#storage/sqlite";
import { evolution, optimizeTeam, randomSearch, simba } from "#teams";
import type { OptimizedTeam, OptimizeTeamOptions } from "#teams";
import { startChild } from "../optimize/child-process.ts";
import type { Child } from "../optimize/child-process.ts";
import { tunedCoder, tunedCoders, tuning } from "./tuned-coders.ts";

const short = simba({ generations: 2, spread: 3, candidatesPerGeneration: 2, minibatch: 10 });

interface Counted extends OptimizedTeam {
  /** How often an agent was called. */
  readonly calls: number;
}

async function optimized(
  teleprompter: Teleprompter,
  options: Partial<OptimizeTeamOptions> & { readonly store?: Store } = {},
): Promise<Counted> {
  let calls = 0;
  const modules = [tunedCoder(() => calls++)];
  const done = await optimizeTeam(tunedCoders, { ...tuning, store: memoryStore(), modules, teleprompter, ...options });
  return { ...done, calls };
}

/** What does not depend on the time that it took. */
const way = ({ report: { spend, ...report }, actions }: Pick<OptimizedTeam, "report" | "actions">): unknown => ({
  ...report,
  evaluations: spend.evaluations,
  actions,
});

async function paidExamples(store: Store, run: string): Promise<number> {
  const events = (await store.logs.read(`run/${run}`)) as unknown as RunEvent[];
  const paid = events.flatMap((event) => (event.type === "example" ? [`${event.work}/${event.result.index}`] : []));
  expect(new Set(paid).size).toBe(paid.length);
  return paid.length;
}

test.each<[string, Teleprompter, number]>([
  ["random search", randomSearch({ candidates: 6 }), 30],
  ["evolution", evolution({ candidates: 8, population: 3 }), 111],
  ["simba", short, 1],
  ["simba", short, 75],
  ["simba", short, 100],
])("a team's run by %s that is put down goes on as if it never had been", async (_, teleprompter, examples) => {
  const whole = await optimized(teleprompter);
  const store = memoryStore();
  const over = new AbortController();
  let [run, seen] = ["", 0];
  const first = optimized(teleprompter, {
    store,
    signal: over.signal,
    onEvent: (event, runner) => {
      run = runner.id;
      if (event.type === "example" && ++seen === examples) over.abort(new Error("put down"));
    },
  });
  await expect(first).rejects.toThrow("put down");
  const kept = await paidExamples(store, run);
  expect(kept).toBeLessThan(whole.calls);
  const rest = await optimized(teleprompter, { store, resume: run });
  expect(way(rest)).toEqual(way(whole));
  expect(rest.calls).toBe(whole.calls - kept);
  expect(await paidExamples(store, run)).toBe(whole.calls);
});

test.each([20, 120])(
  "a team's run killed with SIGKILL after %i calls goes on in a new process to the same end",
  async (kill) => {
    const whole = await optimized(short);
    const directory = await mkdtemp(join(tmpdir(), "tutti-team-kill-"));
    onTestFinished(() => rm(directory, { recursive: true }));
    const path = join(directory, "tutti.db");
    const server = await callServer();

    const first = start(path, server.url);
    const run = await first.line();
    await server.reached(kill);
    first.process.kill("SIGKILL");
    await first.ended;
    const before = server.heard();
    const kept = await keptIn(path, run);
    // Only what was under way at the moment of death was done and not kept.
    expect(before - kept).toBeLessThanOrEqual(tuning.concurrency);

    const second = start(path, server.url, run);
    expect(await second.line()).toBe(run);
    const ended = JSON.parse(await second.line()) as { readonly report: Report; readonly actions: Counted["actions"] };
    await second.ended;
    expect(server.heard() - before).toBe(whole.calls - kept);
    expect(await keptIn(path, run)).toBe(whole.calls);
    expect(way(ended)).toEqual(JSON.parse(JSON.stringify(way(whole))));
    expect(ended.actions).not.toEqual([]);
  },
  30_000,
);

async function keptIn(path: string, run: string): Promise<number> {
  await using store = await sqliteStore({ path });
  return await paidExamples(store, run);
}

interface CallServer {
  readonly url: string;
  /** How many calls were heard of. */
  readonly heard: () => number;
  /** Resolves when so many were. */
  readonly reached: (count: number) => Promise<void>;
}

async function callServer(): Promise<CallServer> {
  let heard = 0;
  const waiting: { count: number; resolve: () => void }[] = [];
  const server = createServer((_, response) => {
    heard++;
    for (const { count, resolve } of waiting) if (heard >= count) resolve();
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    heard: () => heard,
    reached: (count) => new Promise((resolve) => waiting.push({ count, resolve })),
  };
}

function start(...args: readonly string[]): Child {
  return startChild(new URL("fixtures/optimize-child.ts", import.meta.url), ...args);
}

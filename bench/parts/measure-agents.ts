/**
 * The child process of `bench/agents.ts`: measures one thing of one contestant and prints one line of JSON.
 * Arguments: the contestant's file in `bench/peers`, what to measure, `quick` or `full`.
 */
import { setImmediate, setTimeout } from "node:timers/promises";
import type { AgentContestant } from "./agent-contestant.ts";
import { median, percentile } from "./statistics.ts";

/** What is measured, in the units of the names. A contestant's process measures one of the groups. */
export interface AgentFigures {
  readonly calls: { readonly callsPerSecond: number };
  readonly heap: { readonly bytesPerAgent: number };
  readonly restart: { readonly medianUs: number; readonly p99Us: number };
  readonly mass: { readonly startMs: number; readonly stopMs: number; readonly coldMs: number };
  readonly gap: { readonly worstGapMs: number; readonly ownGapMs: number; readonly messagesPerSecond: number };
}

const peers: Readonly<Record<string, () => Promise<{ readonly contestant: AgentContestant }>>> = {
  "tutti-agents": () => import("../peers/tutti-agents.ts"),
  "bare-agents": () => import("../peers/bare-agents.ts"),
};

const [name = "tutti-agents", what = "calls", pace = "quick"] = process.argv.slice(2);
const peer = peers[name];
if (peer === undefined) throw new Error(`unknown contestant ${name}; known are ${Object.keys(peers).join(", ")}`);
const { contestant } = await peer();
const isQuick = pace === "quick";

const measures: { readonly [W in keyof AgentFigures]: () => Promise<AgentFigures[W]> } = {
  calls,
  heap,
  restart,
  mass,
  gap,
};
const measure = measures[what as keyof AgentFigures];
if (measure === undefined) throw new Error(`cannot measure ${what}; can ${Object.keys(measures).join(", ")}`);
console.log(JSON.stringify(await measure()));
process.exit();

async function calls(): Promise<AgentFigures["calls"]> {
  const ms = isQuick ? 400 : 1000;
  const call = await contestant.counter();
  const before = await call();
  const warm = await callsIn(2 * ms, call);
  const start = performance.now();
  const made = await callsIn(ms, call);
  const callsPerSecond = (made * 1000) / (performance.now() - start);
  if ((await call()) !== before + warm + made + 1) throw new Error(`${name} lost calls`);
  return { callsPerSecond };
}

async function callsIn(ms: number, call: () => Promise<number>): Promise<number> {
  const end = performance.now() + ms;
  let made = 0;
  while (performance.now() < end) {
    for (let i = 0; i < 500; i++) await call();
    made += 500;
  }
  return made;
}

async function heap(): Promise<AgentFigures["heap"]> {
  const count = 100_000;
  const warm = await contestant.idle(1000);
  const before = await liveBytes();
  const agents = await contestant.idle(count);
  const bytesPerAgent = ((await liveBytes()) - before) / count;
  if (warm === undefined || agents === undefined) throw new Error(`${name} did not keep its agents`);
  return { bytesPerAgent };
}

async function liveBytes(): Promise<number> {
  for (let i = 0; i < 4; i++) {
    await setImmediate();
    globalThis.gc?.();
  }
  return process.memoryUsage().heapUsed;
}

/** One crash after the other, a turn of the event loop between them. */
async function restart(): Promise<AgentFigures["restart"]> {
  const crash = await contestant.crasher();
  const latencies: number[] = [];
  const [warm, count] = isQuick ? [4000, 4000] : [10_000, 10_000];
  for (let i = 0; i < warm + count; i++) {
    const start = performance.now();
    await crash();
    if (i >= warm) latencies.push((performance.now() - start) * 1000);
    await setImmediate();
  }
  return { medianUs: median(latencies), p99Us: percentile(latencies, 0.99) };
}

async function mass(): Promise<AgentFigures["mass"]> {
  const count = 100_000;
  const cold = await startAndStop(count);
  await startAndStop(count);
  globalThis.gc?.();
  return { ...(await startAndStop(count)), coldMs: cold.startMs + cold.stopMs };
}

async function startAndStop(count: number): Promise<{ readonly startMs: number; readonly stopMs: number }> {
  const start = performance.now();
  const stop = await contestant.supervised(count);
  const started = performance.now();
  await stop();
  return { startMs: started - start, stopMs: performance.now() - started };
}

/**
 * A timer of one millisecond beside the agent: the longest time between two of its rings, and the longest processor time
 * of our own thread between two, which other processes do not lengthen.
 */
async function gap(): Promise<AgentFigures["gap"]> {
  const ms = isQuick ? 500 : 1000;
  await contestant.selfFeeding(200);
  let isOver = false;
  const gaps = worstGaps(() => isOver);
  const messages = await contestant.selfFeeding(ms);
  isOver = true;
  return { ...(await gaps), messagesPerSecond: (messages * 1000) / ms };
}

async function worstGaps(isOver: () => boolean): Promise<{ readonly worstGapMs: number; readonly ownGapMs: number }> {
  let [worstGapMs, ownGapMs] = [0, 0];
  let [last, lastOwn] = [performance.now(), threadMs()];
  while (!isOver()) {
    await setTimeout(1);
    const [now, own] = [performance.now(), threadMs()];
    worstGapMs = Math.max(worstGapMs, now - last);
    ownGapMs = Math.max(ownGapMs, own - lastOwn);
    [last, lastOwn] = [now, own];
  }
  return { worstGapMs, ownGapMs };
}

function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

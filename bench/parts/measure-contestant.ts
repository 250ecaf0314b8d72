/**
 * The child process of `bench/kernel.ts`: measures one contestant and prints one line of JSON.
 * Arguments: the contestant's file in `bench/peers`, `speed` or `heap`, milliseconds for each case after twice as many
 * to warm up.
 */
import { setImmediate } from "node:timers/promises";
import type { Contestant } from "./contestant.ts";
import { truth } from "./contestant.ts";

/** Microseconds per call. A case that the contestant does not have is absent. */
export interface Speeds {
  readonly single: number;
  readonly singleAtOnce: number;
  readonly pipeline: number;
  readonly pipelineAtOnce: number;
  readonly functions?: number;
  readonly functionsAtOnce?: number;
}

export interface Heap {
  /** Bytes alive after a collection, by the number of calls before it. */
  readonly points: readonly (readonly [calls: number, bytes: number])[];
}

type Call = (question: string) => Promise<unknown>;

/** Loaded one by one: a contestant shares its process with nobody. */
const peers: Readonly<Record<string, () => Promise<{ readonly contestant: Contestant }>>> = {
  tutti: () => import("../peers/tutti.ts"),
  bare: () => import("../peers/bare.ts"),
  "ai-sdk": () => import("../peers/ai-sdk.ts"),
  ax: () => import("../peers/ax.ts"),
  "ax-without-metrics": () => import("../peers/ax-without-metrics.ts"),
};

const question = "What is the capital of France?";
const atOnce = 64;

const [name = "tutti", what = "speed", ms = "200"] = process.argv.slice(2);
const peer = peers[name];
if (peer === undefined) throw new Error(`unknown contestant ${name}; known are ${Object.keys(peers).join(", ")}`);
const { contestant } = await peer();
const { answer, confidence } = await contestant.single(question);
if (answer !== truth.answer || confidence !== truth.confidence)
  throw new Error(`${name} answered ${JSON.stringify({ answer, confidence })}`);
console.log(JSON.stringify(what === "heap" ? await heap(contestant.single) : await speeds(contestant, Number(ms))));

async function speeds({ single, pipeline, functions }: Contestant, durationMs: number): Promise<Speeds> {
  return {
    single: await sequential(single, durationMs),
    singleAtOnce: await concurrent(single, durationMs),
    pipeline: await sequential(pipeline, durationMs),
    pipelineAtOnce: await concurrent(pipeline, durationMs),
    ...(functions === undefined
      ? {}
      : {
          functions: await sequential(functions, durationMs),
          functionsAtOnce: await concurrent(functions, durationMs),
        }),
  };
}

async function sequential(call: Call, durationMs: number): Promise<number> {
  await timed(call, 2 * durationMs);
  globalThis.gc?.();
  return timed(call, durationMs);
}

async function timed(call: Call, durationMs: number): Promise<number> {
  const start = performance.now();
  let calls = 0;
  while (performance.now() - start < durationMs) {
    for (let i = 0; i < 50; i++) await call(question);
    calls += 50;
  }
  return ((performance.now() - start) * 1000) / calls;
}

async function concurrent(call: Call, durationMs: number): Promise<number> {
  await timedAtOnce(call, 2 * durationMs);
  globalThis.gc?.();
  return timedAtOnce(call, durationMs);
}

async function timedAtOnce(call: Call, durationMs: number): Promise<number> {
  const start = performance.now();
  let calls = 0;
  const worker = async (): Promise<void> => {
    while (performance.now() - start < durationMs) {
      for (let i = 0; i < 10; i++) await call(question);
      calls += 10;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return ((performance.now() - start) * 1000) / calls;
}

async function heap(call: Call): Promise<Heap> {
  const points: [number, number][] = [];
  let calls = 0;
  for (const stop of [2_000, 10_000, 20_000, 40_000]) {
    for (; calls < stop; calls++) await call(`${question} ${calls}`);
    points.push([stop, await liveBytes()]);
  }
  return { points };
}

async function liveBytes(): Promise<number> {
  for (let i = 0; i < 4; i++) {
    await setImmediate();
    globalThis.gc?.();
  }
  return process.memoryUsage().heapUsed;
}

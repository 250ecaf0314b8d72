/**
 * The child process of `bench/kernel.ts`: measures one contestant and prints one line of JSON.
 * Arguments: the contestant's file in `bench/peers`, `speed` or `heap`, milliseconds for each case, milliseconds before
 * them to warm up, the folder of a peer that is installed by the bench.
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

interface Durations {
  readonly ms: number;
  readonly warmMs: number;
}

type Call = (question: string) => Promise<unknown>;

/** Loaded one by one: a contestant shares its process with nobody. */
const peers: Readonly<Record<string, () => Promise<{ readonly contestant: Contestant }>>> = {
  tutti: () => import("../peers/tutti.ts"),
  bare: () => import("../peers/bare.ts"),
  "ai-sdk": () => import("../peers/ai-sdk.ts"),
  ax: () => import("../peers/ax.ts"),
  "ax-without-metrics": () => import("../peers/ax-without-metrics.ts"),
  "openai-agents": async () => ({ contestant: await (await import("../peers/openai-agents.ts")).contestantIn(folder) }),
  langgraph: async () => ({ contestant: await (await import("../peers/langgraph.ts")).contestantIn(folder) }),
  mastra: async () => ({ contestant: await (await import("../peers/mastra.ts")).contestantIn(folder) }),
};

const question = "What is the capital of France?";
const atOnce = 64;

const [name = "tutti", what = "speed", ms = "200", warmMs = "400", folder = ""] = process.argv.slice(2);
const peer = peers[name];
if (peer === undefined) throw new Error(`unknown contestant ${name}; known are ${Object.keys(peers).join(", ")}`);
const { contestant } = await peer();
await check(contestant);
console.log(
  JSON.stringify(
    what === "heap"
      ? await heap(contestant.single)
      : await speeds(contestant, { ms: Number(ms), warmMs: Number(warmMs) }),
  ),
);

/** Whoever answers something else is not measured. */
async function check({ single, pipeline, functions }: Contestant): Promise<void> {
  const { answer, confidence } = await single(question);
  const answers: unknown[] = [answer, confidence, (await pipeline(question)).answer];
  const expected: unknown[] = [truth.answer, truth.confidence, truth.answer];
  if (functions !== undefined) {
    answers.push((await functions(question)).answer);
    expected.push(`${question.toUpperCase()}?`);
  }
  const [said, right] = [JSON.stringify(answers), JSON.stringify(expected)];
  if (said !== right) throw new Error(`${name} answered ${said} where ${right} is right`);
}

async function speeds({ single, pipeline, functions }: Contestant, durations: Durations): Promise<Speeds> {
  return {
    single: await sequential(single, durations),
    singleAtOnce: await concurrent(single, durations),
    pipeline: await sequential(pipeline, durations),
    pipelineAtOnce: await concurrent(pipeline, durations),
    ...(functions === undefined
      ? {}
      : {
          functions: await sequential(functions, durations),
          functionsAtOnce: await concurrent(functions, durations),
        }),
  };
}

async function sequential(call: Call, { ms, warmMs }: Durations): Promise<number> {
  await timed(call, warmMs);
  globalThis.gc?.();
  return timed(call, ms);
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

async function concurrent(call: Call, { ms, warmMs }: Durations): Promise<number> {
  await timedAtOnce(call, warmMs);
  globalThis.gc?.();
  return timedAtOnce(call, ms);
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

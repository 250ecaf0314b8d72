import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { serve } from "@hono/node-server";
import type { Rng } from "#foundation";
import { iclModel } from "#models/icl";
import { modelServer } from "#models/server";
import type { RunEvent } from "#optimize";
import { sqliteStore } from "#storage/sqlite";
import { repository } from "./fresh-process.ts";

/** What a run came to that was killed again and again, beside the same run in one piece. */
export interface CrashReport {
  /** How often its process was killed with SIGKILL. */
  readonly kills: number;
  /** Calls of the run in one piece, and of the killed one, as the server counted them. */
  readonly wholeCalls: number;
  readonly killedCalls: number;
  /** Examples and proposals that the killed run paid for twice, by its log. */
  readonly paidTwice: number;
  /** Whether both reports are equal but for spend. */
  readonly isEqual: boolean;
}

/** As `crashed-run.ts` has it. */
export const concurrency = 4;

/** Runs the teleprompter in one piece; then kills a run of it at so many random moments, going on after each. */
export async function crashRun(teleprompter: string, kills: number, rng: Rng): Promise<CrashReport> {
  await using server = await countingServer();
  const folder = await mkdtemp(join(tmpdir(), "tutti-crashes-"));
  try {
    const whole = startChild(join(folder, "whole.db"), server.url, teleprompter);
    await whole.line();
    const expected = await whole.line();
    const wholeCalls = server.answered();
    const path = join(folder, "killed.db");
    const moments = Array.from({ length: kills }, () => 1 + Math.floor(rng.next() * (wholeCalls - 1)));
    const killed = await killedAgainAndAgain({ server, path, teleprompter, from: wholeCalls, rng }, moments);
    return {
      ...killed,
      wholeCalls,
      killedCalls: server.answered() - wholeCalls,
      paidTwice: await paidTwice(path, killed.run),
      isEqual: killed.result === expected,
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

interface Killing {
  readonly server: CountingServer;
  readonly path: string;
  readonly teleprompter: string;
  /** What the server had answered before the run. */
  readonly from: number;
  readonly rng: Rng;
}

interface Killed {
  readonly run: string;
  readonly kills: number;
  readonly result: string;
}

async function killedAgainAndAgain(killing: Killing, moments: readonly number[]): Promise<Killed> {
  const { server, path, teleprompter, from, rng } = killing;
  let run: string | undefined;
  let kills = 0;
  for (const moment of moments.toSorted((a, b) => a - b)) {
    const child = startChild(path, server.url, teleprompter, ...(run === undefined ? [] : [run]));
    run = await child.line();
    const outcome = await Promise.race([server.reached(from + moment), child.line()]);
    if (typeof outcome === "string") return { run, kills, result: outcome };
    // Between two calls as well as within one.
    await new Promise((resolve) => setTimeout(resolve, rng.next() * 20));
    child.kill();
    await child.ended;
    kills++;
  }
  const last = startChild(path, server.url, teleprompter, ...(run === undefined ? [] : [run]));
  return { run: await last.line(), kills, result: await last.line() };
}

async function paidTwice(path: string, run: string): Promise<number> {
  await using store = await sqliteStore({ path });
  const events = (await store.logs.read(`run/${run}`)) as unknown as RunEvent[];
  const paid = events.flatMap((event) => {
    if (event.type === "example" && !("reused" in event.result)) return [`${event.work}/${event.result.index}`];
    return event.type === "completed" ? [event.work] : [];
  });
  return paid.length - new Set(paid).size;
}

interface CountingServer extends AsyncDisposable {
  readonly url: string;
  readonly answered: () => number;
  /** Resolves when so many calls were answered. */
  readonly reached: (count: number) => Promise<void>;
}

/** The offline model behind the chat protocol. */
async function countingServer(): Promise<CountingServer> {
  const handler = modelServer({ models: [iclModel()] });
  let answered = 0;
  const waiting: { count: number; resolve: () => void }[] = [];
  const fetch = async (request: Request): Promise<Response> => {
    const response = await handler(request);
    answered++;
    for (const { count, resolve } of waiting) if (answered >= count) resolve();
    return response;
  };
  const { promise: port, resolve: listening } = Promise.withResolvers<number>();
  const server = serve({ fetch, port: 0, hostname: "127.0.0.1" }, (address) => listening(address.port));
  return {
    url: `http://127.0.0.1:${await port}/v1`,
    answered: () => answered,
    reached: (count) =>
      new Promise((resolve) => {
        if (answered >= count) resolve();
        else waiting.push({ count, resolve });
      }),
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

interface Child {
  readonly line: () => Promise<string>;
  readonly kill: () => void;
  readonly ended: Promise<void>;
}

function startChild(...args: readonly string[]): Child {
  const script = join(repository, "bench/parts/crashed-run.ts");
  const child = spawn(process.execPath, ["--conditions=tutti-source", script, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    line: async () => {
      const { value } = await lines.next();
      // A killed process has no further line, and whoever waited for it looks away.
      return value ?? (await new Promise<never>(() => {}));
    },
    kill: () => void child.kill("SIGKILL"),
    ended: new Promise((resolve) => child.on("close", () => resolve())),
  };
}

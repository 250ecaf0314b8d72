import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { RunEvent } from "#optimize";
import type { ModelRequest } from "#programs";
import { sqliteStore } from "#storage/sqlite";
import { startChild } from "./child-process.ts";
import type { Child } from "./child-process.ts";
import { parityModel } from "./parity.ts";

/** What the run needs in all: seven candidates on validation, two configurations on the held-out examples. */
const needed = 7 * 24 + 2 * 40;

interface ModelServer {
  readonly url: string;
  /** How many calls were answered. */
  readonly answered: () => number;
  /** Resolves when so many calls were answered. */
  readonly reached: (count: number) => Promise<void>;
}

test.each([60, 190])(
  "a run killed with SIGKILL after %i calls goes on in a new process and pays for no result twice",
  async (kill) => {
    const directory = await mkdtemp(join(tmpdir(), "tutti-kill-"));
    onTestFinished(() => rm(directory, { recursive: true }));
    const path = join(directory, "tutti.db");
    const server = await modelServer();

    const first = start(path, server.url);
    const run = await first.line();
    await server.reached(kill);
    first.process.kill("SIGKILL");
    await first.ended;
    const before = server.answered();
    const kept = await paidExamples(path, run);
    // Only what was under way at the moment of death, at most the concurrency, was answered and not kept.
    expect(before - kept).toBeLessThanOrEqual(4);

    const second = start(path, server.url, run);
    expect(await second.line()).toBe(run);
    const result = JSON.parse(await second.line()) as { readonly calls: number };
    await second.ended;
    expect(server.answered() - before).toBe(needed - kept);
    expect(result).toMatchObject({ status: "completed" });
    // What may have been under way at the death is charged: the account never tells less than was spent.
    expect(result.calls).toBeGreaterThanOrEqual(server.answered());
    expect(result.calls).toBeLessThanOrEqual(needed + 4);
    expect(await paidExamples(path, run)).toBe(needed);
  },
  30_000,
);

async function paidExamples(path: string, run: string): Promise<number> {
  await using store = await sqliteStore({ path });
  const events = (await store.logs.read(`run/${run}`)) as unknown as RunEvent[];
  const paid = events.flatMap((event) => (event.type === "example" ? [`${event.work}/${event.result.index}`] : []));
  expect(new Set(paid).size).toBe(paid.length);
  return paid.length;
}

/** The parity model behind the chat protocol. */
async function modelServer(): Promise<ModelServer> {
  const model = parityModel();
  let answered = 0;
  const waiting: { count: number; resolve: () => void }[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString()) as ModelRequest & { response_format?: object };
    const format = body.response_format === undefined ? {} : { responseFormat: { type: "json", name: "", schema: {} } };
    const { text } = await model.generate({ ...body, ...format } as ModelRequest);
    answered++;
    for (const { count, resolve } of waiting) if (answered >= count) resolve();
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ choices: [{ message: { content: text }, finish_reason: "stop" }] }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    answered: () => answered,
    reached: (count) => new Promise((resolve) => waiting.push({ count, resolve })),
  };
}

function start(...args: readonly string[]): Child {
  return startChild(new URL("fixtures/run-child.ts", import.meta.url), ...args);
}

import { join } from "node:path";
import { expect, test } from "vitest";
import { sqliteStore } from "#storage/sqlite";
import { runFixture } from "./child.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

test("processes that open the same new file and increment one document lose no update", async () => {
  const path = join(temporaryDirectory(), "new", "tutti.db");
  const children = [1, 2, 3].map(() => runFixture("increment.ts", [path, "60"]));
  await Promise.all(children.map((child) => child.end()));
  await using store = await sqliteStore({ path });
  expect(await store.documents.get("counter", "n")).toMatchObject({ body: 180, revision: 180 });
  expect(await store.position()).toBe(180);
});

test("what was answered before SIGKILL is found, and no half batch", async () => {
  const path = join(temporaryDirectory(), "tutti.db");
  for (let round = 0; round < 3; round++) {
    const child = runFixture("acknowledge.ts", [path]);
    const before = await child.until((lines) => lines.length >= 15);
    const answered = (await child.kill()).map(Number);
    expect(answered.length).toBeGreaterThanOrEqual(before.length);

    await using store = await sqliteStore({ path });
    const documents = await store.documents.list("written", { limit: 100_000 });
    expect(new Set(documents.map(({ body }) => body)).isSupersetOf(new Set(answered))).toBe(true);
    const entries = await store.logs.read("batches", { limit: 1_000_000 });
    expect(entries.length).toBe(await store.logs.length("batches"));
    expect(entries.length % 1_000).toBe(0);
    expect(entries).toEqual(entries.map((_, index) => entries[index - (index % 1_000)]));
    expect(new Set(entries).isSupersetOf(new Set(answered))).toBe(true);
    const tasks = await store.queue.claim("q", "w", { limit: 1_000_000, leaseMs: 1 });
    expect(new Set(tasks.map(({ payload }) => payload)).isSupersetOf(new Set(answered))).toBe(true);
    await using again = await sqliteStore({ path });
    for (const task of tasks) await again.queue.complete(task);
  }
});

test("processes share a queue, each task completed once", async () => {
  const path = join(temporaryDirectory(), "tutti.db");
  await using store = await sqliteStore({ path });
  const payloads = Array.from({ length: 60 }, (_, n) => String(n));
  await store.queue.enqueue("q", payloads);
  const workers = ["a", "b"].map((worker) => runFixture("work.ts", [path, worker]));
  const completed = (await Promise.all(workers.map((worker) => worker.end()))).flat();
  expect(completed.toSorted((a, b) => Number(a) - Number(b))).toEqual(payloads);
});

test("the task of a killed process comes back when its time is over", async () => {
  const path = join(temporaryDirectory(), "tutti.db");
  await using store = await sqliteStore({ path });
  await store.queue.enqueue("q", ["task"]);
  const worker = runFixture("work.ts", [path, "a", "stall"]);
  await worker.until((lines) => lines.includes("claimed task"));
  await worker.kill();
  expect(await store.queue.claim("q", "b", { limit: 1, leaseMs: 1_000 })).toEqual([]);
  const clock = { now: () => Date.now() + 60_001, sleep: async () => {} };
  await using later = await sqliteStore({ path, clock });
  const [task] = await later.queue.claim("q", "b", { limit: 1, leaseMs: 1_000 });
  expect(task).toMatchObject({ payload: "task", delivery: 2 });
});

test("a watch sees what another process writes while it writes", async () => {
  const path = join(temporaryDirectory(), "tutti.db");
  await using store = await sqliteStore({ path, pollMs: 2 });
  const stop = new AbortController();
  const child = runFixture("increment.ts", [path, "20"]);
  const seen: number[] = [];
  for await (const { sequence } of store.watch({ after: 0, signal: stop.signal }))
    if (seen.push(sequence) === 20) break;
  expect(seen).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  await child.end();
});

import assert from "node:assert/strict";
import { StoreError } from "#foundation";
import type { Store } from "#foundation";
import type { Contract } from "../contract.ts";
import { untilEnd } from "./harness.ts";
import type { StoreHarness } from "./harness.ts";

export const lifetimeClaims: Contract<StoreHarness> = {
  "disposal: twice is once": async (harness) => {
    const store = await harness.open();
    await Promise.all([store[Symbol.asyncDispose](), store[Symbol.asyncDispose]()]);
    await store[Symbol.asyncDispose]();
  },

  "disposal: every later call is rejected as closed": async (harness) => {
    const store = await harness.open();
    await store.queue.enqueue("q", [1]);
    const [task] = await store.queue.claim("q", "w", { limit: 1, leaseMs: 1_000 });
    assert.ok(task !== undefined);
    await store[Symbol.asyncDispose]();
    const calls: readonly (() => Promise<unknown>)[] = [
      () => store.documents.get("run", "a"),
      () => store.documents.list("run"),
      () => store.documents.put("run", "a", 1),
      () => store.documents.delete("run", "a"),
      () => store.logs.append("events", [1]),
      () => store.logs.read("events"),
      () => store.logs.length("events"),
      () => store.cache.get("k"),
      () => store.cache.set("k", 1),
      () => store.leases.acquire("leader", "a", 1_000),
      () => store.leases.release({ lease: "leader", epoch: 1 }),
      () => store.leases.look("leader"),
      () => store.queue.enqueue("q", [1]),
      () => store.queue.claim("q", "w", { limit: 1, leaseMs: 1_000 }),
      () => store.queue.heartbeat(task, 1_000),
      () => store.queue.complete(task),
      () => store.position(),
      () => untilEnd(store.watch({ after: 0, signal: new AbortController().signal })),
    ];
    for (const call of calls) await assert.rejects(call, isClosed);
  },

  "disposal: writes that were asked for are answered": async (harness) => {
    const store = await harness.open();
    const writes = Array.from({ length: 20 }, (_, n) => store.documents.put("run", `d${n}`, n));
    await store[Symbol.asyncDispose]();
    for (const write of writes) assert.equal((await write).ok, true);
  },

  "disposal: a read on its way is answered, or rejected as closed": async (harness) => {
    const store = await harness.open();
    await store.documents.put("run", "a", 1);
    const reads = Array.from({ length: 10 }, () => store.documents.get("run", "a"));
    const answers = Promise.allSettled(reads);
    await store[Symbol.asyncDispose]();
    for (const answer of await answers)
      assert.ok(answer.status === "fulfilled" ? answer.value?.body === 1 : isClosed(answer.reason));
  },

  "disposal: every watch ends without an error, and nothing sleeps on": async (harness) => {
    const store = await harness.open();
    await store.logs.append("events", [1]);
    const { signal } = new AbortController();
    const watches = [0, 1, 99].map((after) => countOf(store, after, signal));
    await harness.clock.advance(1_000);
    await store[Symbol.asyncDispose]();
    assert.deepEqual(await Promise.all(watches), [1, 0, 0]);
    await harness.clock.advance(0);
    assert.equal(harness.clock.pending(), 0);
  },
};

function isClosed(error: unknown): boolean {
  return error instanceof StoreError && error.code === "closed" && !error.retryable;
}

async function countOf(store: Store, after: number, signal: AbortSignal): Promise<number> {
  return (await untilEnd(store.watch({ after, signal }))).length;
}

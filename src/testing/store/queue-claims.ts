import assert from "node:assert/strict";
import { UsageError } from "#foundation";
import type { ClaimedTask, Json, Store } from "#foundation";
import type { Contract } from "../contract.ts";
import type { StoreHarness } from "./harness.ts";

const hold = { limit: 10, leaseMs: 1_000 };

export const queueClaims: Contract<StoreHarness> = {
  "queue: tasks are claimed oldest first, with what was enqueued": async (harness) => {
    await using store = await harness.open();
    const ids = await store.queue.enqueue("q", [{ n: 1 }, "two"]);
    ids.push(...(await store.queue.enqueue("q", [3])));
    assert.equal(new Set(ids).size, 3);
    assert.deepEqual(await store.queue.claim("q", "w", { limit: 2, leaseMs: 1_000 }), [
      { queue: "q", id: ids[0], payload: { n: 1 }, delivery: 1 },
      { queue: "q", id: ids[1], payload: "two", delivery: 1 },
    ]);
    assert.deepEqual(await payloads(store, "w"), [3]);
    assert.deepEqual(await payloads(store, "w"), []);
  },

  "queue: each queue is for itself": async (harness) => {
    await using store = await harness.open();
    await store.queue.enqueue("other", [1]);
    assert.deepEqual(await payloads(store, "w"), []);
    assert.deepEqual(await store.queue.claim("other", "w", { limit: 0, leaseMs: 1 }), []);
    assert.equal((await store.queue.claim("other", "w", hold)).length, 1);
  },

  "queue: many workers at once share the tasks, none twice": async (harness) => {
    await using store = await harness.open();
    const all = Array.from({ length: 250 }, (_, n) => n);
    await store.queue.enqueue("q", all);
    const claims = Array.from({ length: 30 }, (_, n) => store.queue.claim("q", `w${n}`, hold));
    const claimed = (await Promise.all(claims)).flat().map(({ payload }) => payload);
    assert.deepEqual(
      claimed.toSorted((a, b) => Number(a) - Number(b)),
      all,
    );
  },

  "queue: a task whose worker falls silent goes to the next, before younger ones": async (harness) => {
    await using store = await harness.open();
    await store.queue.enqueue("q", ["old", "young"]);
    await one(store, "w1");
    await harness.clock.advance(999);
    assert.deepEqual((await one(store, "w2")).payload, "young");
    await harness.clock.advance(1);
    const again = await one(store, "w3");
    assert.deepEqual([again.payload, again.delivery], ["old", 2]);
  },

  "queue: a heartbeat keeps the task from then on": async (harness) => {
    await using store = await harness.open();
    await store.queue.enqueue("q", ["task"]);
    const task = await one(store, "w1");
    for (let beat = 0; beat < 5; beat++) {
      await harness.clock.advance(900);
      assert.equal(await store.queue.heartbeat(task, 1_000), true);
    }
    await harness.clock.advance(999);
    assert.deepEqual(await payloads(store, "w2"), []);
    await harness.clock.advance(1);
    assert.deepEqual(await payloads(store, "w2"), ["task"]);
  },

  "queue: a completed task never comes again, and cannot be completed twice": async (harness) => {
    await using store = await harness.open();
    await store.queue.enqueue("q", ["task"]);
    const task = await one(store, "w1");
    assert.equal(await store.queue.complete(task), true);
    assert.equal(await store.queue.complete(task), false);
    assert.equal(await store.queue.heartbeat(task, 1_000), false);
    await harness.clock.advance(10_000);
    assert.deepEqual(await payloads(store, "w2"), []);
  },

  "queue: once the task is another's, the old worker's heartbeat and result do not count": async (harness) => {
    await using store = await harness.open();
    await store.queue.enqueue("q", ["task"]);
    const old = await one(store, "w1");
    await harness.clock.advance(1_000);
    const current = await one(store, "w2");
    assert.equal(await store.queue.heartbeat(old, 60_000), false);
    assert.equal(await store.queue.complete(old), false);
    await harness.clock.advance(900);
    assert.equal(await store.queue.heartbeat(current, 1_000), true);
    assert.equal(await store.queue.complete(current), true);
  },

  "queue: a late worker whom nobody followed may still go on and complete": async (harness) => {
    await using store = await harness.open();
    await store.queue.enqueue("q", ["task"]);
    const task = await one(store, "w1");
    await harness.clock.advance(5_000);
    assert.equal(await store.queue.heartbeat(task, 1_000), true);
    assert.deepEqual(await payloads(store, "w2"), []);
    await harness.clock.advance(5_000);
    assert.equal(await store.queue.complete(task), true);
  },

  "queue: a task that nobody enqueued cannot be completed": async (harness) => {
    await using store = await harness.open();
    const [id] = await store.queue.enqueue("q", ["task"]);
    const task = await one(store, "w");
    for (const forged of [
      { id: "0" },
      { id: "" },
      { id: `${id}x` },
      { id: "1e3" },
      { queue: "other" },
      { delivery: 2 },
    ])
      assert.equal(await store.queue.complete({ ...task, ...forged }), false);
    assert.equal(await store.queue.complete(task), true);
  },

  "queue: the id of a completed task is not given again": async (harness) => {
    await using store = await harness.open();
    const [first] = await store.queue.enqueue("q", [1]);
    await store.queue.complete(await one(store, "w"));
    const [second] = await store.queue.enqueue("q", [2]);
    assert.notEqual(first, second);
  },

  "queue: an empty batch is no task, and one payload that is not JSON keeps the whole batch out": async (harness) => {
    await using store = await harness.open();
    assert.deepEqual(await store.queue.enqueue("q", []), []);
    await assert.rejects(
      store.queue.enqueue("q", [1, { bad: Number.NaN }] as Json[]),
      (error) => error instanceof UsageError && /payloads\[1\]\.bad/.test(error.message),
    );
    assert.deepEqual(await payloads(store, "w"), []);
  },

  "queue: a batch is longer than one statement": async (harness) => {
    await using store = await harness.open();
    const many = Array.from({ length: 1_234 }, (_, n) => n);
    assert.equal(new Set(await store.queue.enqueue("q", many)).size, 1_234);
    const claimed = await store.queue.claim("q", "w", { limit: 2_000, leaseMs: 1 });
    assert.deepEqual(
      claimed.map(({ payload }) => payload),
      many,
    );
  },

  "queue: numbers that cannot be meant are refused": async (harness) => {
    await using store = await harness.open();
    await assert.rejects(store.queue.claim("q", "w", { limit: -1, leaseMs: 1 }), UsageError);
    await assert.rejects(store.queue.claim("q", "w", { limit: 1, leaseMs: 0 }), UsageError);
    await assert.rejects(store.queue.claim("q", "", { limit: 1, leaseMs: 1 }), UsageError);
    await assert.rejects(store.queue.enqueue("", [1]), UsageError);
  },
};

async function payloads(store: Store, worker: string): Promise<Json[]> {
  return (await store.queue.claim("q", worker, hold)).map(({ payload }) => payload);
}

async function one(store: Store, worker: string): Promise<ClaimedTask> {
  const [task] = await store.queue.claim("q", worker, { limit: 1, leaseMs: 1_000 });
  assert.ok(task !== undefined, "there was no task to claim");
  return task;
}

import assert from "node:assert/strict";
import type { Contract } from "../contract.ts";
import { arrival, changesOf, fenceOf, increment, revisionOf } from "./harness.ts";
import type { SharedStoreHarness } from "./harness.ts";

export const sharedClaims: Contract<SharedStoreHarness> = {
  "shared: every room shows what another handle wrote": async (harness) => {
    await using here = await harness.open();
    await using there = await harness.openAgain();
    await here.documents.put("run", "a", { n: 1 });
    await here.logs.append("events", [1, 2]);
    await here.cache.set("k", "v");
    await here.queue.enqueue("q", ["task"]);
    assert.deepEqual((await there.documents.get("run", "a"))?.body, { n: 1 });
    assert.deepEqual(await there.logs.read("events"), [1, 2]);
    assert.equal(await there.cache.get("k"), "v");
    assert.equal((await there.queue.claim("q", "w", { limit: 1, leaseMs: 1_000 }))[0]?.payload, "task");
    assert.deepEqual(await here.queue.claim("q", "w", { limit: 1, leaseMs: 1_000 }), []);
    assert.equal(await there.position(), 2);
  },

  "shared: what was written is found after everybody has gone": async (harness) => {
    const first = await harness.open();
    await first.documents.put("run", "a", 1);
    await first.logs.append("events", [1], { durability: "relaxed" });
    await first[Symbol.asyncDispose]();
    await using second = await harness.openAgain();
    assert.equal(await revisionOf(second.documents.put("run", "a", 2, { expect: 1 })), 2);
    assert.equal(await revisionOf(second.logs.append("events", [2], { expect: 1 })), 2);
    assert.deepEqual(
      (await changesOf(second, 0, 4)).map(({ sequence }) => sequence),
      [1, 2, 3, 4],
    );
  },

  "shared: writers through several handles that compare and set lose no update": async (harness) => {
    await using here = await harness.open();
    await using there = await harness.openAgain();
    await Promise.all([here, there, here, there].map((store) => increment(store, "n", 25)));
    assert.equal((await here.documents.get("counter", "n"))?.body, 100);
    assert.equal((await there.documents.get("counter", "n"))?.revision, 100);
  },

  "shared: a lease holds against another handle, and fences its late holder there": async (harness) => {
    await using here = await harness.open();
    await using there = await harness.openAgain();
    const old = await fenceOf(here, "leader", "a");
    assert.equal((await there.leases.look("leader"))?.holder, "a");
    assert.equal((await there.leases.acquire("leader", "b", 1_000)).ok, false);
    await harness.clock.advance(1_000);
    assert.equal((await fenceOf(there, "leader", "b")).epoch, 2);
    assert.deepEqual(await here.documents.put("run", "a", 1, { fence: old }), { ok: false, reason: "fenced" });
  },

  "shared: a watch sees the writes of another handle in time, gap-free among its own": async (harness) => {
    await using here = await harness.open();
    await using there = await harness.openAgain();
    const seen = changesOf(there, 0, 60);
    for (let n = 0; n < 30; n++) {
      await Promise.all([
        here.logs.append("here", [n], { durability: "relaxed" }),
        there.logs.append("there", [n], { durability: "relaxed" }),
      ]);
    }
    const changes = await arrival(harness.clock, seen);
    assert.deepEqual(
      changes.map(({ sequence }) => sequence),
      Array.from({ length: 60 }, (_, index) => index + 1),
    );
    assert.equal(changes.filter((change) => change.type === "log" && change.log === "here").length, 30);
  },

  "shared: who waits is woken by another handle's write within a second": async (harness) => {
    await using here = await harness.open();
    await using there = await harness.openAgain();
    const next = changesOf(there, 0, 1);
    await harness.clock.advance(5_000);
    const before = harness.clock.now();
    await here.documents.put("run", "a", 1);
    assert.equal((await arrival(harness.clock, next))[0]?.sequence, 1);
    assert.ok(harness.clock.now() - before <= 1_000);
  },

  "shared: one handle's end is not the other's": async (harness) => {
    const here = await harness.open();
    await using there = await harness.openAgain();
    await here[Symbol.asyncDispose]();
    assert.equal(await revisionOf(there.documents.put("run", "a", 1)), 1);
  },
};

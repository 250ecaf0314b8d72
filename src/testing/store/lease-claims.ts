import assert from "node:assert/strict";
import { UsageError } from "#foundation";
import type { Contract } from "../contract.ts";
import { fenceOf, revisionOf } from "./harness.ts";
import type { StoreHarness } from "./harness.ts";

export const leaseClaims: Contract<StoreHarness> = {
  "leases: one holder at a time, and who asks in vain learns who and until when": async (harness) => {
    await using store = await harness.open();
    await harness.clock.advance(500);
    const first = await store.leases.acquire("leader", "a", 1_000);
    assert.deepEqual(first, { ok: true, fence: { lease: "leader", epoch: 1 }, expiresAt: 1_500 });
    assert.deepEqual(await store.leases.acquire("leader", "b", 1_000), { ok: false, holder: "a", expiresAt: 1_500 });
    assert.deepEqual(await fenceOf(store, "other", "b"), { lease: "other", epoch: 1 });
  },

  "leases: the holder that asks again renews and keeps its epoch": async (harness) => {
    await using store = await harness.open();
    await fenceOf(store, "leader", "a");
    await harness.clock.advance(900);
    const renewed = await store.leases.acquire("leader", "a", 1_000);
    assert.deepEqual(renewed, { ok: true, fence: { lease: "leader", epoch: 1 }, expiresAt: 1_900 });
    await harness.clock.advance(900);
    assert.equal((await store.leases.acquire("leader", "b", 1_000)).ok, false);
  },

  "leases: an expired one goes to the next who asks, with a new epoch": async (harness) => {
    await using store = await harness.open();
    await fenceOf(store, "leader", "a");
    await harness.clock.advance(999);
    assert.equal((await store.leases.acquire("leader", "b", 1_000)).ok, false);
    await harness.clock.advance(1);
    assert.deepEqual(await fenceOf(store, "leader", "b"), { lease: "leader", epoch: 2 });
    assert.equal((await store.leases.acquire("leader", "a", 1_000)).ok, false);
  },

  "leases: a late holder whom nobody followed keeps its epoch": async (harness) => {
    await using store = await harness.open();
    const fence = await fenceOf(store, "leader", "a");
    await harness.clock.advance(5_000);
    assert.ok((await store.documents.put("run", "a", 1, { fence })).ok);
    assert.deepEqual(await fenceOf(store, "leader", "a"), fence);
    assert.equal((await store.leases.acquire("leader", "b", 1_000)).ok, false);
  },

  "leases: a released one is free at once, and the next epoch is greater for its old holder too": async (harness) => {
    await using store = await harness.open();
    await store.leases.release(await fenceOf(store, "leader", "a"));
    assert.deepEqual(await fenceOf(store, "leader", "b"), { lease: "leader", epoch: 2 });
    await store.leases.release({ lease: "leader", epoch: 2 });
    assert.deepEqual(await fenceOf(store, "leader", "b"), { lease: "leader", epoch: 3 });
  },

  "leases: releasing what one no longer holds does nothing": async (harness) => {
    await using store = await harness.open();
    const old = await fenceOf(store, "leader", "a");
    await harness.clock.advance(1_000);
    const current = await fenceOf(store, "leader", "b");
    await store.leases.release(old);
    await store.leases.release({ lease: "nobody's", epoch: 1 });
    assert.equal((await store.leases.acquire("leader", "c", 1_000)).ok, false);
    assert.ok((await store.documents.put("run", "a", 1, { fence: current })).ok);
    await store.leases.release(current);
    await store.leases.release(current);
    assert.equal((await fenceOf(store, "leader", "c")).epoch, 3);
  },

  "leases: of many who ask at once one gets it": async (harness) => {
    await using store = await harness.open();
    const asked = Array.from({ length: 20 }, (_, n) => store.leases.acquire("leader", `holder ${n}`, 1_000));
    assert.equal((await Promise.all(asked)).filter(({ ok }) => ok).length, 1);
  },

  "leases: a look tells who holds one until when, and takes nothing": async (harness) => {
    await using store = await harness.open();
    assert.equal(await store.leases.look("leader"), undefined);
    const fence = await fenceOf(store, "leader", "a");
    assert.deepEqual(await store.leases.look("leader"), { holder: "a", epoch: 1, expiresAt: 1_000 });
    assert.equal(await store.leases.look("other"), undefined);
    await harness.clock.advance(999);
    assert.notEqual(await store.leases.look("leader"), undefined);
    await harness.clock.advance(1);
    assert.equal(await store.leases.look("leader"), undefined);
    assert.ok((await store.documents.put("run", "a", 1, { fence })).ok);
    assert.deepEqual(await fenceOf(store, "leader", "b"), { lease: "leader", epoch: 2 });
    await store.leases.release({ lease: "leader", epoch: 2 });
    assert.equal(await store.leases.look("leader"), undefined);
    await assert.rejects(store.leases.look(""), UsageError);
  },

  "leases: times that cannot be meant are refused": async (harness) => {
    await using store = await harness.open();
    for (const ttlMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
      await assert.rejects(store.leases.acquire("leader", "a", ttlMs), UsageError);
    await assert.rejects(store.leases.acquire("", "a", 1), UsageError);
    await assert.rejects(store.leases.acquire("leader", "", 1), UsageError);
  },

  "fences: the holder writes; whoever was followed does not": async (harness) => {
    await using store = await harness.open();
    const old = await fenceOf(store, "leader", "a");
    assert.equal(await revisionOf(store.documents.put("run", "a", 1, { fence: old })), 1);
    assert.equal(await revisionOf(store.logs.append("run", [1], { fence: old })), 1);
    await harness.clock.advance(1_000);
    const current = await fenceOf(store, "leader", "b");
    const fenced = { ok: false, reason: "fenced" };
    assert.deepEqual(await store.documents.put("run", "a", 2, { fence: old }), fenced);
    assert.deepEqual(await store.documents.delete("run", "a", { fence: old }), fenced);
    assert.deepEqual(await store.logs.append("run", [2], { fence: old }), fenced);
    assert.deepEqual((await store.documents.get("run", "a"))?.body, 1);
    assert.equal(await store.logs.length("run"), 1);
    assert.equal(await store.position(), 2);
    assert.equal(await revisionOf(store.documents.put("run", "a", 3, { fence: current })), 2);
  },

  "fences: one that was released, was never given or is of the future lets nobody write": async (harness) => {
    await using store = await harness.open();
    const fence = await fenceOf(store, "leader", "a");
    await store.leases.release(fence);
    for (const invalid of [fence, { lease: "nobody's", epoch: 1 }, { lease: "leader", epoch: 2 }])
      assert.deepEqual(await store.documents.put("run", "a", 1, { fence: invalid }), { ok: false, reason: "fenced" });
  },

  "fences: a write that is both fenced and late is fenced": async (harness) => {
    await using store = await harness.open();
    await store.documents.put("run", "a", 1);
    const options = { expect: 5, fence: { lease: "leader", epoch: 1 } };
    assert.deepEqual(await store.documents.put("run", "a", 2, options), { ok: false, reason: "fenced" });
    const fence = await fenceOf(store, "leader", "a");
    const late = await store.documents.put("run", "a", 2, { expect: 5, fence });
    assert.deepEqual(late, { ok: false, reason: "conflict", revision: 1 });
  },
};

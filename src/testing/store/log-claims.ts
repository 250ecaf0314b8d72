import assert from "node:assert/strict";
import { UsageError } from "#foundation";
import type { Json } from "#foundation";
import type { Contract } from "../contract.ts";
import { revisionOf } from "./harness.ts";
import type { StoreHarness } from "./harness.ts";

export const logClaims: Contract<StoreHarness> = {
  "logs: entries are read in the order in which they were appended": async (harness) => {
    await using store = await harness.open();
    assert.equal(await revisionOf(store.logs.append("run", [{ n: 0 }, "one"])), 2);
    assert.equal(await revisionOf(store.logs.append("run", [null], { durability: "relaxed" })), 3);
    assert.deepEqual(await store.logs.read("run"), [{ n: 0 }, "one", null]);
    assert.equal(await store.logs.length("run"), 3);
  },

  "logs: a log that nobody wrote is empty, and each log is for itself": async (harness) => {
    await using store = await harness.open();
    await store.logs.append("a", [1]);
    assert.deepEqual(await store.logs.read("b"), []);
    assert.equal(await store.logs.length("b"), 0);
  },

  "logs: a part is read by its first index and a limit": async (harness) => {
    await using store = await harness.open();
    await store.logs.append("run", [0, 1, 2, 3, 4]);
    assert.deepEqual(await store.logs.read("run", { from: 2 }), [2, 3, 4]);
    assert.deepEqual(await store.logs.read("run", { from: 1, limit: 2 }), [1, 2]);
    assert.deepEqual(await store.logs.read("run", { limit: 0 }), []);
    assert.deepEqual(await store.logs.read("run", { from: 5 }), []);
  },

  "logs: a long batch is appended whole; reading stops at 10,000 unless told": async (harness) => {
    await using store = await harness.open();
    const entries = Array.from({ length: 10_001 }, (_, n) => n);
    assert.equal(await revisionOf(store.logs.append("run", entries)), 10_001);
    assert.equal((await store.logs.read("run")).length, 10_000);
    assert.deepEqual(await store.logs.read("run", { limit: 20_000 }), entries);
  },

  "logs: one entry that is not JSON keeps the whole batch out": async (harness) => {
    await using store = await harness.open();
    await store.logs.append("run", ["kept"]);
    const batch = ["a", { deep: [Number.POSITIVE_INFINITY] }, "c"] as Json[];
    await assert.rejects(
      store.logs.append("run", batch),
      (error) => error instanceof UsageError && /entries\[1\]\.deep\[0\]/.test(error.message),
    );
    assert.deepEqual(await store.logs.read("run"), ["kept"]);
    assert.equal(await store.position(), 1);
  },

  "logs: the expected length lets an append through once": async (harness) => {
    await using store = await harness.open();
    assert.equal(await revisionOf(store.logs.append("run", [1, 2], { expect: 0 })), 2);
    const late = await store.logs.append("run", [3], { expect: 0 });
    assert.deepEqual(late, { ok: false, reason: "conflict", revision: 2 });
    assert.equal(await revisionOf(store.logs.append("run", [3], { expect: 2 })), 3);
    assert.deepEqual(await store.logs.read("run"), [1, 2, 3]);
  },

  "logs: an empty append changes nothing, but is answered": async (harness) => {
    await using store = await harness.open();
    assert.equal(await revisionOf(store.logs.append("run", [])), 0);
    await store.logs.append("run", [1]);
    assert.equal(await revisionOf(store.logs.append("run", [], { expect: 1 })), 1);
    assert.equal((await store.logs.append("run", [], { expect: 0 })).ok, false);
    assert.equal(await store.position(), 1);
  },

  "logs: batches of many writers at once stay together": async (harness) => {
    await using store = await harness.open();
    const writers = Array.from({ length: 20 }, (_, writer) => writer);
    await Promise.all(writers.map((writer) => store.logs.append("run", [writer, writer, writer])));
    const entries = await store.logs.read("run");
    assert.equal(entries.length, 60);
    const firsts = entries.filter((_, index) => index % 3 === 0);
    assert.deepEqual(new Set(firsts).size, 20);
    assert.deepEqual(
      entries,
      firsts.flatMap((writer) => [writer, writer, writer]),
    );
  },

  "logs: a later change of the value in hand changes nothing that is stored": async (harness) => {
    await using store = await harness.open();
    const entry = { n: 1 };
    const entries = [entry];
    const writing = store.logs.append("run", entries);
    entry.n = 2;
    entries.push({ n: 3 });
    await writing;
    assert.deepEqual(await store.logs.read("run"), [{ n: 1 }]);
  },

  "logs: numbers that cannot be meant are refused": async (harness) => {
    await using store = await harness.open();
    await assert.rejects(store.logs.read("run", { from: -1 }), UsageError);
    await assert.rejects(store.logs.read("run", { limit: 1.5 }), UsageError);
    await assert.rejects(store.logs.append("", [1]), UsageError);
    await assert.rejects(store.logs.append("run", [1], { expect: -1 }), UsageError);
  },
};

export const cacheClaims: Contract<StoreHarness> = {
  "cache: what was set is found, and set again replaced": async (harness) => {
    await using store = await harness.open();
    assert.equal(await store.cache.get("k"), undefined);
    await store.cache.set("k", { text: "one" });
    assert.deepEqual(await store.cache.get("k"), { text: "one" });
    await store.cache.set("k", null);
    assert.equal(await store.cache.get("k"), null);
  },

  "cache: many answers at once are not mixed up": async (harness) => {
    await using store = await harness.open();
    const keys = Array.from({ length: 300 }, (_, n) => `key ${n}`);
    await Promise.all(keys.map((key) => store.cache.set(key, { answerTo: key })));
    const answers = await Promise.all(keys.map((key) => store.cache.get(key)));
    assert.deepEqual(
      answers,
      keys.map((key) => ({ answerTo: key })),
    );
  },

  "cache: entries are no changes": async (harness) => {
    await using store = await harness.open();
    await store.cache.set("k", 1);
    assert.equal(await store.position(), 0);
  },

  "cache: a later change of the value in hand changes nothing that is stored": async (harness) => {
    await using store = await harness.open();
    const value = { list: [1] };
    const writing = store.cache.set("k", value);
    value.list.push(2);
    await writing;
    assert.deepEqual(await store.cache.get("k"), { list: [1] });
  },

  "cache: what is not JSON is refused": async (harness) => {
    await using store = await harness.open();
    await assert.rejects(store.cache.set("k", { a: Number.NaN }), UsageError);
    await assert.rejects(store.cache.set("", 1), UsageError);
    assert.equal(await store.cache.get("k"), undefined);
  },
};

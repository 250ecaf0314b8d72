import assert from "node:assert/strict";
import { UsageError } from "#foundation";
import type { Change, Store } from "#foundation";
import type { Contract } from "../contract.ts";
import { changesOf, untilEnd } from "./harness.ts";
import type { StoreHarness } from "./harness.ts";

export const watchClaims: Contract<StoreHarness> = {
  "watch: documents, deletions and logs are told in the order of their writes": async (harness) => {
    await using store = await harness.open();
    assert.equal(await store.position(), 0);
    await store.documents.put("run", "a", 1);
    await store.documents.put("run", "a", 2, { durability: "relaxed" });
    await store.logs.append("events", ["x", "y"]);
    await store.documents.delete("run", "a");
    await store.logs.append("events", ["z"]);
    assert.deepEqual(await changesOf(store, 0, 5), [
      { type: "document", sequence: 1, kind: "run", id: "a", revision: 1, deleted: false },
      { type: "document", sequence: 2, kind: "run", id: "a", revision: 2, deleted: false },
      { type: "log", sequence: 3, log: "events", length: 2 },
      { type: "document", sequence: 4, kind: "run", id: "a", revision: 3, deleted: true },
      { type: "log", sequence: 5, log: "events", length: 3 },
    ]);
    assert.equal(await store.position(), 5);
  },

  "watch: it begins after any position": async (harness) => {
    await using store = await harness.open();
    for (let n = 1; n <= 5; n++) await store.documents.put("run", "a", n, { durability: "relaxed" });
    for (let after = 0; after < 5; after++)
      assert.deepEqual(sequences(await changesOf(store, after, 5 - after)), [1, 2, 3, 4, 5].slice(after));
  },

  "watch: what is refused is no change": async (harness) => {
    await using store = await harness.open();
    await store.documents.put("run", "a", 1, { expect: 7 });
    await store.documents.delete("run", "a");
    await store.logs.append("events", [1], { expect: 7 });
    await store.documents.put("run", "a", 1, { fence: { lease: "nobody's", epoch: 1 } });
    await store.documents.put("run", "b", 1);
    assert.equal((await changesOf(store, 0, 1))[0]?.sequence, 1);
    assert.equal(await store.position(), 1);
  },

  "watch: who waits is woken by the next write, without any time passing": async (harness) => {
    await using store = await harness.open();
    const stop = new AbortController();
    const watch = store.watch({ after: 0, signal: stop.signal })[Symbol.asyncIterator]();
    for (let n = 1; n <= 3; n++) {
      const next = watch.next();
      await store.documents.put("run", "a", n);
      assert.equal((await next).value?.sequence, n);
    }
    stop.abort();
  },

  "watch: any number of watchers see everything, gap-free, while many write": async (harness) => {
    await using store = await harness.open();
    const watchers = [0, 0, 10, 100].map(async (after) => sequences(await changesOf(store, after, 200 - after)));
    const writers = Array.from({ length: 10 }, (_, n) => writeMixed(store, n));
    await Promise.all(writers);
    const all = Array.from({ length: 200 }, (_, index) => index + 1);
    for (const [index, seen] of (await Promise.all(watchers)).entries())
      assert.deepEqual(seen, all.slice([0, 0, 10, 100][index]));
  },

  "watch: a long past is told whole": async (harness) => {
    await using store = await harness.open();
    const writes = Array.from({ length: 1_500 }, (_, n) =>
      store.documents.put("run", `d${n % 7}`, n, { durability: "relaxed" }),
    );
    await Promise.all(writes);
    assert.deepEqual(
      sequences(await changesOf(store, 0, 1_500)),
      Array.from({ length: 1_500 }, (_, index) => index + 1),
    );
  },

  "watch: it can be read as soon as it is told": async (harness) => {
    await using store = await harness.open();
    const stop = new AbortController();
    const writing = writeMixed(store, 0);
    for await (const change of store.watch({ after: 0, signal: stop.signal })) {
      if (change.type === "log") assert.ok((await store.logs.length(change.log)) >= change.length);
      else assert.ok(((await store.documents.get(change.kind, change.id))?.revision ?? 0) >= change.revision);
      if (change.sequence === 20) break;
    }
    await writing;
  },

  "watch: it ends without an error when the signal aborts, before, while it waits, or between": async (harness) => {
    await using store = await harness.open();
    assert.deepEqual(await untilEnd(store.watch({ after: 0, signal: AbortSignal.abort() })), []);

    const waiting = new AbortController();
    const nothing = untilEnd(store.watch({ after: 0, signal: waiting.signal }));
    await harness.clock.advance(1_000);
    waiting.abort();
    assert.deepEqual(await nothing, []);

    await store.logs.append("events", [1]);
    await store.logs.append("events", [2]);
    const between = new AbortController();
    const seen: number[] = [];
    for await (const change of store.watch({ after: 0, signal: between.signal })) {
      seen.push(change.sequence);
      between.abort();
    }
    assert.deepEqual(seen, [1]);
  },

  "watch: nothing sleeps on once nobody watches": async (harness) => {
    await using store = await harness.open();
    const stop = new AbortController();
    const watches = [1, 2].map(() => untilEnd(store.watch({ after: 0, signal: stop.signal })));
    await harness.clock.advance(100);
    stop.abort();
    await Promise.all(watches);
    await harness.clock.advance(0);
    assert.equal(harness.clock.pending(), 0);
  },

  "watch: a position that cannot be meant is refused": async (harness) => {
    await using store = await harness.open();
    const { signal } = new AbortController();
    assert.throws(() => store.watch({ after: -1, signal }), UsageError);
    assert.throws(() => store.watch({ after: 0.5, signal }), UsageError);
  },
};

/** Twenty changes, each answered before the next. */
async function writeMixed(store: Store, writer: number): Promise<void> {
  for (let n = 0; n < 10; n++) {
    await store.documents.put("run", `w${writer}`, n, { durability: "relaxed" });
    await store.logs.append(n % 2 === 0 ? "even" : "odd", [n], { durability: "relaxed" });
  }
}

function sequences(changes: readonly Change[]): number[] {
  return changes.map(({ sequence }) => sequence);
}

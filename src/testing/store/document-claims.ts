import assert from "node:assert/strict";
import { UsageError } from "#foundation";
import type { Json } from "#foundation";
import type { Contract } from "../contract.ts";
import { increment, revisionOf } from "./harness.ts";
import type { StoreHarness } from "./harness.ts";

export const documentClaims: Contract<StoreHarness> = {
  "documents: what was put is found, with revision 1": async (harness) => {
    await using store = await harness.open();
    const body = {
      text: "ä \u2028 \u{1f3bb} \ud800 \0",
      list: [1, -2.5, 1e300, true, null, "", {}],
      nested: { a: { b: [[]] } },
    };
    assert.equal(await revisionOf(store.documents.put("program", "a", body)), 1);
    assert.deepEqual(await store.documents.get("program", "a"), { kind: "program", id: "a", revision: 1, body });
  },

  "documents: every kind of JSON value is a body": async (harness) => {
    await using store = await harness.open();
    for (const body of [null, false, 0, "", [], {}, "text", 1.5] as Json[]) {
      await store.documents.put("program", "a", body);
      assert.deepEqual((await store.documents.get("program", "a"))?.body, body);
    }
  },

  "documents: an absent one is undefined, and one kind knows nothing of another": async (harness) => {
    await using store = await harness.open();
    await store.documents.put("program", "a", 1);
    assert.equal(await store.documents.get("program", "b"), undefined);
    assert.equal(await store.documents.get("run", "a"), undefined);
    assert.deepEqual(await store.documents.list("run"), []);
  },

  "documents: each write counts one revision up, and each document counts for itself": async (harness) => {
    await using store = await harness.open();
    assert.equal(await revisionOf(store.documents.put("run", "a", 1)), 1);
    assert.equal(await revisionOf(store.documents.put("run", "a", 2)), 2);
    assert.equal(await revisionOf(store.documents.put("run", "b", 1)), 1);
    assert.equal(await revisionOf(store.documents.put("run", "a", 3, { durability: "relaxed" })), 3);
    assert.equal((await store.documents.get("run", "a"))?.body, 3);
  },

  "documents: the expected revision lets a write through once": async (harness) => {
    await using store = await harness.open();
    await store.documents.put("run", "a", "first");
    assert.equal(await revisionOf(store.documents.put("run", "a", "second", { expect: 1 })), 2);
    const late = await store.documents.put("run", "a", "late", { expect: 1 });
    assert.deepEqual(late, { ok: false, reason: "conflict", revision: 2 });
    assert.equal((await store.documents.get("run", "a"))?.body, "second");
    const gone = await store.documents.put("run", "b", "x", { expect: 3 });
    assert.deepEqual(gone, { ok: false, reason: "conflict", revision: 0 });
    assert.equal(await store.documents.get("run", "b"), undefined);
  },

  "documents: expecting 0 creates, and refuses to overwrite": async (harness) => {
    await using store = await harness.open();
    assert.equal(await revisionOf(store.documents.put("run", "a", "mine", { expect: 0 })), 1);
    const second = await store.documents.put("run", "a", "yours", { expect: 0 });
    assert.deepEqual(second, { ok: false, reason: "conflict", revision: 1 });
    assert.equal((await store.documents.get("run", "a"))?.body, "mine");
  },

  "documents: a deleted one is gone, and written anew goes on counting": async (harness) => {
    await using store = await harness.open();
    await store.documents.put("run", "a", 1);
    assert.equal(await revisionOf(store.documents.delete("run", "a")), 2);
    assert.equal(await store.documents.get("run", "a"), undefined);
    assert.deepEqual(await store.documents.list("run"), []);
    const stale = await store.documents.put("run", "a", 2, { expect: 2 });
    assert.deepEqual(stale, { ok: false, reason: "conflict", revision: 0 });
    assert.equal(await revisionOf(store.documents.put("run", "a", 2, { expect: 0 })), 3);
    assert.equal((await store.documents.get("run", "a"))?.revision, 3);
  },

  "documents: a deletion obeys the expected revision; of nothing it does nothing": async (harness) => {
    await using store = await harness.open();
    assert.equal(await revisionOf(store.documents.delete("run", "a")), 0);
    assert.equal(await revisionOf(store.documents.delete("run", "a", { expect: 0 })), 0);
    await store.documents.put("run", "a", 1);
    const refused = await store.documents.delete("run", "a", { expect: 0 });
    assert.deepEqual(refused, { ok: false, reason: "conflict", revision: 1 });
    assert.equal(await revisionOf(store.documents.delete("run", "a", { expect: 1 })), 2);
    assert.equal(await revisionOf(store.documents.delete("run", "a")), 2);
    assert.equal(await store.position(), 2);
  },

  "documents: many writers at once that compare and set lose no update": async (harness) => {
    await using store = await harness.open();
    await Promise.all(Array.from({ length: 8 }, () => increment(store, "n", 25)));
    const counter = await store.documents.get("counter", "n");
    assert.deepEqual([counter?.body, counter?.revision], [200, 200]);
  },

  "documents: of many writers at once that expect the same revision one wins": async (harness) => {
    await using store = await harness.open();
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, writer) => store.documents.put("run", "a", writer, { expect: 0 })),
    );
    assert.equal(results.filter(({ ok }) => ok).length, 1);
    assert.equal(
      (await store.documents.get("run", "a"))?.body,
      results.findIndex(({ ok }) => ok),
    );
  },

  "documents: lists are ordered by id and paged by the last id seen": async (harness) => {
    await using store = await harness.open();
    // In this order by code points; JavaScript's own comparison puts the last two the other way round.
    const ids = ["A", "B", "a", "a1", "a10", "a2", "b", "ä", "\ufb01", "\u{1f3bb}"];
    for (const id of ids.toReversed()) await store.documents.put("run", id, id, { durability: "relaxed" });
    await store.documents.put("run", "a11", 0);
    await store.documents.delete("run", "a11");
    const idsOf = async (options: { after?: string; limit?: number }): Promise<string[]> =>
      (await store.documents.list("run", options)).map(({ id }) => id);
    assert.deepEqual(await idsOf({}), ids);
    assert.deepEqual(await idsOf({ limit: 4 }), ids.slice(0, 4));
    assert.deepEqual(await idsOf({ after: "a1", limit: 4 }), ids.slice(4, 8));
    assert.deepEqual(await idsOf({ after: "a11" }), ids.slice(5));
    assert.deepEqual(await idsOf({ after: "\u{1f3bb}" }), []);
    assert.deepEqual(await idsOf({ limit: 0 }), []);
    assert.deepEqual((await store.documents.list("run", { limit: 1 }))[0], {
      kind: "run",
      id: "A",
      revision: 1,
      body: "A",
    });
  },

  "documents: lists stop at 1,000 unless told": async (harness) => {
    await using store = await harness.open();
    const puts = Array.from({ length: 1_001 }, (_, n) =>
      store.documents.put("run", String(n).padStart(4, "0"), n, { durability: "relaxed" }),
    );
    await Promise.all(puts);
    assert.equal((await store.documents.list("run")).length, 1_000);
    assert.equal((await store.documents.list("run", { limit: 2_000 })).at(-1)?.id, "1000");
  },

  "documents: a later change of the value in hand changes nothing that is stored": async (harness) => {
    await using store = await harness.open();
    const body = { list: [1] };
    const writing = store.documents.put("run", "a", body);
    body.list.push(2);
    await writing;
    body.list.push(3);
    const first = await store.documents.get("run", "a");
    assert.ok(first !== undefined);
    try {
      (first.body as unknown as typeof body).list.push(4);
    } catch {
      // A frozen answer is as good.
    }
    assert.deepEqual((await store.documents.get("run", "a"))?.body, { list: [1] });
    assert.deepEqual((await store.documents.list("run"))[0]?.body, { list: [1] });
  },

  "documents: a key without a value is not written": async (harness) => {
    await using store = await harness.open();
    await store.documents.put("run", "a", { here: 1, absent: undefined });
    assert.deepEqual((await store.documents.get("run", "a"))?.body, { here: 1 });
  },

  "documents: what is not JSON is refused with its place": async (harness) => {
    await using store = await harness.open();
    const refused: readonly [body: unknown, place: RegExp][] = [
      [undefined, /body/],
      [{ a: { b: [1, Number.NaN] } }, /a\.b\[1\]/],
      [{ when: new URL("file:///") }, /when/],
      [{ big: 1n }, /big/],
      [[1, undefined], /\[1\]/],
      [{ call: () => 1 }, /call/],
      [new Map(), /Map/],
    ];
    for (const [body, place] of refused)
      await assert.rejects(
        store.documents.put("run", "a", body as Json),
        (error) => error instanceof UsageError && place.test(error.message),
      );
    assert.equal(await store.documents.get("run", "a"), undefined);
  },

  "documents: names and numbers that cannot be meant are refused": async (harness) => {
    await using store = await harness.open();
    const { documents } = store;
    const calls = [
      () => documents.put("", "a", 1),
      () => documents.put("run", "", 1),
      () => documents.put("run", "\ud800", 1),
      () => documents.put("run", "a\0b", 1),
      () => documents.put("run", "a", 1, { expect: -1 }),
      () => documents.put("run", "a", 1, { expect: 0.5 }),
      () => documents.delete("run", "a", { expect: Number.NaN }),
      () => documents.get("run", ""),
      () => documents.list("run", { limit: -1 }),
      () => documents.list(""),
    ];
    for (const call of calls) await assert.rejects(call, UsageError);
  },
};

import assert from "node:assert/strict";
import type { Change, Fence, Store, WriteResult } from "#foundation";
import type { FakeClock } from "../fake-clock.ts";

/** Opens the stores under test. Every claim gets its own harness, whose data nobody else has. */
export interface StoreHarness {
  /** The clock that `open` gives to the store. The claim owns it. */
  readonly clock: FakeClock;
  /** The store, without content. */
  open(): Promise<Store>;
}

/** For a store whose data several handles share, as several processes would. */
export interface SharedStoreHarness extends StoreHarness {
  /** One more handle on the data of `open`. */
  openAgain(): Promise<Store>;
}

/** The revision of a write that must have happened. */
export async function revisionOf(write: Promise<WriteResult>): Promise<number> {
  const result = await write;
  assert.ok(result.ok, `the write was refused: ${JSON.stringify(result)}`);
  return result.revision;
}

/** The fence of a lease that must have been granted. */
export async function fenceOf(store: Store, lease: string, holder: string, ttlMs = 1_000): Promise<Fence> {
  const result = await store.leases.acquire(lease, holder, ttlMs);
  assert.ok(result.ok, `the lease was refused: ${JSON.stringify(result)}`);
  return result.fence;
}

/** The first `count` changes after a position. */
export async function changesOf(store: Store, after: number, count: number): Promise<Change[]> {
  const stop = new AbortController();
  const changes: Change[] = [];
  for await (const change of store.watch({ after, signal: stop.signal })) {
    changes.push(change);
    if (changes.length === count) break;
  }
  return changes;
}

/** All changes that a watch tells until it ends. */
export async function untilEnd(watch: AsyncIterable<Change>): Promise<Change[]> {
  const changes: Change[] = [];
  for await (const change of watch) changes.push(change);
  return changes;
}

/** Waits for something that another handle's clock brings about: goes on in steps of 100 ms, for 20 s at most. */
export async function arrival<T>(clock: FakeClock, coming: Promise<T>): Promise<T> {
  let here = false;
  const mark = (): void => {
    here = true;
  };
  coming.then(mark, mark);
  for (let step = 0; step < 200 && !here; step++) await clock.advance(100);
  assert.ok(here, "nothing came within 20 s of the store's clock");
  return coming;
}

/** Increments a counter document by compare-and-set until it has succeeded `times` times; returns how often it lost. */
export async function increment(store: Store, id: string, times: number): Promise<number> {
  let lost = 0;
  for (let done = 0; done < times;) {
    const found = await store.documents.get("counter", id);
    const result = await store.documents.put("counter", id, Number(found?.body ?? 0) + 1, {
      expect: found?.revision ?? 0,
      durability: "relaxed",
    });
    if (result.ok) done++;
    else lost++;
  }
  return lost;
}

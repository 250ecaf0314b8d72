import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mapConcurrently, seededRng, UsageError } from "#foundation";
import { fakeClock } from "#testing";

fc.configureGlobal({ seed: 20 });

async function collect<T>(results: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const result of results) all.push(result);
  return all;
}

/** Work whose calls end when the test says so. */
function gates(): {
  readonly started: number[];
  readonly work: (item: number) => Promise<number>;
  readonly open: (item: number) => void;
  readonly fail: (item: number, error: Error) => void;
} {
  const started: number[] = [];
  const calls = new Map<number, PromiseWithResolvers<number>>();
  return {
    started,
    work(item) {
      started.push(item);
      const call = Promise.withResolvers<number>();
      calls.set(item, call);
      return call.promise;
    },
    open: (item) => calls.get(item)?.resolve(item),
    fail: (item, error) => calls.get(item)?.reject(error),
  };
}

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe("mapping concurrently", () => {
  test("gives every result once and never has more calls in flight than allowed", async () => {
    const property = fc.asyncProperty(
      fc.nat(25),
      fc.integer({ min: 1, max: 6 }),
      fc.nat(),
      async (count, most, seed) => {
        const clock = fakeClock();
        const rng = seededRng(seed);
        let [inFlight, highest] = [0, 0];
        const work = async (item: number): Promise<number> => {
          highest = Math.max(highest, ++inFlight);
          await clock.sleep(Math.ceil(rng.next() * 10));
          inFlight--;
          return item * 2;
        };
        const items = Array.from({ length: count }, (_, index) => index);
        const results = collect(mapConcurrently(items, work, { concurrency: most }));
        await clock.advance(300);
        expect((await results).sort((a, b) => a - b)).toEqual(items.map((item) => item * 2));
        expect(highest).toBe(Math.min(most, count));
      },
    );
    await fc.assert(property, { numRuns: 30 });
  });

  test("yields results in the order of their completion, with the index of their item at hand", async () => {
    const clock = fakeClock();
    const work = async (ms: number, index: number): Promise<string> => {
      await clock.sleep(ms);
      return `${index}: ${ms}`;
    };
    const results = collect(mapConcurrently([30, 10, 20], work, { concurrency: 3 }));
    await clock.advance(30);
    expect(await results).toEqual(["1: 10", "2: 20", "0: 30"]);
  });

  test("nothing starts before it is iterated", () => {
    const { started, work } = gates();
    mapConcurrently([1, 2], work, { concurrency: 2 });
    expect(started).toEqual([]);
  });

  test("a consumer that stops early starts nothing further and waits for what is in flight", async () => {
    const { started, work, open } = gates();
    const results = mapConcurrently([1, 2, 3, 4, 5], work, { concurrency: 2 });
    const first = results.next();
    open(1);
    expect(await first).toEqual({ done: false, value: 1 });
    const inFlight = [...started];
    let ended = false;
    const end = results.return().then(() => (ended = true));
    await turn();
    expect(ended).toBe(false);
    inFlight.forEach(open);
    await end;
    expect(started).toEqual(inFlight);
  });

  test("a consumer that is slow holds back the calls", async () => {
    const started: number[] = [];
    const work = async (item: number): Promise<number> => started.push(item);
    const results = mapConcurrently(Array.from({ length: 100 }).keys(), work, { concurrency: 3 });
    await results.next();
    await turn();
    expect(started.length).toBeLessThanOrEqual(2 * 3 + 1);
    await results.return();
  });

  test("a rejection ends the iteration, starts nothing further and waits for what is in flight", async () => {
    const { started, work, open, fail } = gates();
    const error = new Error("third");
    const results = mapConcurrently([1, 2, 3, 4, 5, 6], work, { concurrency: 3 });
    const first = results.next();
    fail(2, error);
    await turn();
    let ended = false;
    const outcome = first.catch((thrown: unknown) => thrown).finally(() => (ended = true));
    await turn();
    expect(ended).toBe(false);
    started.forEach(open);
    expect(await outcome).toBe(error);
    expect(started).toEqual([1, 2, 3]);
    expect(await results.next()).toEqual({ done: true, value: undefined });
  });

  test("results that came before a rejection are not lost", async () => {
    const work = async (item: number): Promise<number> => {
      if (item === 3) throw new Error("third");
      return item;
    };
    const seen: number[] = [];
    const all = (async () => {
      for await (const result of mapConcurrently([1, 2, 3], work, { concurrency: 3 })) seen.push(result);
    })();
    await expect(all).rejects.toThrow("third");
    expect(seen).toEqual([1, 2]);
  });

  test("in order, a result waits for those of the items before it, and a failure comes in its place", async () => {
    const { started, work, open, fail } = gates();
    const results = mapConcurrently([1, 2, 3, 4, 5, 6], work, { concurrency: 2, ordered: true });
    const first = results.next();
    open(2);
    await turn();
    fail(3, new Error("broken"));
    await turn();
    expect(started).toEqual([1, 2, 3]);
    open(1);
    expect((await first).value).toBe(1);
    expect((await results.next()).value).toBe(2);
    await expect(results.next()).rejects.toThrow("broken");
  });

  test("in order, no more results wait than calls may run", async () => {
    const { started, work, open } = gates();
    const results = mapConcurrently([1, 2, 3, 4, 5, 6], work, { concurrency: 2, ordered: true });
    const first = results.next();
    for (const item of [2, 3]) {
      open(item);
      await turn();
    }
    expect(started).toEqual([1, 2, 3]);
    open(1);
    expect((await first).value).toBe(1);
    expect((await results.next()).value).toBe(2);
    expect(started).toEqual([1, 2, 3, 4, 5]);
    for (const item of [4, 5]) open(item);
    const rest = collect(results);
    await turn();
    open(6);
    expect(await rest).toEqual([3, 4, 5, 6]);
  });

  test("work that throws before it returns a promise rejects like any other", async () => {
    const work = (item: number): Promise<number> => {
      if (item === 2) throw new Error("at once");
      return Promise.resolve(item);
    };
    await expect(collect(mapConcurrently([1, 2, 3], work, { concurrency: 1 }))).rejects.toThrow("at once");
  });

  test("a source that throws ends the iteration with its error", async () => {
    function* source(): Generator<number> {
      yield 1;
      throw new Error("the source is broken");
    }
    await expect(collect(mapConcurrently(source(), async (item) => item, { concurrency: 1 }))).rejects.toThrow(
      "the source is broken",
    );
  });

  test("a source that holds something is told when the iteration ends early", async () => {
    let closed = false;
    function* source(): Generator<number> {
      try {
        yield* [1, 2, 3, 4];
      } finally {
        closed = true;
      }
    }
    for await (const _ of mapConcurrently(source(), async (item) => item, { concurrency: 1 })) break;
    expect(closed).toBe(true);
  });

  test("after an abort no call starts, those in flight are awaited and the reason is thrown", async () => {
    const { started, work, open } = gates();
    const controller = new AbortController();
    const reason = new Error("enough");
    const results = mapConcurrently([1, 2, 3, 4], work, { concurrency: 2, signal: controller.signal });
    const first = results.next();
    controller.abort(reason);
    open(1);
    expect((await first).value).toBe(1);
    const second = results.next();
    open(2);
    expect((await second).value).toBe(2);
    await expect(results.next()).rejects.toBe(reason);
    expect(started).toEqual([1, 2]);
  });

  test("with a signal that has aborted nothing starts", async () => {
    const { started, work } = gates();
    const reason = new Error("never");
    const results = mapConcurrently([1], work, { concurrency: 1, signal: AbortSignal.abort(reason) });
    await expect(results.next()).rejects.toBe(reason);
    expect(started).toEqual([]);
  });

  test.each([0, -1, 1.5, Number.NaN])("a concurrency of %d is refused at once", (concurrency) => {
    expect(() => mapConcurrently([1], async (item) => item, { concurrency })).toThrow(UsageError);
  });
});

import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { memoryStore } from "#storage/memory";
import { sqliteStore } from "#storage/sqlite";
import type { Change, ClaimedTask, Fence, Json, Store } from "#foundation";
import { fakeClock } from "#testing";
import { temporaryDirectory } from "./temporary-directory.ts";

/** What the caller of one store has in hand: fences and tasks that were given to it so far. */
interface Hand {
  readonly store: Store;
  readonly fences: Fence[];
  readonly tasks: ClaimedTask[];
}

type Step =
  | { readonly do: "advance"; readonly ms: number }
  | { readonly do: "call"; readonly words: string; readonly call: (hand: Hand) => Promise<unknown> };

const call = (words: string, run: (hand: Hand) => Promise<unknown>): Step => ({ do: "call", words, call: run });
const name = fc.constantFrom("a", "b", "\ufb01", "\u{1f3bb}");
const body = fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>;
const expect_ = fc.option(fc.nat(4), { nil: undefined });
const fence = fc.option(fc.nat(3), { nil: undefined });
const some = <T>(items: readonly T[], index: number): T | undefined => items[items.length - 1 - index];

const optionsOf = (hand: Hand, expect: number | undefined, index: number | undefined): object => {
  const held = index === undefined ? undefined : some(hand.fences, index);
  return { durability: "relaxed", ...(expect === undefined ? {} : { expect }), ...(held && { fence: held }) };
};

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.nat(1_500).map((ms): Step => ({ do: "advance", ms })),
  fc
    .tuple(name, name, body, expect_, fence)
    .map(([kind, id, value, expect, index]) =>
      call(`put ${kind} ${id} expecting ${expect}`, (hand) =>
        hand.store.documents.put(kind, id, value, optionsOf(hand, expect, index)),
      ),
    ),
  fc
    .tuple(name, name, expect_, fence)
    .map(([kind, id, expect, index]) =>
      call(`delete ${kind} ${id} expecting ${expect}`, (hand) =>
        hand.store.documents.delete(kind, id, optionsOf(hand, expect, index)),
      ),
    ),
  fc.tuple(name, name).map(([kind, id]) => call(`get ${kind} ${id}`, ({ store }) => store.documents.get(kind, id))),
  fc
    .tuple(name, name, fc.nat(3))
    .map(([kind, after, limit]) =>
      call(`list ${kind} after ${after}`, ({ store }) => store.documents.list(kind, { after, limit })),
    ),
  fc
    .tuple(name, fc.array(body, { maxLength: 3 }), expect_, fence)
    .map(([log, entries, expect, index]) =>
      call(`append ${entries.length} to ${log} expecting ${expect}`, (hand) =>
        hand.store.logs.append(log, entries, optionsOf(hand, expect, index)),
      ),
    ),
  fc
    .tuple(name, fc.nat(4), fc.nat(3))
    .map(([log, from, limit]) => call(`read ${log}`, ({ store }) => store.logs.read(log, { from, limit }))),
  fc.tuple(name, body).map(([key, value]) => call(`cache ${key}`, ({ store }) => store.cache.set(key, value))),
  name.map((key) => call(`cached ${key}`, ({ store }) => store.cache.get(key))),
  fc.tuple(fc.constantFrom("x", "y"), fc.constantFrom("h", "i")).map(([lease, holder]) =>
    call(`acquire ${lease} for ${holder}`, async (hand) => {
      const result = await hand.store.leases.acquire(lease, holder, 1_000);
      if (result.ok) hand.fences.push(result.fence);
      return result;
    }),
  ),
  fc.nat(2).map((index) =>
    call(`release ${index}`, async ({ store, fences }) => {
      const held = some(fences, index);
      if (held !== undefined) await store.leases.release(held);
    }),
  ),
  fc
    .array(body, { maxLength: 3 })
    .map((payloads) => call("enqueue", ({ store }) => store.queue.enqueue("q", payloads))),
  fc.nat(2).map((limit) =>
    call(`claim ${limit}`, async (hand) => {
      const tasks = await hand.store.queue.claim("q", "w", { limit, leaseMs: 1_000 });
      hand.tasks.push(...tasks);
      return tasks;
    }),
  ),
  fc.nat(3).map((index) =>
    call(`heartbeat ${index}`, async ({ store, tasks }) => {
      const task = some(tasks, index);
      return task && store.queue.heartbeat(task, 500);
    }),
  ),
  fc.nat(3).map((index) =>
    call(`complete ${index}`, async ({ store, tasks }) => {
      const task = some(tasks, index);
      return task && store.queue.complete(task);
    }),
  ),
);

async function changesSoFar(store: Store): Promise<Change[]> {
  const changes: Change[] = [];
  const end = await store.position();
  if (end === 0) return changes;
  const { signal } = new AbortController();
  for await (const change of store.watch({ after: 0, signal })) {
    changes.push(change);
    if (change.sequence === end) break;
  }
  return changes;
}

test("a SQLite file and memory give the same answers to the same calls", async () => {
  const directory = temporaryDirectory();
  let run = 0;
  const property = fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
    const clock = fakeClock(1_000);
    await using file = await sqliteStore({ path: join(directory, `${run++}.db`), clock });
    await using memory = memoryStore({ clock });
    const [inFile, inMemory] = [file, memory].map((store): Hand => ({ store, fences: [], tasks: [] })) as [Hand, Hand];
    for (const next of steps) {
      if (next.do === "advance") await clock.advance(next.ms);
      else expect(await next.call(inFile), next.words).toEqual(await next.call(inMemory));
    }
    expect(await changesSoFar(file)).toEqual(await changesSoFar(memory));
  });
  await fc.assert(property, { numRuns: 60 });
});

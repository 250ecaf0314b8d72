import fc from "fast-check";
import { expect, test } from "vitest";
import { ResourcePool } from "#orchestration";
import type { PoolEvent, PoolRequestResult } from "#orchestration";
import { fakeClock } from "#testing";
import { exact, exactSum } from "./exact.ts";

fc.configureGlobal({ seed: 59 });

const agent = fc.constantFrom("a", "b", "c", "d");
const amount = fc.oneof(fc.integer({ min: 1, max: 60 }), fc.double({ min: 0.01, max: 60, noNaN: true }));
const conditions = fc.record(
  {
    preemptionPriority: fc.integer({ min: 0, max: 4 }),
    releaseOnIdleMs: fc.integer({ min: 1, max: 60 }),
    shareWith: fc.array(agent, { maxLength: 2 }),
  },
  { requiredKeys: [] },
);
const operation = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant("request" as const),
      agent,
      amount,
      priority: fc.integer({ min: 0, max: 5 }),
      durationMs: fc.option(fc.integer({ min: 0, max: 90 })),
      conditions,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant("release" as const), lease: fc.integer({ min: 1, max: 30 }) }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("end" as const), agent }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("use" as const), lease: fc.integer({ min: 1, max: 30 }) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("wait" as const), ms: fc.integer({ min: 0, max: 60 }) }) },
);

const total = 100;

function checkPool(live: ResourcePool): void {
  const { leases } = live;
  const amounts = leases.map((lease) => lease.amount);
  for (const one of amounts) expect(Number.isFinite(one) && one > 0).toBe(true);
  expect(new Set(leases.map(({ id }) => id)).size).toBe(leases.length);
  expect(exactSum(amounts)).toBeLessThanOrEqual(exact(total));
  const { available, leased } = live.status().byResource["memory"] ?? { available: -1, leased: -1 };
  expect(available).toBeGreaterThanOrEqual(0);
  expect(leased).toBeLessThanOrEqual(total);
}

test("whatever is asked, released, used, ended and waited for, leases fit the total, and every request is answered", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { maxLength: 30 }), async (operations) => {
      const clock = fakeClock();
      const live = new ResourcePool({ memory: total }, { clock, graceMs: 20 });
      const events: PoolEvent[] = [];
      live.events.subscribe((event) => {
        events.push(event);
        checkPool(live);
      });
      const asked: { readonly amount: number; readonly result: Promise<PoolRequestResult> }[] = [];
      for (const one of operations) {
        if (one.type === "request") {
          const { type: _, ...request } = one;
          asked.push({ amount: one.amount, result: live.request({ resource: "memory", ...request }) });
        } else if (one.type === "release") {
          live.release(one.lease);
          const before = live.leases;
          live.release(one.lease);
          expect(live.leases).toEqual(before);
        } else if (one.type === "end") {
          live.releaseAgent(one.agent);
          expect(live.leases.filter((lease) => lease.agent === one.agent)).toEqual([]);
        } else if (one.type === "use") live.use(one.lease)[Symbol.dispose]();
        else await clock.advance(one.ms);
        checkPool(live);
      }
      await clock.advance(20);
      for (const { amount: wanted, result } of asked) {
        const answer = await result;
        if (answer.ok) expect(answer.value.granted).toBeCloseTo(wanted, 9);
      }
      await live[Symbol.asyncDispose]();
      checkPool(live);
      expect([live.leases, clock.pending()]).toEqual([[], 0]);
      expect(live.status().availableMemory).toBe(total);
    }),
    { numRuns: 500 },
  );
});

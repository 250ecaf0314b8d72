import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UsageError } from "#foundation";
import { available, lease, pool, poolStatus, release, releaseAgent } from "#orchestration";
import type { LeaseResult, Pool } from "#orchestration";
import { exact, exactSum, frozen } from "./exact.ts";

fc.configureGlobal({ seed: 47 });

const code = (result: LeaseResult): string => (result.ok ? "ok" : result.error.code);

function after(result: LeaseResult): Pool {
  if (!result.ok) throw new Error(result.error.message);
  return result.pool;
}

const ask = (agent: string, amounts: Record<string, number>): Parameters<typeof lease>[1] => ({
  agent,
  amounts,
  at: 7,
});

describe("a lease", () => {
  test("takes every amount of its request from what is available, each under its own id", () => {
    const result = lease(pool({ memory: 100, cpu: 4 }), ask("coder", { memory: 60, cpu: 1 }));
    expect(result).toEqual({
      ok: true,
      pool: expect.objectContaining({ totals: { memory: 100, cpu: 4 }, granted: 2 }),
      leases: [
        { id: 1, agent: "coder", resource: "memory", amount: 60, grantedAt: 7 },
        { id: 2, agent: "coder", resource: "cpu", amount: 1, grantedAt: 7 },
      ],
    });
    expect([available(after(result), "memory"), available(after(result), "cpu")]).toEqual([40, 3]);
  });

  test("takes nothing when one of its amounts does not fit", () => {
    const full = pool({ memory: 100, cpu: 4 });
    expect(lease(full, ask("coder", { memory: 60, cpu: 5 }))).toEqual({
      ok: false,
      error: {
        code: "resource_exhausted",
        message: "lease of 5 cpu to coder: 4 of 4 are available",
        resource: "cpu",
      },
    });
    expect(full.leases).toEqual([]);
  });

  test("is refused for a resource that the pool has not, be it a name of every object", () => {
    for (const resource of ["memroy", "toString", "__proto__"]) {
      const amounts = Object.fromEntries([[resource, 1]]);
      expect(lease(pool({ memory: 100 }), ask("coder", amounts))).toMatchObject({
        error: { code: "unknown_resource", resource, message: expect.stringContaining("the pool has memory") },
      });
    }
    expect(code(lease(pool({}), ask("coder", { memory: 0 })))).toBe("unknown_resource");
  });

  test.each([-1, Number.NaN, Infinity, -Infinity])("of %d is an invalid amount", (amount) => {
    const result = lease(pool({ memory: 100 }), ask("coder", { memory: amount }));
    expect(result).toMatchObject({ error: { code: "invalid_amount", resource: "memory" } });
  });

  test("of nothing takes no id", () => {
    const full = pool({ memory: 100 });
    expect(lease(full, ask("coder", { memory: 0 }))).toEqual({ ok: true, pool: full, leases: [] });
    expect(lease(full, ask("coder", {}))).toEqual({ ok: true, pool: full, leases: [] });
  });

  test("needs an agent and a time", () => {
    expect(() => lease(pool({}), { agent: "", amounts: {}, at: 0 })).toThrow(UsageError);
    expect(() => lease(pool({}), { agent: "coder", amounts: {}, at: Number.NaN })).toThrow("a finite time");
  });

  test("that fills the pool in decimals fits, although its floating-point sum is larger", () => {
    const filled = after(lease(after(lease(pool({ usd: 0.3 }), ask("a", { usd: 0.1 }))), ask("b", { usd: 0.2 })));
    expect(0.1 + 0.2).toBeGreaterThan(0.3);
    expect(available(filled, "usd")).toBe(0);
    expect(code(lease(filled, ask("c", { usd: Number.MIN_VALUE })))).toBe("resource_exhausted");
  });
});

describe("a pool", () => {
  test.each([-1, Number.NaN, Infinity])("has no total of %d", (total) => {
    expect(() => pool({ memory: total })).toThrow(UsageError);
    expect(() => pool({ memory: total })).toThrow("pool: total of memory");
  });

  test("has none of a resource that it was not given, and never less than none", () => {
    const filled = after(lease(pool({ memory: 100 }), ask("coder", { memory: 60 })));
    expect(available(filled, "cpu")).toBe(0);
    expect(available(filled, "constructor")).toBe(0);
    expect(available({ ...filled, totals: { memory: 50 } }, "memory")).toBe(0);
  });

  test("has 0 of what it was given -0 of, as its JSON", () => {
    expect(pool({ memory: -0 }).totals["memory"]).toBe(0);
  });

  test("counts leases of the same amount one by one", () => {
    const once = after(lease(pool({ memory: 100 }), ask("a", { memory: 30 })));
    const twice = after(lease(once, ask("b", { memory: 30 })));
    expect(available(after(lease(twice, ask("a", { memory: 30 }))), "memory")).toBe(10);
  });

  test("does not follow the totals it was made of", () => {
    const totals = { memory: 100 };
    const full = pool(totals);
    totals.memory = 5;
    expect(available(full, "memory")).toBe(100);
  });

  test("says what it has, what is leased and what is left", () => {
    const full = pool({ memory: 100, cpu: 4, network_bandwidth: 10, storage: 7, usd: 0.3 });
    expect(poolStatus(after(lease(full, ask("coder", { memory: 60, storage: 7, usd: 0.1 }))))).toEqual({
      totalMemory: 100,
      availableMemory: 40,
      totalCpu: 4,
      availableCpu: 4,
      networkBandwidth: 10,
      storage: 7,
      byResource: {
        memory: { total: 100, leased: 60, available: 40 },
        cpu: { total: 4, leased: 0, available: 4 },
        network_bandwidth: { total: 10, leased: 0, available: 10 },
        storage: { total: 7, leased: 7, available: 0 },
        usd: { total: 0.3, leased: 0.1, available: 0.2 },
      },
    });
    expect(poolStatus(pool({}))).toEqual({
      totalMemory: 0,
      availableMemory: 0,
      totalCpu: 0,
      availableCpu: 0,
      networkBandwidth: 0,
      storage: 0,
      byResource: {},
    });
  });
});

describe("a release", () => {
  const shared = after(lease(after(lease(pool({ m: 9 }), ask("a", { m: 4 }))), ask("b", { m: 5 })));

  test("returns what was leased, once", () => {
    const once = release(shared, [1]);
    expect(available(once, "m")).toBe(4);
    expect(release(once, [1])).toBe(once);
    expect(release(shared, [1, 1])).toEqual(once);
    expect(release(shared, [99])).toBe(shared);
  });

  test("of an agent returns all of its leases and no other's", () => {
    const without = releaseAgent(shared, "b");
    expect(without.leases.map(({ agent }) => agent)).toEqual(["a"]);
    expect(releaseAgent(without, "b")).toBe(without);
  });

  test("gives its id to nobody else", () => {
    const again = lease(release(shared, [2]), ask("c", { m: 1 }));
    expect(again.ok && again.leases.map(({ id }) => id)).toEqual([3]);
  });
});

type Operation =
  | { readonly type: "lease"; readonly agent: string; readonly hundredths: Record<string, number> }
  | { readonly type: "release"; readonly ids: readonly number[] }
  | { readonly type: "releaseAgent"; readonly agent: string };

const agents = fc.constantFrom("a", "b", "c");
const hundredths = fc.oneof(fc.nat({ max: 120 }), fc.nat({ max: 3_000 }));
const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant("lease" as const),
      agent: agents,
      hundredths: fc.dictionary(fc.constantFrom("memory", "usd"), hundredths, { noNullPrototype: true }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("release" as const), ids: fc.array(fc.nat({ max: 25 })) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("releaseAgent" as const), agent: agents }) },
);

/** The same ledger in whole hundredths. */
interface Model {
  readonly totals: Readonly<Record<string, number>>;
  readonly held: Map<number, { agent: string; resource: string; hundredths: number }>;
  granted: number;
}

function leftIn(model: Model, resource: string): number {
  const held = [...model.held.values()].filter((lease) => lease.resource === resource);
  return (model.totals[resource] ?? 0) - held.reduce((sum, lease) => sum + lease.hundredths, 0);
}

/** What the operation makes of the pool, after the model has done the same and both agreed on whether it may. */
function perform(before: Pool, model: Model, step: Operation): Pool {
  if (step.type === "release") {
    for (const id of step.ids) model.held.delete(id);
    return release(before, step.ids);
  }
  if (step.type === "releaseAgent") {
    for (const [id, { agent }] of model.held) if (agent === step.agent) model.held.delete(id);
    return releaseAgent(before, step.agent);
  }
  const wanted = Object.entries(step.hundredths);
  const amounts = Object.fromEntries(wanted.map(([resource, amount]) => [resource, amount / 100]));
  const result = lease(before, { agent: step.agent, amounts, at: model.granted });
  const fits = wanted.every(([resource, amount]) => amount <= leftIn(model, resource));
  expect(code(result)).toBe(fits ? "ok" : "resource_exhausted");
  if (!result.ok) return before;
  for (const [resource, amount] of wanted.filter(([, hundred]) => hundred > 0)) {
    model.granted += 1;
    model.held.set(model.granted, { agent: step.agent, resource, hundredths: amount });
  }
  return result.pool;
}

describe("any sequence of leases and releases", () => {
  test("leaves exactly the total less what is held, to the hundredth, in values that nobody writes to", () => {
    fc.assert(
      fc.property(
        fc.record({ memory: hundredths, usd: hundredths }),
        fc.array(operation, { maxLength: 40 }),
        (totals, steps) => {
          const model: Model = { totals, held: new Map(), granted: 0 };
          let ledger = frozen(pool({ memory: totals.memory / 100, usd: totals.usd / 100 }));
          for (const step of steps) {
            ledger = frozen(perform(ledger, model, frozen(step)));
            expect(ledger.leases.map(({ id }) => id)).toEqual([...model.held.keys()]);
            expect(ledger.granted).toBe(model.granted);
            for (const resource of ["memory", "usd"]) {
              expect(available(ledger, resource)).toBe(leftIn(model, resource) / 100);
            }
          }
          expect(JSON.parse(JSON.stringify(ledger))).toEqual(ledger);
          const held = frozen([...model.held.keys()]);
          expect(poolStatus(release(ledger, held))).toEqual(poolStatus(pool(ledger.totals)));
        },
      ),
      { numRuns: 200 },
    );
  });

  test("never adds up to more than the total, and what is available can be leased, whatever the doubles", () => {
    const amount = fc.oneof(
      fc.double({ min: 0, max: 10, noNaN: true }),
      fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
    );
    fc.assert(
      fc.property(amount, fc.array(amount, { maxLength: 12 }), (most, amounts) => {
        let ledger = pool({ usd: most });
        for (const usd of amounts) {
          const result = lease(ledger, ask("a", { usd }));
          const fits = exactSum([...ledger.leases.map((held) => held.amount), usd]) <= exact(most);
          expect(code(result)).toBe(fits ? "ok" : "resource_exhausted");
          if (result.ok) ledger = result.pool;
          expect(exactSum(ledger.leases.map((held) => held.amount))).toBeLessThanOrEqual(exact(most));
          expect(poolStatus(ledger).byResource["usd"]?.leased).toBeLessThanOrEqual(most);
        }
        const rest = available(ledger, "usd");
        expect(rest).toBeGreaterThanOrEqual(0);
        const filled = after(lease(ledger, ask("b", { usd: rest })));
        expect(exactSum(filled.leases.map((held) => held.amount))).toBeLessThanOrEqual(exact(most));
      }),
      { numRuns: 300 },
    );
  });
});

test("a lease has the terms of its request, and needs terms that make sense", () => {
  const conditions = { shareWith: ["b"], preemptionPriority: 2 };
  const terms = { priority: 3, durationMs: 5, conditions };
  const shared = after(lease(pool({ m: 9 }), { ...ask("a", { m: 4 }), ...terms }));
  expect(shared.leases).toEqual([
    { id: 1, agent: "a", resource: "m", amount: 4, grantedAt: 7, priority: 3, expiresAt: 12, conditions },
  ]);
  expect(releaseAgent(shared, "a").leases).toMatchObject([
    { id: 1, agent: "b", amount: 4, conditions: { shareWith: [] } },
  ]);
  expect(releaseAgent(releaseAgent(shared, "b"), "a").leases).toEqual([]);
  for (const wrong of [
    { priority: Number.NaN },
    { durationMs: -1 },
    { conditions: { releaseOnIdleMs: Number.NaN } },
    { conditions: { preemptionPriority: Infinity } },
  ]) {
    expect(() => lease(pool({ m: 9 }), { ...ask("a", { m: 4 }), ...wrong })).toThrow(UsageError);
  }
});

import { describe, expect, test } from "vitest";
import { nextTurn, UsageError } from "#foundation";
import { agent, AgentRuntime } from "#foundation/agents";
import { ResourcePool } from "#orchestration";
import type { PoolEvent, PoolGrant, PoolRequest, PoolRequestResult, ResourcePoolOptions } from "#orchestration";
import { fakeClock } from "#testing";
import type { FakeClock } from "#testing";

interface Opened {
  readonly clock: FakeClock;
  readonly live: ResourcePool;
  readonly events: PoolEvent[];
}

function opened(totals: Record<string, number>, options: ResourcePoolOptions = {}): Opened {
  const clock = fakeClock();
  const live = new ResourcePool(totals, { clock, graceMs: 100, ...options });
  const events: PoolEvent[] = [];
  live.events.subscribe((event) => events.push(event));
  return { clock, live, events };
}

const ask = (agent: string, amount: number, more: Partial<PoolRequest> = {}): PoolRequest => ({
  agent,
  resource: "memory",
  amount,
  ...more,
});

async function granted(asked: Promise<PoolRequestResult>): Promise<PoolGrant> {
  const result = await asked;
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

const held = (live: ResourcePool): readonly string[] => live.leases.map(({ agent, amount }) => `${agent} ${amount}`);
const told = (events: readonly PoolEvent[]): readonly string[] => events.map(({ type, at }) => `${at} ${type}`);

describe("a lease of a live pool", () => {
  test("says who has how much, how long and under what; without a duration it is until released", async () => {
    const { live, events } = opened({ memory: 100 });
    const conditions = { preemptionPriority: 5 };
    const grant = await granted(live.request(ask("a", 60, { conditions })));
    expect(grant).toEqual({ lease: 1, agent: "a", resource: "memory", granted: 60, durationMs: null, conditions });
    expect(live.status()).toMatchObject({ totalMemory: 100, availableMemory: 40 });
    live.release(grant.lease);
    live.release(grant.lease, 99);
    expect(live.status().availableMemory).toBe(100);
    expect(told(events)).toEqual(["0 resource_granted", "0 resource_released"]);
  });

  test("is refused in the ledger's words", async () => {
    const { live } = opened({ memory: 100 });
    const codes = await Promise.all(
      [ask("a", 101), ask("a", Number.NaN), ask("a", 0), ask("a", 1, { resource: "gold" })].map((request) =>
        live.request(request),
      ),
    );
    expect(codes.map((result) => (result.ok ? "ok" : result.error.code))).toEqual([
      "resource_exhausted",
      "invalid_amount",
      "invalid_amount",
      "unknown_resource",
    ]);
    expect(() => live.request(ask("a", 1, { durationMs: -1 }))).toThrow(UsageError);
    expect(() => new ResourcePool({}, { graceMs: -1 })).toThrow("graceMs");
  });

  test("ends when its time is up, to the millisecond", async () => {
    const { live, clock, events } = opened({ memory: 100 });
    await granted(live.request(ask("a", 60, { durationMs: 50 })));
    await clock.advance(49);
    expect(held(live)).toEqual(["a 60"]);
    await clock.advance(1);
    expect(held(live)).toEqual([]);
    expect(events.at(-1)).toMatchObject({ type: "resource_released", at: 50, reason: "expired" });
    expect(clock.pending()).toBe(0);
  });

  test("that ends when idle (A33) is back 30 ms after its last use, and not while it is used", async () => {
    const { live, clock, events } = opened({ memory: 100 });
    const grant = await granted(live.request(ask("a", 60, { conditions: { releaseOnIdleMs: 30 } })));
    await clock.advance(20);
    const use = live.use(grant.lease);
    await clock.advance(500);
    expect(held(live)).toEqual(["a 60"]);
    use[Symbol.dispose]();
    use[Symbol.dispose]();
    await clock.advance(29);
    live.use(grant.lease)[Symbol.dispose]();
    await clock.advance(29);
    expect(held(live)).toEqual(["a 60"]);
    await clock.advance(1);
    expect(held(live)).toEqual([]);
    expect(events.at(-1)).toMatchObject({ type: "resource_released", at: 579, reason: "idle" });
  });
});

describe("the end of a holder", () => {
  function watched(): Opened & { readonly end: (agent: string) => void; readonly watching: () => readonly string[] } {
    const ends = new Map<string, () => void>();
    const watch = (agent: string, onEnd: () => void): Disposable => {
      ends.set(agent, onEnd);
      return { [Symbol.dispose]: () => ends.delete(agent) };
    };
    return {
      ...opened({ memory: 100 }, { watch }),
      end: (agent) => ends.get(agent)?.(),
      watching: () => [...ends.keys()],
    };
  }

  test("returns what it held at once (A33), and nobody watches it any more", async () => {
    const { live, end, events, watching } = watched();
    await granted(live.request(ask("a", 60)));
    await granted(live.request(ask("b", 40)));
    end("a");
    expect(held(live)).toEqual(["b 40"]);
    expect(events.at(-1)).toMatchObject({ reason: "holder_ended", lease: { agent: "a" } });
    expect(watching()).toEqual(["b"]);
  });

  test("leaves a shared lease, counted once, to those who share it, until the last of them ends", async () => {
    const { live, end } = watched();
    await granted(live.request(ask("a", 60, { conditions: { shareWith: ["b", "c"] } })));
    expect(live.status().availableMemory).toBe(40);
    end("a");
    end("c");
    expect(held(live)).toEqual(["b 60"]);
    end("b");
    expect(held(live)).toEqual([]);
  });

  test("that is told while the lease begins is no grant", async () => {
    const watch = (_agent: string, onEnd: () => void): Disposable => {
      onEnd();
      return { [Symbol.dispose]: () => {} };
    };
    const { live } = opened({ memory: 100 }, { watch });
    expect(await live.request(ask("ghost", 60))).toMatchObject({ ok: false, error: { code: "holder_ended" } });
    expect(live.status().availableMemory).toBe(100);
  });

  test("withdraws what it waits for, and those with notice keep what they have", async () => {
    const { live, end, events, clock } = watched();
    await granted(live.request(ask("low", 80, { conditions: { preemptionPriority: 5 } })));
    const asked = live.request(ask("high", 50, { priority: 9 }));
    expect(live.status().availableMemory).toBe(0);
    end("high");
    expect(await asked).toMatchObject({ ok: false, error: { code: "holder_ended" } });
    await clock.advance(1_000);
    expect(held(live)).toEqual(["low 80"]);
    expect(told(events)).toEqual(["0 resource_granted", "0 resource_preempted", "0 preemption_cancelled"]);
  });
});

describe("preemption", () => {
  const low = ask("low", 80, { conditions: { preemptionPriority: 5 } });

  test("takes what is missing after notice and grace (A32): the victim keeps 50 of 80", async () => {
    const { live, clock, events } = opened({ memory: 100 });
    await granted(live.request(low));
    const asked = live.request(ask("high", 50, { priority: 9 }));
    expect(events.at(-1)).toMatchObject({
      type: "resource_preempted",
      lease: { agent: "low", amount: 80 },
      amount: 30,
      by: "high",
      graceMs: 100,
    });
    await clock.advance(99);
    expect(live.leases[0]).toMatchObject({ agent: "low", amount: 80 });
    await clock.advance(1);
    expect(await granted(asked)).toMatchObject({ agent: "high", granted: 50 });
    expect(held(live)).toEqual(["low 50", "high 50"]);
    expect(told(events)).toEqual([
      "0 resource_granted",
      "0 resource_preempted",
      "100 resource_revoked",
      "100 resource_granted",
    ]);
    expect(events[2]).toMatchObject({ agent: "low", amount: 30, left: 50 });
  });

  test("is refused below the lease's threshold (A32), for more than can be taken, and of one's own", async () => {
    const { live, events } = opened({ memory: 100 });
    await granted(live.request(low));
    for (const request of [
      ask("x", 50, { priority: 4 }),
      ask("x", 101, { priority: 9 }),
      ask("low", 50, { priority: 9 }),
    ]) {
      expect(await live.request(request)).toMatchObject({ ok: false, error: { code: "resource_exhausted" } });
    }
    expect(told(events)).toEqual(["0 resource_granted"]);
  });

  test("takes from the lowest priority first, then from the youngest", async () => {
    const { live, clock } = opened({ memory: 90 });
    const open = { conditions: { preemptionPriority: 5 } };
    for (const [agent, priority] of [
      ["old", 1],
      ["vip", 3],
      ["young", 1],
    ] as const) {
      await granted(live.request(ask(agent, 30, { ...open, priority })));
      await clock.advance(1);
    }
    const asked = live.request(ask("high", 40, { priority: 9 }));
    await clock.advance(100);
    await asked;
    expect(held(live)).toEqual(["old 20", "vip 30", "high 40"]);
  });

  test("gives back what it took, as soon as it is free, but before nobody who waits", async () => {
    const { live, clock, events } = opened({ memory: 100 });
    await granted(live.request(low));
    const asked = live.request(ask("high", 100, { priority: 9 }));
    await clock.advance(100);
    const high = await granted(asked);
    expect(held(live)).toEqual(["high 100"]);
    live.release(high.lease);
    expect(held(live)).toEqual(["low 80"]);
    expect(events.at(-1)).toMatchObject({ type: "resource_returned", lease: { agent: "low", amount: 80 }, amount: 80 });
  });

  test("owes nothing to who has released the rest", async () => {
    const { live, clock } = opened({ memory: 100 });
    const victim = await granted(live.request(low));
    const asked = live.request(ask("high", 50, { priority: 9 }));
    await clock.advance(100);
    live.release(victim.lease);
    live.release((await granted(asked)).lease);
    expect(held(live)).toEqual([]);
  });

  test("ends early when enough comes free elsewhere, or the victim gives up in time", async () => {
    for (const which of ["low", "fix"]) {
      const { live, clock, events } = opened({ memory: 100 });
      await granted(live.request(low));
      await granted(live.request(ask("fix", 20)));
      const asked = live.request(ask("high", 20, { priority: 9 }));
      await clock.advance(10);
      live.releaseAgent(which);
      expect(await granted(asked)).toMatchObject({ granted: 20 });
      await clock.advance(500);
      expect(events.some(({ type }) => type === "resource_revoked")).toBe(false);
      expect(events.some(({ type }) => type === "preemption_cancelled")).toBe(which === "fix");
    }
  });

  test("promises no lease twice: what a victim gives up goes to the request that it had notice for", async () => {
    const { live, clock } = opened({ memory: 100 });
    await granted(live.request(ask("a", 50, { conditions: { preemptionPriority: 9 } })));
    await granted(live.request(ask("b", 50, { conditions: { preemptionPriority: 5 }, priority: 1 })));
    const first = live.request(ask("nine", 50, { priority: 9 }));
    const second = live.request(ask("five", 50, { priority: 5 }));
    expect(await live.request(ask("late", 1, { priority: 9 }))).toMatchObject({ ok: false });
    live.releaseAgent("b");
    expect(await granted(second)).toMatchObject({ agent: "five", granted: 50 });
    await clock.advance(100);
    expect(await granted(first)).toMatchObject({ agent: "nine", granted: 50 });
  });

  test("can be withdrawn while it waits, and has no notice where the grace time is 0", async () => {
    const { live, clock } = opened({ memory: 100 });
    await granted(live.request(low));
    const stop = new AbortController();
    const asked = live.request(ask("high", 50, { priority: 9 }), { signal: stop.signal });
    stop.abort();
    expect(await asked).toMatchObject({ ok: false, error: { code: "cancelled" } });
    expect(await live.request(low, { signal: stop.signal })).toMatchObject({ error: { code: "cancelled" } });
    await clock.advance(200);
    expect(held(live)).toEqual(["low 80"]);
    const hard = opened({ memory: 100 }, { graceMs: 0 }).live;
    await granted(hard.request(low));
    expect(await granted(hard.request(ask("high", 50, { priority: 9 })))).toMatchObject({ granted: 50 });
    expect(held(hard)).toEqual(["low 50", "high 50"]);
  });
});

describe("requests together", () => {
  test("divide what is there by a mode, as leases", () => {
    const { live } = opened({ memory: 100 });
    const both = [ask("a", 80, { durationMs: 5 }), ask("b", 80)];
    expect(live.requestAll(both)).toMatchObject({
      ok: true,
      value: [
        { agent: "a", granted: 50, durationMs: 5 },
        { agent: "b", granted: 50, durationMs: null },
      ],
    });
    expect(held(live)).toEqual(["a 50", "b 50"]);
    expect(live.requestAll(both)).toMatchObject({ ok: false, error: { code: "resource_exhausted" } });
    const strict = opened({ memory: 100 }).live;
    expect(strict.requestAll(both, { mode: "strict" })).toMatchObject({ value: [{ granted: 80 }, { granted: 20 }] });
    const parts = opened({ memory: 100 }).live;
    expect(parts.requestAll([ask("a", 50), ask("a", 150)], { mode: "proportional" })).toMatchObject({
      value: [{ granted: 25 }, { granted: 75 }],
    });
  });
});

describe("a bucket of a pool", () => {
  test("limits how fast something is used up", async () => {
    const { live, clock } = opened({}, { buckets: { calls: { capacity: 2, refillPerSecond: 10 } } });
    expect([live.take("calls"), live.take("calls")]).toEqual([{ ok: true }, { ok: true }]);
    expect(live.take("calls")).toMatchObject({ error: { code: "rate_limited", retryAfterMs: 100 } });
    expect(live.take("calls", 3)).toMatchObject({ error: { code: "rate_limited", retryAfterMs: Infinity } });
    expect(live.take("tokens")).toMatchObject({ error: { code: "unknown_resource" } });
    await clock.advance(100);
    expect([live.take("calls").ok, live.take("calls").ok]).toEqual([true, false]);
  });
});

test("an agent of a runtime that crashes gives back what it held within one turn", async () => {
  using runtime = new AgentRuntime();
  const fragile = agent<null, string>({
    name: "fragile",
    init: () => null,
    handle: () => {
      throw new Error("crash");
    },
  });
  const ref = await runtime.start(fragile, undefined);
  if (ref === undefined) throw new Error("not started");
  const { live } = opened({ memory: 100 }, { watch: (_agent, onEnd) => ref.monitor(onEnd) });
  await granted(live.request(ask("fragile", 60)));
  ref.send("work");
  await nextTurn();
  expect(held(live)).toEqual([]);
});

test("a pool that is closed has no leases, timers or waiting requests, and gives nothing more", async () => {
  const { live, clock, events } = opened({ memory: 100 });
  await granted(live.request(ask("low", 80, { conditions: { preemptionPriority: 5 }, durationMs: 500 })));
  const asked = live.request(ask("high", 50, { priority: 9 }));
  await live[Symbol.asyncDispose]();
  await live[Symbol.asyncDispose]();
  expect(await asked).toMatchObject({ ok: false, error: { code: "closed" } });
  expect([held(live), clock.pending()]).toEqual([[], 0]);
  expect(await live.request(ask("a", 1))).toMatchObject({ ok: false, error: { code: "closed" } });
  expect(live.requestAll([ask("a", 1)])).toMatchObject({ ok: false, error: { code: "closed" } });
  expect(events.at(-1)).toMatchObject({ type: "resource_released", reason: "closed" });
});

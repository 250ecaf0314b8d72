import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seededRng, UsageError } from "#foundation";
import type { JsonObject } from "#foundation";
import { drawnKeys, establishConsensus, gossip, gossipRounds, hmacSeal, mergeGossip } from "#orchestration";
import type { GossipItem, GossipItems, GossipState } from "#orchestration";
import { liar, resigned } from "./support/liars.ts";
import { patience, plans, play, quiet, runs } from "./support/network.ts";
import type { Plan, Run } from "./support/network.ts";

const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `m${index}`);
const everybody = (count: number): Plan["requests"] =>
  Array.from({ length: count }, (_, member) => ({ member, at: 0 }));

function known(run: Run, member: string): string[] {
  return Object.keys((run.states.get(member) as GossipState).items).toSorted();
}

/** Nothing is invented; nothing is delivered twice. */
function integrity(correct: readonly string[]): (run: Run) => void {
  const once = new Set<string>();
  let seen = 0;
  return (run) => {
    for (; seen < run.outcomes.length; seen++) {
      const { member, outcome } = run.outcomes[seen] as Run["outcomes"][number];
      if (!correct.includes(member) || outcome.type !== "delivered") continue;
      const { id, origin, payload } = outcome.item as GossipItem;
      if (once.has(`${member} ${id}`)) throw new Error(`${id} is delivered to ${member} twice`);
      once.add(`${member} ${id}`);
      const isTold = run.asked.some(
        (ask) => ask.member === origin && JSON.stringify(ask.request) === JSON.stringify(payload),
      );
      if (correct.includes(origin) && !isTold) throw new Error(`${origin} has not told ${id}`);
    }
  };
}

describe("16 members, each with something to tell, a fifth of the messages lost", () => {
  const members = names(16);
  const rounds = gossipRounds(16);
  const machine = gossip({ rounds, roundMs: 100 });
  const runOf = (seed: number): Run => {
    const plan = { ...quiet, seed, drop: 0.2, maxDelayMs: 20, healAt: 10_000, requests: everybody(16) };
    return play({ members, machine, plan, until: 850 });
  };

  test("are all equal in 8 rounds", () => {
    expect(rounds).toBe(8);
    const run = runOf(29);
    for (const member of members) expect(known(run, member)).toHaveLength(16);
    const settled = run.outcomes.filter(({ outcome }) => outcome.type === "settled");
    expect(settled.map(({ outcome }) => outcome.round)).toEqual(members.map(() => 8));
  });

  test("with 99 of 100 seeds", () => {
    const isEqual = (run: Run): boolean => members.every((member) => known(run, member).length === 16);
    const equal = Array.from({ length: 100 }, (_, seed) => runOf(seed)).filter(isEqual).length;
    expect(equal).toBeGreaterThanOrEqual(99);
  });
});

test.each([4, 16, 64])(
  "%i members send at most fanout · n · rounds messages, and at most one answer to each",
  (count) => {
    const members = names(count);
    const rounds = gossipRounds(count);
    const run = play({
      members,
      machine: gossip({ rounds }),
      plan: { ...quiet, requests: everybody(count) },
      until: 5_000,
    });
    const pushes = Math.min(3, count - 1) * count * rounds;
    expect(run.sent).toBeGreaterThanOrEqual(pushes);
    expect(run.sent).toBeLessThanOrEqual(2 * pushes);
    for (const member of members) expect(known(run, member)).toHaveLength(count);
  },
);

const seal = hmacSeal(drawnKeys(names(6), seededRng("gossip")));
const schedules = { numRuns: runs(500), seed: 7 };

test(
  "after the network has healed everybody has everything, once, and nothing else",
  () => {
    const members = names(6);
    const machine = gossip({ roundMs: 30 });
    fc.assert(
      fc.property(plans(6), (plan) => {
        const isDone = (run: Run): boolean =>
          run.at > 700 && members.every((member) => known(run, member).length === run.asked.length);
        const run = play({ members, machine, plan, until: 5_000, check: integrity(members), isDone });
        expect(isDone(run)).toBe(true);
      }),
      schedules,
    );
  },
  patience,
);

test(
  "with signatures a member that lies can say what it likes, but not for another",
  () => {
    const members = names(6);
    const machine = gossip({ roundMs: 30, seal });
    const lie = (said: JsonObject): JsonObject => {
      const items = (said["items"] as readonly GossipItem[]).map((item) => ({ ...item, payload: "wrong" }));
      return resigned(seal, "m0", { ...said, items }, {});
    };
    const correct = members.slice(1);
    fc.assert(
      fc.property(plans(6), (drawn) => {
        const plan = {
          ...drawn,
          crashes: [],
          requests: drawn.requests.map((ask) => ({ ...ask, member: 1 + (ask.member % 5) })),
        };
        const isDone = (run: Run): boolean =>
          run.at > 700 && correct.every((member) => known(run, member).length === run.asked.length);
        const others = { m0: liar(machine, lie) };
        expect(isDone(play({ members, machine, plan, others, until: 5_000, check: integrity(correct), isDone }))).toBe(
          true,
        );
      }),
      { ...schedules, numRuns: runs(200) },
    );
  },
  patience,
);

test("without signatures the same liar does get through: members are trusted then", () => {
  const members = names(6);
  const machine = gossip({ roundMs: 30, fanout: 1 });
  const lie = (said: JsonObject): JsonObject => ({
    ...said,
    items: (said["items"] as readonly GossipItem[]).map((item) => ({ ...item, payload: "wrong" })),
  });
  const broken = (): void => {
    for (let seed = 0; seed < 20; seed++) {
      const plan = { ...quiet, seed, requests: [{ member: 1, at: 0 }] };
      play({
        members,
        machine,
        plan,
        others: { m0: liar(machine, lie) },
        until: 1_000,
        check: integrity(members.slice(1)),
      });
    }
  };
  expect(broken).toThrow("has not told");
});

describe("merging", () => {
  const item = fc.record({ id: fc.constantFrom("a/0/1", "a/0/2", "b/0/1"), payload: fc.nat({ max: 3 }) });
  const items = fc
    .array(item)
    .map((all): GossipItems =>
      Object.fromEntries(all.map(({ id, payload }) => [id, { id, origin: id[0] as string, payload, sig: "" }])),
    );

  test("is commutative, associative and idempotent, whoever has told two things by one id", () => {
    fc.assert(
      fc.property(items, items, items, (a, b, c) => {
        expect(mergeGossip(a, b)).toEqual(mergeGossip(b, a));
        expect(mergeGossip(mergeGossip(a, b), c)).toEqual(mergeGossip(a, mergeGossip(b, c)));
        expect(mergeGossip(a, a)).toEqual(a);
      }),
    );
  });
});

test("a member without memory tells new things by new ids", () => {
  const members = names(4);
  const requests = [0, 900].map((at) => ({ member: 0, at }));
  const plan = { ...quiet, requests, crashes: [{ member: 0, at: 500, forMs: 50 }] };
  const run = play({ members, machine: gossip({ roundMs: 30 }), plan, until: 2_000, forgetful: true });
  for (const member of members) expect(known(run, member)).toHaveLength(2);
});

test.each([{ fanout: 0 }, { roundMs: Number.NaN }, { rounds: 1.5 }])("%j is refused", (options) => {
  expect(() => gossip(options)).toThrow(UsageError);
});

test("as an algorithm for changes: every agent knows every vote", async () => {
  const vote = (agent: string): boolean => agent !== "m0";
  const options = { algorithm: "gossip", rng: seededRng(3), timeoutMs: 10_000, vote };
  const result = await establishConsensus(names(5), { mode: "fast" }, options);
  expect(result).toMatchObject({ ok: true, value: { confidence: 0.8 } });
});

test("and if every second message is lost", async () => {
  let count = 0;
  const link = (): readonly number[] => (count++ % 2 === 0 ? [] : [1]);
  const options = { algorithm: "gossip", rng: seededRng(3), timeoutMs: 10_000, vote: () => true, link };
  const result = await establishConsensus(names(5), { mode: "fast" }, options);
  expect(result).toMatchObject({ ok: true, value: { confidence: 1 } });
});

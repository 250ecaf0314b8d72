import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson, seededRng, UsageError } from "#foundation";
import type { JsonObject, Rng } from "#foundation";
import { drawnKeys, establishConsensus, hmacSeal, pbft } from "#orchestration";
import type { PbftOutcome, PbftState } from "#orchestration";
import { liar, resigned, twoFaced } from "./support/liars.ts";
import { patience, plans, play, quiet, runs } from "./support/network.ts";
import type { Run } from "./support/network.ts";

const members = ["a", "b", "c", "d"];
const seal = hmacSeal(drawnKeys(members, seededRng("pbft")));
const machine = pbft({ seal, timeoutMs: 60, checkpointEvery: 2 });
const schedules = { numRuns: runs(250), seed: 29 };

type Executed = PbftOutcome & { readonly type: "executed" };

function executedBy(run: Run, correct: readonly string[]): { readonly member: string; readonly outcome: Executed }[] {
  return run.outcomes.filter(({ member, outcome }) => correct.includes(member) && outcome.type === "executed");
}

function repliedTo({ outcomes }: Run, correct: readonly string[]): (PbftOutcome & { readonly type: "replied" })[] {
  return outcomes
    .filter(({ member, outcome }) => correct.includes(member) && outcome.type === "replied")
    .map(({ outcome }) => outcome);
}

/** One request at one number, in whatever view; each at most once; none that nobody asked for. */
function safety(correct: readonly string[]): (run: Run) => void {
  const log = new Map<number, string>();
  const once = new Set<string>();
  let seen = 0;
  return (run) => {
    for (; seen < run.outcomes.length; seen++) {
      const { member, outcome } = run.outcomes[seen] as (typeof run.outcomes)[number];
      if (!correct.includes(member) || outcome.type !== "executed") continue;
      const { sequence, digest, request, isNew } = outcome as Executed;
      const known = log.get(sequence) ?? digest;
      if (known !== digest) throw new Error(`number ${sequence} is ${known} and ${digest}`);
      log.set(sequence, digest);
      if (!isNew || request === null) continue;
      const key = `${member} ${digest}`;
      if (once.has(key)) throw new Error(`${member} has executed ${digest} twice`);
      once.add(key);
      const isAsked = run.asked.some((wish) => wish.member === request.by && same(wish.request, request.operation));
      if (!isAsked && correct.includes(request.by)) throw new Error(`${request.by} has not asked for ${digest}`);
    }
  };
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function isAnswered(correct: readonly string[]): (run: Run) => boolean {
  return (run) =>
    run.at > 700 && repliedTo(run, correct).length >= run.asked.filter(({ member }) => correct.includes(member)).length;
}

const lie =
  (self: string) =>
  (said: JsonObject, rng: Rng): JsonObject => {
    if (said["by"] !== self) return said;
    const changes: readonly JsonObject[] = [
      { digest: "wrong" },
      { result: "wrong" },
      { prepared: [] },
      { view: 0 },
      { sequence: 3 },
    ];
    return resigned(seal, self, said, changes[Math.floor(rng.next() * changes.length)] as JsonObject);
  };

describe("without faults", () => {
  const requests = [0, 1, 2, 3, 0].map((member, index) => ({ member, at: index * 3 }));
  const run = play({ members, machine, plan: { ...quiet, requests }, until: 1_000 });

  test("every member executes every request, in one order", () => {
    const orders = members.map((member) =>
      executedBy(run, [member]).map(({ outcome }) => [outcome.sequence, outcome.request?.operation]),
    );
    expect(orders[0]).toHaveLength(5);
    expect(new Set(orders.map((order) => JSON.stringify(order))).size).toBe(1);
  });

  test("a client has its answer from more members than may lie", () => {
    const replies = repliedTo(run, members);
    expect(replies).toHaveLength(5);
    for (const { by } of replies) expect(new Set(by).size).toBeGreaterThanOrEqual(2);
  });

  test("what led to a state that a quorum has signed is forgotten", () => {
    for (const state of run.states.values() as IterableIterator<PbftState>) {
      expect(state.stable.sequence).toBe(4);
      expect(new Set(state.stable.proof.map(({ by }) => by)).size).toBeGreaterThanOrEqual(3);
      expect(Object.keys(state.slots)).toEqual(["5"]);
    }
  });
});

test("a certificate has different signers that say the same", () => {
  const requests = [{ member: 1, at: 0 }];
  const run = play({ members, machine, plan: { ...quiet, requests }, until: 40 });
  for (const state of run.states.values() as IterableIterator<PbftState>) {
    const certificate = state.slots[1]?.certificate;
    expect(new Set(certificate?.commits.map(({ by }) => by)).size).toBe(3);
    for (const { view, sequence, digest } of certificate?.commits ?? []) {
      expect([view, sequence, digest]).toEqual([0, 1, certificate?.order.digest]);
    }
  }
});

describe("under faults of the network and crashes from disk", () => {
  test(
    "members agree at all times, and everything is answered after the network has healed",
    () => {
      fc.assert(
        fc.property(plans(4), (plan) => {
          const run = play({
            members,
            machine,
            plan,
            until: 20_000,
            check: safety(members),
            isDone: isAnswered(members),
          });
          expect(repliedTo(run, members)).toHaveLength(run.asked.length);
        }),
        schedules,
      );
    },
    patience,
  );

  test(
    "so they do with a member that lies, whichever it is, the first primary too",
    () => {
      fc.assert(
        fc.property(plans(4), fc.nat({ max: 3 }), (drawn, who) => {
          const evil = members[who] as string;
          const correct = members.filter((member) => member !== evil);
          const plan = { ...drawn, crashes: drawn.crashes.filter(({ member }) => member !== who) };
          const others = { [evil]: liar(machine, lie(evil)) };
          const isDone = isAnswered(correct);
          const run = play({ members, machine, plan, others, until: 20_000, check: safety(correct), isDone });
          const asked = run.asked.filter(({ member }) => correct.includes(member));
          expect(repliedTo(run, correct)).toHaveLength(asked.length);
          for (const { result } of repliedTo(run, correct)) expect(result).not.toBe("wrong");
        }),
        schedules,
      );
    },
    patience,
  );
});

describe("a primary with two faces", () => {
  const requests = [{ member: 0, at: 0 }];
  const plan = { ...quiet, requests };

  test("alone never gets two requests through at one number", () => {
    const others = { a: twoFaced(machine, [["b"], ["c", "d"]]) };
    const correct = ["b", "c", "d"];
    const run = play({ members, machine, plan, others, until: 3_000, check: safety(correct) });
    expect(new Set(executedBy(run, correct).map(({ outcome }) => outcome.digest)).size).toBeLessThanOrEqual(1);
  });

  test("and an accomplice, one more than may lie, do: the bound is tight", () => {
    const face = twoFaced(machine, [["b"], ["c"]]);
    const check = safety(["b", "c"]);
    const broken = (): Run => play({ members, machine, plan, others: { a: face, d: face }, until: 3_000, check });
    expect(broken).toThrow(/number 1 is .* and /);
  });
});

test("a silent primary is given up, and what was asked of it is executed in the next view", () => {
  const mute = { name: "mute", start: () => ({}), step: (state: unknown) => ({ state }) };
  const plan = { ...quiet, requests: [{ member: 2, at: 0 }] };
  const run = play({ members, machine, plan, others: { a: mute }, until: 1_000 });
  expect(repliedTo(run, members)).toHaveLength(1);
  expect(run.outcomes.filter(({ outcome }) => outcome.type === "view").map(({ outcome }) => outcome.primary)).toEqual([
    "b",
    "b",
    "b",
  ]);
});

test("two silent members of four: nobody agrees on anything", () => {
  const mute = { name: "mute", start: () => ({}), step: (state: unknown) => ({ state }) };
  const plan = { ...quiet, requests: [{ member: 0, at: 0 }] };
  const run = play({ members, machine, plan, others: { c: mute, d: mute }, until: 3_000 });
  expect(executedBy(run, members)).toEqual([]);
});

test("messages of an old view, of strangers and with a wrong signature change nothing", () => {
  const requests = [0, 1].map((member) => ({ member, at: 0 }));
  const run = play({ members, machine, plan: { ...quiet, requests }, until: 500 });
  const state = run.states.get("b") as PbftState;
  const slot = run.states.get("a").slots[1] ?? run.states.get("a").slots[2];
  const rng = seededRng(1);
  const next: PbftState = { ...state, view: 4 };
  const [order, request] = [slot?.proposal?.order, slot?.proposal?.request];
  const forged = resigned(seal, "c", { kind: "commit", view: 4, sequence: 3, digest: "x" }, {});
  const rubbish = [
    { kind: "proposal", order, request },
    { ...forged, by: "d" },
    { ...forged, sig: "" },
    { kind: "commit", view: -1 },
    { kind: "new-view", view: 9, changes: [], orders: [], by: "b", sig: "" },
    { kind: "toString" },
    [],
    null,
  ];
  for (const message of rubbish as JsonObject[]) {
    expect(machine.step(next, { type: "message", at: 1, from: "d", message: message as never }, rng).state).toEqual(
      next,
    );
  }
});

describe("a new view", () => {
  const say = (by: string, said: JsonObject): JsonObject => resigned(seal, by, {}, said);
  const request = (by: string): JsonObject => say(by, { kind: "request", time: 1, operation: by });
  const digestOf = (value: JsonObject | null): string =>
    createHash("sha256").update(canonicalJson(value)).digest("hex");
  const prepared = (view: number, sequence: number, wish: JsonObject): JsonObject => {
    const placed = { view, sequence, digest: digestOf(wish) };
    const primary = members[view] as string;
    const prepares = members
      .filter((member) => member !== primary)
      .map((by) => say(by, { kind: "prepare", ...placed }));
    return { order: say(primary, { kind: "pre-prepare", ...placed }), request: wish, prepares: prepares.slice(0, 2) };
  };
  const [one, two, three] = ["a", "b", "c"].map(request) as [JsonObject, JsonObject, JsonObject];
  const { stable } = machine.start("d", members);
  const change = (by: string, all: readonly JsonObject[]): JsonObject =>
    say(by, { kind: "view-change", view: 3, stable: { ...stable }, prepared: all });
  const changes = [change("a", [prepared(0, 1, one), prepared(0, 3, three)]), change("b", [prepared(1, 1, two)])];
  const tell = (member: string, messages: readonly JsonObject[]): { state: PbftState; out: JsonObject[] } => {
    let state = machine.start(member, members);
    const out: JsonObject[] = [];
    for (const message of messages) {
      const step = machine.step(state, { type: "message", at: 1, from: "b", message: message as never }, seededRng(1));
      state = step.state;
      out.push(...(step.out ?? []).map((sent) => sent.message as JsonObject));
    }
    return { state, out };
  };
  const opened = tell("d", changes).out.find(({ kind }) => kind === "new-view") as JsonObject;

  test("keeps at each number what was prepared last, and fills gaps with nothing", () => {
    const orders = opened["orders"] as readonly JsonObject[];
    expect(orders.map(({ view, sequence, digest }) => [view, sequence, digest])).toEqual([
      [3, 1, digestOf(two)],
      [3, 2, digestOf(null)],
      [3, 3, digestOf(three)],
    ]);
  });

  test("is entered by who comes to the same", () => {
    expect(tell("c", [opened]).state).toMatchObject({ view: 3, changing: false });
  });

  test.each(["fewer orders", "another order", "fewer wishes", "one wish twice", "another signer"])(
    "with %s is not",
    (what) => {
      const orders = opened["orders"] as readonly JsonObject[];
      const wishes = opened["changes"] as readonly JsonObject[];
      const other = say("d", { ...orders[0], digest: digestOf(one) });
      const messages: Readonly<Record<string, () => JsonObject>> = {
        "fewer orders": () => resigned(seal, "d", opened, { orders: orders.slice(1) }),
        "another order": () => resigned(seal, "d", opened, { orders: [other, ...orders.slice(1)] }),
        "fewer wishes": () => resigned(seal, "d", opened, { changes: wishes.slice(1) }),
        "one wish twice": () => resigned(seal, "d", opened, { changes: [...wishes.slice(1), wishes[1] as JsonObject] }),
        "another signer": () => resigned(seal, "b", opened, {}),
      };
      const message = messages[what]?.() as JsonObject;
      expect(tell("c", [message]).state).toEqual(machine.start("c", members));
    },
  );
});

test.each([
  [["a", "b", "c"], { faults: 1 }],
  [["a", "a", "b", "c"], {}],
  [["b", "c"], {}],
])("members %j with %j are refused", (names, more) => {
  expect(() => pbft({ seal, ...more }).start("a", names)).toThrow(UsageError);
});

describe("as an algorithm for changes", () => {
  const options = { algorithm: "pbft", rng: seededRng(3), timeoutMs: 10_000 };
  const votes = (liars: number) => (agent: string) => members.indexOf(agent) >= liars;

  test("one of four that votes against: agreed", async () => {
    const result = await establishConsensus(members, { mode: "fast" }, { ...options, vote: votes(1) });
    expect(result).toMatchObject({ ok: true, value: { confidence: 0.75 } });
  });

  test("without the first primary, which is down: agreed in the next view", async () => {
    const vote = (agent: string): boolean => {
      if (agent === "a") throw new Error("down");
      return true;
    };
    const result = await establishConsensus(members, { mode: "fast" }, { ...options, vote });
    expect(result).toMatchObject({ ok: true, value: { confidence: 0.75, absent: [{ agent: "a", reason: "failed" }] } });
  });

  test("with two of four down: no quorum", async () => {
    const vote = (agent: string): boolean | null => (agent < "c" ? true : (undefined as unknown as null));
    const result = await establishConsensus(members, { mode: "fast" }, { ...options, vote });
    expect(result).toMatchObject({ ok: false, error: { code: "no_quorum" } });
  });

  test("two of four: nothing is agreed, nothing wrong either", async () => {
    const result = await establishConsensus(members, { mode: "fast" }, { ...options, vote: votes(2) });
    expect(result).toMatchObject({ ok: false, error: { code: "no_majority" } });
  });

  test("fewer than four agents cannot stand a liar", async () => {
    const result = await establishConsensus(["a", "b", "c"], { mode: "fast" }, { ...options, vote: votes(0) });
    expect(result).toMatchObject({ ok: false, error: { code: "invalid_configuration" } });
  });
});

import { describe, expect, test } from "vitest";
import { seededRng, UsageError } from "#foundation";
import type { Rng } from "#foundation";
import { FencedResource, leaderElection } from "#orchestration";
import type { ElectionMessage, ElectionOutcome, ElectionState, LeaderElection } from "#orchestration";
import { drawSchedule, minimised, play } from "./support/faulty-network.ts";
import type { Played, Schedule } from "./support/faulty-network.ts";

type Run = Played<ElectionState, ElectionOutcome>;
type CrashAfter = (before: ElectionState, after: ElectionState, rng: Rng) => boolean;

/** At most one leader in an epoch. */
function oneLeader(): (states: readonly ElectionState[]) => string | undefined {
  const leaders = new Map<number, string>();
  return (states) => {
    for (const { self, role, epoch } of states) {
      if (role !== "leader") continue;
      const other = leaders.get(epoch) ?? self;
      if (other !== self) return `${other} and ${self} both lead in epoch ${epoch}`;
      leaders.set(epoch, self);
    }
    return undefined;
  };
}

function risingEpochs(): (states: readonly ElectionState[]) => string | undefined {
  const epochs = new Map<string, number>();
  return (states) => {
    for (const { self, epoch } of states) {
      if (epoch < (epochs.get(self) ?? 0)) return `${self} goes back to epoch ${epoch}`;
      epochs.set(self, epoch);
    }
    return undefined;
  };
}

function checked(machine: LeaderElection, schedule: Schedule): Run {
  const [one, rising] = [oneLeader(), risingEpochs()];
  return play<ElectionState, ElectionOutcome>(machine, schedule, { check: (states) => one(states) ?? rising(states) });
}

const drawn = (seed: number): Schedule => drawSchedule(seed, { until: 5_000 });

/** One live leader that all know, at the end. */
function disunited({ states }: Run): string | undefined {
  const known = new Set(states.map(({ leader, epoch }) => `${leader} ${epoch}`));
  const leaders = states.filter(({ role }) => role === "leader");
  return known.size === 1 && leaders.length === 1 ? undefined : `at the end ${[...known].join(", ")}`;
}

test("under random faults no epoch has two leaders, and in the end all follow one", { timeout: 60_000 }, () => {
  const machine = leaderElection();
  const defectOf = (run: Run): string | undefined => run.violation ?? disunited(run);
  for (let seed = 0; seed < 500; seed++) {
    const schedule = drawn(seed);
    if (defectOf(checked(machine, schedule)) === undefined) continue;
    const least = minimised(schedule, (smaller) => defectOf(checked(machine, smaller)) !== undefined);
    expect.fail(`${defectOf(checked(machine, least))} in ${JSON.stringify(least)}`);
  }
});

test("as long as clocks run alike nobody leads beside another", { timeout: 60_000 }, () => {
  for (let seed = 1_000; seed < 1_300; seed++) {
    const schedule = { ...drawn(seed), clocks: [], pauses: [] };
    const isDown = (member: string, now: number): boolean =>
      schedule.crashes.some((crash) => crash.member === member && crash.at <= now && now <= crash.at + crash.forMs);
    const check = (states: readonly ElectionState[], now: number): string | undefined => {
      const leaders = states.filter(({ role, self }) => role === "leader" && !isDown(self, now));
      return leaders.length < 2 ? undefined : `${leaders.map(({ self }) => self).join(" and ")} lead at ${now}`;
    };
    const run = play<ElectionState, ElectionOutcome>(leaderElection(), schedule, { check });
    if (run.violation !== undefined) expect.fail(`${run.violation} in ${JSON.stringify(schedule)}`);
  }
});

const calm: Schedule = {
  seed: 3,
  members: ["n0", "n1", "n2", "n3", "n4"],
  dropped: 0,
  repeated: 0,
  maxDelayMs: 5,
  clocks: [],
  crashes: [],
  pauses: [],
  cuts: [],
  requests: [],
  healAt: 20_001,
  until: 20_000,
};

/** Nothing passes between these members and the others. */
function apart(part: readonly string[], at: number): Schedule["cuts"][number] {
  const others = calm.members.filter((member) => !part.includes(member));
  return { at, links: part.flatMap((one) => others.flatMap((other) => [`${one}>${other}`, `${other}>${one}`])) };
}

test("without a failure the first leader stays", () => {
  for (let seed = 0; seed < 20; seed++) {
    const { outcomes } = checked(leaderElection(), { ...calm, seed });
    expect(outcomes.filter(({ at, outcome }) => at > 2_000 || outcome.type === "lost")).toEqual([]);
    expect(outcomes).toHaveLength(5);
  }
});

test("the smaller part of a divided group elects nobody, and its leader stops before the others have a new one", () => {
  const first = checked(leaderElection(), { ...calm, until: 1_000 });
  const old = first.states.find(({ role }) => role === "leader")?.self ?? "";
  const mate = calm.members.find((member) => member !== old) ?? "";
  const run = checked(leaderElection(), { ...calm, cuts: [apart([old, mate], 1_000)] });
  const after = run.outcomes.filter(({ at }) => at > 1_000);
  const lost = after.find(({ outcome }) => outcome.type === "lost");
  const elected = after.filter(({ outcome }) => outcome.type === "elected");
  expect(lost?.member).toBe(old);
  expect(elected.length).toBeGreaterThan(0);
  for (const { at, member } of elected) {
    expect(at).toBeGreaterThanOrEqual(lost?.at ?? Infinity);
    expect([old, mate]).not.toContain(member);
  }
});

describe("beyond what it promises", () => {
  const violations = (machine: LeaderElection, crashAfter: CrashAfter = () => false): string[] =>
    Array.from({ length: 100 }, (_, seed) => {
      const options = { check: oneLeader(), crashAfter };
      return play<ElectionState, ElectionOutcome>(machine, drawn(seed), options).violation ?? "";
    }).filter(Boolean);

  test("votes of whoever answers give a divided group two leaders in one epoch", { timeout: 60_000 }, () => {
    const machine = leaderElection({ votes: "reachable" });
    expect(violations(machine)).toContainEqual(expect.stringMatching(/both lead in epoch/));
    const run = play<ElectionState, ElectionOutcome>(machine, {
      ...calm,
      cuts: [apart(["n0", "n1"], 0)],
      until: 3_000,
    });
    expect(run.states.filter(({ role }) => role === "leader").map(({ epoch }) => epoch)).toEqual([1, 1]);
  });

  test("a disk that forgets gives two leaders in one epoch; one that does not gives none", { timeout: 60_000 }, () => {
    const machine = leaderElection();
    const afterVote: CrashAfter = (before, after, rng) =>
      after.votedFor !== null &&
      after.votedFor !== before.votedFor &&
      after.votedFor !== after.self &&
      rng.next() < 0.7;
    const forgets: LeaderElection = { ...machine, persistent: () => ({}) };
    expect(violations(machine, afterVote)).toEqual([]);
    expect(violations(forgets, afterVote)).toContainEqual(expect.stringMatching(/both lead in epoch/));
  });
});

describe("one member", () => {
  const rng = seededRng(1);
  const machine = leaderElection({ leaseMs: 300 });
  const fresh = machine.start("a", ["a", "b", "c"]);
  const given = (
    state: ElectionState,
    at: number,
    from: string,
    message: ElectionMessage,
  ): ReturnType<typeof machine.step> => machine.step(state, { type: "message", at, from, message }, rng);
  const grants = (state: ElectionState, at: number, from: string, epoch: number): unknown =>
    given(state, at, from, { type: "claim", epoch, probe: false }).out?.[0]?.message;

  test("that has voted votes for nobody else until its promise is over", () => {
    const voted = given(fresh, 100, "b", { type: "claim", epoch: 1, probe: false }).state;
    expect(grants(voted, 399, "c", 2)).toMatchObject({ granted: false });
    expect(grants(voted, 399, "b", 1)).toMatchObject({ granted: false });
    expect(grants(voted, 400, "c", 1)).toMatchObject({ granted: false });
    expect(grants(voted, 400, "c", 2)).toMatchObject({ granted: true });
  });

  test("that comes back from a crash keeps the promise that it may have made", () => {
    const back = machine.restart?.("a", ["a", "b", "c"], { epoch: 4, votedFor: "b" }) ?? fresh;
    const begun = machine.step(back, { type: "begin", at: 1_000 }, rng).state;
    expect(grants(begun, 1_299, "c", 5)).toMatchObject({ granted: false });
    expect(grants(begun, 1_300, "c", 5)).toMatchObject({ granted: true });
  });

  test("does not lead by votes that come when their promises are over", () => {
    const vote = (probe: boolean) => ({ type: "vote", epoch: 1, probe, granted: true, seen: 0 }) as const;
    const probing = machine.step(fresh, { type: "timer", at: 100, timer: "claim" }, rng).state;
    const candidate = given(probing, 110, "b", vote(true)).state;
    expect(given(candidate, 409, "b", vote(false)).state.role).toBe("leader");
    expect(given(candidate, 410, "b", vote(false)).state.role).toBe("candidate");
  });
});

describe("a fenced resource", () => {
  const act = (resource: FencedResource, leader: string, epoch: number): string => {
    const result = resource.act({ leader, epoch }, () => `${leader} was here`);
    return result.ok ? result.value : result.error.code;
  };

  test("never takes an older token after a newer one", () => {
    const file = new FencedResource("file");
    expect([act(file, "ann", 1), act(file, "ann", 1), act(file, "bob", 3), act(file, "ann", 1)]).toEqual([
      "ann was here",
      "ann was here",
      "bob was here",
      "stale_token",
    ]);
    expect(file.newest).toEqual({ leader: "bob", epoch: 3 });
  });

  test("lets only the first of two leaders of one epoch act", () => {
    const file = new FencedResource("file");
    expect([act(file, "ann", 1), act(file, "bob", 1), act(file, "ann", 1)]).toEqual([
      "ann was here",
      "stale_token",
      "ann was here",
    ]);
  });

  test("keeps what it has seen over its own end", () => {
    expect(act(new FencedResource("file", { leader: "bob", epoch: 3 }), "ann", 2)).toBe("stale_token");
  });

  test("keeps two leaders of a divided group apart", () => {
    const machine = leaderElection({ votes: "reachable" });
    const run = play<ElectionState, ElectionOutcome>(machine, {
      ...calm,
      cuts: [apart(["n0", "n1"], 0)],
      until: 3_000,
    });
    const leaders = run.states.filter(({ role }) => role === "leader");
    const file = new FencedResource("file");
    expect(leaders.map(({ self, epoch }) => act(file, self, epoch))).toEqual([
      `${leaders[0]?.self} was here`,
      "stale_token",
    ]);
  });

  test.each([-1, 0.5, Number.NaN])("takes no token %d", (epoch) => {
    expect(() => act(new FencedResource("file"), "ann", epoch)).toThrow(UsageError);
  });
});

test.each([
  [{ leaseMs: 0 }],
  [{ leaseMs: Number.NaN }],
  [{ leaseMs: 100, renewMs: 100 }],
  [{ votes: "some" as "majority" }],
])("%j is the caller's mistake", (options) => {
  expect(() => leaderElection(options)).toThrow(UsageError);
});

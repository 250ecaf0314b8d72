import { describe, expect, test } from "vitest";
import { pick } from "#foundation";
import type { Json, JsonObject, Rng } from "#foundation";
import { raft } from "#orchestration";
import type { RaftMachine, RaftOptions, RaftOutcome, RaftState } from "#orchestration";
import { raftInvariants } from "#testing";
import { drawSchedule, minimised, play } from "./support/faulty-network.ts";
import type { Played, Schedule } from "./support/faulty-network.ts";

/** A replicated list: a write gets its place, a read the whole list. */
function list(options: Partial<RaftOptions> = {}): RaftMachine {
  return raft({
    initial: [],
    apply: (value, command) => ({ value: [...(value as Json[]), command], result: (value as Json[]).length }),
    ...options,
  });
}

type Run = Played<RaftState, RaftOutcome>;

function checked(machine: RaftMachine, schedule: Schedule, crashAfter?: typeof afterVote): Run {
  const checks = Object.entries(raftInvariants());
  const check = (members: readonly RaftState[]): string | undefined => {
    const states = new Map(members.map((state) => [state.self, state]));
    for (const [name, invariant] of checks) {
      const defect = invariant({ states });
      if (defect !== undefined) return `${name}: ${defect}`;
    }
    return undefined;
  };
  return play<RaftState, RaftOutcome>(machine, schedule, { check, ...(crashAfter && { crashAfter }) });
}

const write = (session: string, seq: number, command: Json): Json => ({ type: "write", session, seq, command });
const read = (session: string, seq: number): Json => ({ type: "read", session, seq, query: null });

/** Clients that write and read, and ask another member again when they are impatient. */
function clients(rng: Rng, members: readonly string[]): Schedule["requests"] {
  return Array.from({ length: 10 }, (_, place) => {
    const request = rng.next() < 0.4 ? read(`c${place}`, 1) : write(`c${place}`, 1, place);
    const at = rng.next() * 1_600;
    const again = rng.next() < 0.5 ? [{ at: at + rng.next() * 600, member: pick(rng, members), request }] : [];
    return [{ at, member: pick(rng, members), request }, ...again];
  }).flat();
}

interface Operation {
  readonly isRead: boolean;
  readonly invoked: number;
  readonly answered: number;
  readonly result: Json;
}

function historyOf({ asked, outcomes }: Run): Operation[] {
  return outcomes.flatMap(({ at, outcome }) => {
    if (outcome.type !== "answered" || !outcome.answer.ok) return [];
    const isIt = (request: Json): boolean => (request as JsonObject)["session"] === outcome.session;
    const first = asked.find(({ request }) => isIt(request));
    if (first === undefined) throw new Error(`an answer without a question, to ${outcome.session}`);
    const isRead = (first.request as JsonObject)["type"] === "read";
    return [{ isRead, invoked: first.at, answered: at, result: outcome.answer.result }];
  });
}

/** Why no order of the operations explains a history of a list: exact, for each answer says where it stood. */
function nonLinear(history: readonly Operation[]): string | undefined {
  const placeOf = ({ isRead, result }: Operation): number =>
    isRead ? (result as Json[]).length - 0.5 : Number(result);
  for (const a of history) {
    for (const b of history) {
      const isEarlier = a.answered < b.invoked;
      if (isEarlier && (a.isRead && b.isRead ? placeOf(a) > placeOf(b) : placeOf(a) >= placeOf(b) && a !== b)) {
        const isRepeat = !a.isRead && !b.isRead && a.result === b.result;
        if (!isRepeat) return `${JSON.stringify(a)} before ${JSON.stringify(b)}`;
      }
    }
  }
  const lists = history.filter(({ isRead }) => isRead).map(({ result }) => result as Json[]);
  const longest = lists.reduce((best, each) => (each.length > best.length ? each : best), []);
  const odd = lists.find((each) => each.some((item, place) => item !== longest[place]));
  return odd === undefined ? undefined : `read ${JSON.stringify(odd)} and ${JSON.stringify(longest)}`;
}

function lost(run: Run): string | undefined {
  const leaders = run.states.filter(({ role }) => role === "leader").length;
  if (leaders !== 1) return `${leaders} leaders at the end`;
  if (new Set(run.states.map(({ commit }) => commit)).size > 1) return "members have committed differently at the end";
  const [first] = run.states;
  if (run.states.some(({ waiting }) => waiting.length > 0)) return "a request without an answer at the end";
  const values = first?.value as Json[];
  return new Set(values).size === values.length ? undefined : `a write twice: ${JSON.stringify(values)}`;
}

function explain(machine: RaftMachine, schedule: Schedule, defectOf: (run: Run) => string | undefined): string {
  const least = minimised(schedule, (smaller) => defectOf(checked(machine, smaller)) !== undefined);
  return `${defectOf(checked(machine, least))} in ${JSON.stringify(least)}`;
}

describe("under random faults", () => {
  const defectOf = (run: Run): string | undefined => run.violation ?? nonLinear(historyOf(run)) ?? lost(run);

  test.each([
    ["as it is", {}, 0],
    ["without pre-vote", { preVote: false }, 1_000],
    ["one entry at a time", { maxEntries: 1 }, 2_000],
  ])(
    "random schedules break nothing, and all is answered when they end: %s",
    { timeout: 120_000 },
    (_, options, from) => {
      const machine = list(options);
      const count = 100;
      let answers = 0;
      for (let seed = from; seed < from + count; seed++) {
        const schedule = drawSchedule(seed, { requests: clients });
        const run = checked(machine, schedule);
        if (defectOf(run) !== undefined) expect.fail(explain(machine, schedule, defectOf));
        answers += historyOf(run).length;
      }
      expect(answers).toBeGreaterThan(count * 5);
    },
  );

  test("the same schedule gives the same run", () => {
    const schedule = drawSchedule(11, { requests: clients });
    expect(checked(list(), schedule)).toEqual(checked(list(), schedule));
  });
});

/** The worst moment: the vote is on its way. */
function afterVote(before: RaftState, after: RaftState, rng: Rng): boolean {
  const hasVoted = after.votedFor !== null && after.votedFor !== before.votedFor && after.votedFor !== after.self;
  return hasVoted && rng.next() < 0.5;
}

describe("beyond what it promises", () => {
  const narrow = { electionTimeoutMs: [150, 160] as const };
  const violations = (machine: RaftMachine): string[] =>
    Array.from({ length: 60 }, (_, seed) => {
      const schedule = drawSchedule(seed, { requests: clients });
      return checked(machine, schedule, afterVote).violation ?? "";
    }).filter((violation) => violation !== "");

  test(
    "a disk that forgets votes gives two leaders in one term; one that does not gives none",
    { timeout: 60_000 },
    () => {
      const machine = list(narrow);
      expect(violations(machine)).toEqual([]);
      const forgets: RaftMachine = { ...machine, persistent: (s) => ({ ...machine.persistent?.(s), votedFor: null }) };
      expect(violations(forgets)).toContainEqual(expect.stringMatching(/^election safety: .* both lead in term/));
    },
  );

  test("a disk that forgets the log loses what was committed", { timeout: 60_000 }, () => {
    const machine = list(narrow);
    const forgets: RaftMachine = { ...machine, persistent: (s) => ({ ...machine.persistent?.(s), log: [] }) };
    expect(violations(forgets)).toContainEqual(expect.stringMatching(/^leader completeness/));
  });
});

/** Five members and nothing wrong, then what is wrong. */
const calm: Schedule = {
  seed: 5,
  members: ["n0", "n1", "n2", "n3", "n4"],
  dropped: 0,
  repeated: 0,
  maxDelayMs: 5,
  clocks: [],
  crashes: [],
  pauses: [],
  cuts: [],
  requests: [],
  healAt: 2_001,
  until: 2_000,
};

describe("a leader that is killed right after a proposal", () => {
  const requests = [{ at: 600, member: "n0", request: write("ann", 1, "kept") }];
  const before = checked(list(), { ...calm, requests, until: 650 });
  const leader = before.states.find(({ role }) => role === "leader")?.self ?? "";

  test("is followed by another one that keeps the committed value", () => {
    expect(before.outcomes.some(({ outcome }) => outcome.type === "answered")).toBe(true);
    const run = checked(list(), { ...calm, requests, crashes: [{ at: 650, member: leader, forMs: 9_999 }] });
    const others = run.states.filter(({ self }) => self !== leader);
    expect(run.violation).toBe(undefined);
    expect(others.map(({ value }) => value)).toEqual([["kept"], ["kept"], ["kept"], ["kept"]]);
    expect(others.filter(({ role }) => role === "leader")).toHaveLength(1);
  });

  test("with two others leaves no quorum: nobody leads, nothing is committed", () => {
    const [one, two] = calm.members.filter((member) => member !== leader && member !== "n0");
    const asker = leader === "n0" ? (calm.members.find((m) => ![leader, one, two].includes(m)) ?? "") : "n0";
    const crashes = [leader, one ?? "", two ?? ""].map((member) => ({ at: 720, member, forMs: 9_999 }));
    const late = { at: 750, member: asker, request: write("bob", 1, "lost") };
    const run = checked(list(), { ...calm, requests: [...requests, late], crashes });
    const alive = run.states.filter(({ self }) => !crashes.some(({ member }) => member === self));
    expect(alive.map(({ role, value }) => [role === "leader", value])).toEqual([
      [false, ["kept"]],
      [false, ["kept"]],
    ]);
    expect(run.outcomes.filter(({ at, outcome }) => at > 720 && outcome.type !== "leads")).toEqual([]);
  });
});

test("a member that comes back from behind a partition does not depose the leader", () => {
  const until = (ms: number, cuts: Schedule["cuts"]): Run => checked(list(), { ...calm, cuts, healAt: ms, until: ms });
  const settled = until(600, []);
  const leader = settled.states.find(({ role }) => role === "leader");
  const alone = calm.members.find((member) => member !== leader?.self) ?? "";
  const links = calm.members.flatMap((member) => [`${member}>${alone}`, `${alone}>${member}`]);
  const run = until(4_000, [{ at: 600, links }, { at: 2_500, links: [] }]); // prettier-ignore
  expect(run.states.map(({ term, leader: known }) => [term, known])).toEqual(
    calm.members.map(() => [leader?.term, leader?.self]),
  );
});

test("a leader that reaches nobody stops leading", () => {
  const settled = checked(list(), { ...calm, until: 600 });
  const leader = settled.states.find(({ role }) => role === "leader")?.self ?? "";
  const links = calm.members.map((member) => `${member}>${leader}`);
  const run = checked(list(), { ...calm, cuts: [{ at: 600, links }] });
  const leaders = run.states.filter(({ role }) => role === "leader").map(({ self }) => self);
  expect(leaders).toHaveLength(1);
  expect(leaders).not.toContain(leader);
});

test("a leader that has been replaced and does not know it answers no reads", () => {
  const settled = checked(list(), { ...calm, until: 600 });
  const old = settled.states.find(({ role }) => role === "leader")?.self ?? "";
  const other = calm.members.find((member) => member !== old) ?? "";
  const links = calm.members.flatMap((member) => [`${member}>${old}`, `${old}>${member}`]);
  const requests = Array.from({ length: 24 }, (_, place) => [
    { at: 610 + place * 30, member: other, request: write(`w${place}`, 1, place) },
    { at: 620 + place * 30, member: old, request: read(`r${place}`, 1) },
  ]).flat();
  const run = checked(list(), { ...calm, requests, cuts: [{ at: 600, links }], healAt: 1_600 });
  expect(run.outcomes.find(({ at, outcome }) => at > 600 && outcome.type === "leads")?.at).toBeLessThan(1_100);
  expect(nonLinear(historyOf(run))).toBe(undefined);
  expect(historyOf(run)).toHaveLength(48);
});

describe("a client", () => {
  const answersTo = (requests: Schedule["requests"], options: Partial<RaftOptions> = {}): unknown[] =>
    checked(list(options), { ...calm, requests }).outcomes.flatMap(({ outcome }): readonly unknown[] => {
      if (outcome.type === "answered") return [outcome.answer];
      return outcome.type === "refused" ? ["refused"] : [];
    });

  test("that repeats a write, to whomever, gets the first answer and one effect", () => {
    const requests = ["n0", "n3", "n0"].map((member, place) => ({
      at: 600 + place * 50,
      member,
      request: write("ann", 1, "x"),
    }));
    const last = { at: 900, member: "n1", request: read("bob", 1) };
    expect(answersTo([...requests, last])).toEqual([
      ...requests.map(() => ({ ok: true, result: 0 })),
      { ok: true, result: ["x"] },
    ]);
  });

  test("whose write comes after a later one of its session is told so", () => {
    const requests = [2, 1].map((seq) => ({ at: 900 - seq * 100, member: "n0", request: write("ann", seq, seq) }));
    expect(answersTo(requests)).toEqual([
      { ok: true, result: 0 },
      { ok: false, error: { code: "stale_seq", message: "session ann is at 2, its write 1 came too late" } },
    ]);
  });

  test("whose command fails is told so, and nothing has changed", () => {
    const apply = (): never => {
      throw new Error("no such account");
    };
    const requests = [
      { at: 600, member: "n0", request: write("ann", 1, "x") },
      { at: 800, member: "n0", request: read("ann", 2) },
    ];
    expect(answersTo(requests, { apply })).toEqual([
      { ok: false, error: { code: "command_failed", message: "no such account" } },
      { ok: true, result: [] },
    ]);
  });

  test("that asks for nothing that is known is refused", () => {
    const bad: Json[] = [null, "x", { type: "write" }, { type: "read", session: "ann", seq: 1 }, write("ann", -1, 1)];
    expect(answersTo(bad.map((request) => ({ at: 600, member: "n0", request })))).toEqual(bad.map(() => "refused"));
  });
});

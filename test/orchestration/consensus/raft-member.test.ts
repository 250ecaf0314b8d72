import { describe, expect, test } from "vitest";
import { seededRng, UsageError } from "#foundation";
import type { Json } from "#foundation";
import { raft } from "#orchestration";
import type { RaftMachine, RaftMessage, RaftOptions, RaftState } from "#orchestration";

/** A replicated list: a write gets its place, a read the whole list. */
function list(options: Partial<RaftOptions> = {}): RaftMachine {
  return raft({
    initial: [],
    apply: (value, command) => ({ value: [...(value as Json[]), command], result: (value as Json[]).length }),
    ...options,
  });
}

describe("one member", () => {
  const rng = seededRng(1);
  const follower = { ...list().start("a", ["a", "b", "c"]), term: 3 };
  const given = (state: RaftState, message: RaftMessage, from = "b"): ReturnType<RaftMachine["step"]> =>
    list().step(state, { type: "message", at: 0, from, message }, rng);
  const entry = (term: number): RaftState["log"][number] => ({ term, session: "s", seq: term, command: term });
  const ask = { type: "vote", pre: false, term: 4, lastIndex: 0, lastTerm: 0 } as const;

  test("alone leads itself and answers at once", () => {
    const begun = list().step(list().start("a", ["a"]), { type: "begin", at: 0 }, rng);
    const led = list().step(begun.state, { type: "timer", at: 300, timer: "election" }, rng);
    const answered = list().step(
      led.state,
      { type: "request", at: 301, request: { type: "write", session: "s", seq: 1, command: "x" } },
      rng,
    );
    expect(answered.outcomes).toContainEqual({
      type: "answered",
      session: "s",
      seq: 1,
      answer: { ok: true, result: 0 },
    });
  });

  test("votes once in a term, and again for the same", () => {
    const voted = given(follower, ask).state;
    expect([voted.term, voted.votedFor]).toEqual([4, "b"]);
    expect(given(voted, ask, "c").out?.[0]?.message).toMatchObject({ granted: false });
    expect(given(voted, ask, "b").out?.[0]?.message).toMatchObject({ granted: true });
  });

  test("votes for nobody whose log is behind its own", () => {
    const ahead = { ...follower, log: [entry(1), entry(2)] };
    expect(given(ahead, { ...ask, lastIndex: 9, lastTerm: 1 }).out?.[0]?.message).toMatchObject({ granted: false });
    expect(given(ahead, { ...ask, lastIndex: 1, lastTerm: 2 }).out?.[0]?.message).toMatchObject({ granted: false });
    expect(given(ahead, { ...ask, lastIndex: 2, lastTerm: 2 }).out?.[0]?.message).toMatchObject({ granted: true });
  });

  test("cuts its log where a leader's contradicts, and not where an older message is shorter", () => {
    const state = { ...follower, log: [entry(1), entry(2), entry(2)] };
    const append = { type: "append", term: 3, prevIndex: 1, prevTerm: 1, commit: 0, round: 1 } as const;
    expect(given(state, { ...append, entries: [entry(3)] }).state.log).toEqual([entry(1), entry(3)]);
    expect(given(state, { ...append, entries: [entry(2)] }).state.log).toEqual(state.log);
  });

  test("that leads commits an entry of an earlier term only with one of its own (Figure 8)", () => {
    const led = (match: number): RaftState => ({
      ...follower,
      role: "leader",
      leader: "a",
      log: [entry(2), entry(3)],
      match: { a: 0, b: match, c: 0 },
      next: { a: 1, b: match + 1, c: 1 },
      acked: { a: 0, b: 0, c: 0 },
    });
    const appended = (index: number) => ({ type: "appended", term: 3, ok: true, index, round: 1 }) as const;
    expect(given(led(0), appended(1)).state.commit).toBe(0);
    expect(given(led(1), appended(2)).state.commit).toBe(2);
  });

  test("applies an entry that is twice in the log once", () => {
    const twice = {
      type: "append",
      term: 3,
      prevIndex: 0,
      prevTerm: 0,
      commit: 2,
      round: 1,
      entries: [entry(3), entry(3)],
    } as const;
    expect(given(follower, twice).state).toMatchObject({ applied: 2, value: [3] });
  });

  test("takes no message of a stranger", () => {
    expect(given(follower, ask, "mallory")).toEqual({ state: follower, out: [], timers: {}, outcomes: [] });
  });
});

test.each<[string, Partial<RaftOptions>]>([
  ["a heartbeat that is no time", { heartbeatMs: 0 }],
  ["a heartbeat above the election timeout", { heartbeatMs: 200 }],
  ["an election timeout from more to less", { electionTimeoutMs: [300, 150] }],
  ["a timeout that is no number", { electionTimeoutMs: [150, Number.NaN] }],
  ["no entries", { maxEntries: 0 }],
  ["a value that is no JSON", { initial: Number.NaN }],
])("%s is the caller's mistake", (_, options) => {
  expect(() => list(options)).toThrow(UsageError);
});

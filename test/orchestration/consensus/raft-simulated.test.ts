import { expect, test } from "vitest";
import { pick } from "#foundation";
import type { Json, JsonObject, Rng } from "#foundation";
import { raft } from "#orchestration";
import type { RaftMachine, RaftMessage, RaftOutcome, RaftState } from "#orchestration";
import { describeFailure, isLinearizable, raftInvariants, searchSchedules } from "#testing";
import type { Invariant, ScheduledRequest, SchedulesSearched, SimulateOptions, SimulationView } from "#testing";

type View = SimulationView<RaftState, RaftMessage, RaftOutcome>;

const members = ["ann", "bob", "cy", "dee", "eve"];

/** A register: a write gives back what was there before, a read what is there. */
const register: RaftMachine = raft({
  initial: "nothing",
  apply: (value, command) => ({ value: command, result: value }),
});

/** Clients with one operation each, some of whom ask a second member. */
function clients(rng: Rng): ScheduledRequest[] {
  return Array.from({ length: 8 }, (_, place) => {
    const name = { session: `c${place}`, seq: 1 };
    const request: Json =
      rng.next() < 0.5 ? { type: "read", ...name, query: null } : { type: "write", ...name, command: place };
    const atMs = rng.next() * 2_500;
    const again = rng.next() < 0.4 ? [{ atMs: atMs + 300, member: pick(rng, members), request }] : [];
    return [{ atMs, member: pick(rng, members), request }, ...again];
  }).flat();
}

/** What clients asked and heard is what one register would have told them. */
const linearizable: Invariant<RaftState, RaftMessage, RaftOutcome> = ({ last, trace, outcomes }) => {
  if (!last.outcomes.some(({ type }) => type === "answered")) return undefined;
  const asked = new Map<string, { readonly callMs: number; readonly input: JsonObject }>();
  for (const { input, atMs } of trace) {
    if (input.type !== "request") continue;
    const request = input.request as JsonObject;
    const session = String(request["session"]);
    if (!asked.has(session)) asked.set(session, { callMs: atMs, input: request });
  }
  const heard = new Map<string, { readonly returnMs: number; readonly output: Json }>();
  for (const { atMs, outcome } of outcomes) {
    if (outcome.type !== "answered" || !outcome.answer.ok || heard.has(outcome.session)) continue;
    heard.set(outcome.session, { returnMs: atMs, output: outcome.answer.result });
  }
  const history = [...asked].map(([session, operation]) => ({
    ...operation,
    ...(heard.get(session) ?? { returnMs: null, output: null }),
  }));
  const isRight = isLinearizable<Json, JsonObject, Json>(history, {
    initial: "nothing",
    step: (value, input, output) => ({
      state: input["type"] === "write" ? (input["command"] ?? null) : value,
      isRight: output === null || output === value,
    }),
  });
  return isRight ? undefined : JSON.stringify(history);
};

/** One leader whom all follow, and every request that lives has its answer. */
function isSettled({ states }: View): boolean {
  const all = [...states.values()];
  const isOne = all.filter(({ role }) => role === "leader").length === 1;
  return (
    isOne && new Set(all.map(({ leader }) => leader)).size === 1 && all.every(({ waiting }) => waiting.length === 0)
  );
}

function searched(machine: RaftMachine, schedules: number): SchedulesSearched {
  const options: SimulateOptions<RaftState, RaftMessage, RaftOutcome> = {
    machine,
    members,
    invariants: () => ({ ...raftInvariants(), linearizable }),
    liveness: { isDone: isSettled, withinSteps: 5_000 },
  };
  return searchSchedules({ ...options, schedules, seed: "raft", draw: { requests: clients } });
}

test("500 schedules break no invariant, histories are linearizable and all ends well", { timeout: 120_000 }, () => {
  const { failure } = searched(register, 500);
  if (failure !== undefined) expect.fail(describeFailure(failure));
});

test(
  "members that forget whom they voted for are found out, with the least that goes wrong",
  { timeout: 120_000 },
  () => {
    const forgetful: RaftMachine = {
      ...register,
      step: (state, input, rng) => register.step({ ...state, votedFor: null }, input, rng),
    };
    const { failure } = searched(forgetful, 500);
    expect(failure?.violation).toMatchObject({ invariant: "election safety" });
    expect(failure?.minimised.faults.length).toBeLessThanOrEqual(failure?.drawn.faults.length ?? 0);
  },
);

test("a leader that answers reads without asking whether it still leads is found out", { timeout: 120_000 }, () => {
  const hasty: RaftMachine = {
    ...register,
    step: (state, input, rng) =>
      register.step({ ...state, reads: state.reads.map((read) => ({ ...read, round: 0 })) }, input, rng),
  };
  expect(searched(hasty, 500).failure?.violation).toMatchObject({ invariant: "linearizable" });
});

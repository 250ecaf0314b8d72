import type { Json } from "#foundation";
import type { Plan } from "../plan.ts";
import { outputOf } from "../trace.ts";
import type { CallKind, CallRecord } from "../trace.ts";
import { alone } from "./alone.ts";
import { answersAmong, byRound, finishWith, idsOf, lastAnswers, memberCalls, workOn } from "./answers.ts";
import { hubAmong } from "./hub.ts";
import { judgementOf } from "./judgement.ts";
import type { CallRequest, RunSoFar, Step, Topology } from "./topology.ts";

/**
 * The hub plans, the spokes that it gave a task work at once, the hub decides. A hub that plans nothing and has an
 * output has answered itself; one that fails leaves the team's task to every spoke. While evaluators reject the
 * round's answer and rounds are left, the hub plans again and reads what the spokes said.
 */
export const star: Topology = {
  name: "star",
  needsHub: true,
  goesRound: true,
  edges: (members, hub) => {
    if (members.length < 2) return [];
    const center = hubAmong(members, hub);
    return spokesOf(members, center).flatMap((spoke) => [
      { from: center, to: spoke, type: "command" },
      { from: spoke, to: center, type: "data" },
    ]);
  },
  next,
};

function next(plan: Plan, run: RunSoFar): Step {
  if (plan.members.length < 2) return alone(plan, run);
  const rounds = byRound(memberCalls(run));
  const round = rounds.length - 1;
  const calls = rounds[round] ?? [];
  const [planned] = calls;
  if (planned === undefined) return askHub(plan, "plan", { round: 0, seen: [] });
  const work = workAfter(planned, plan);
  const done = ofKind(calls, "work");
  if (work.length > 0 && done.length === 0) return { type: "call", calls: work };
  if (work.length > 0 && ofKind(calls, "decide").length === 0) return askHub(plan, "decide", { round, seen: done });
  const answers = answersOf(calls);
  const latest = answers.at(-1);
  const isLast = rounds.length >= plan.rounds || plan.evaluators.length === 0;
  if (latest === undefined || isLast) return finishWith(lastAnswers(rounds.map(answersOf)));
  const judgement = judgementOf(run, latest.id);
  if (judgement === undefined) return { type: "evaluate", answers: idsOf(answers) };
  if (judgement !== "rejected") return finishWith(answers);
  return askHub(plan, "plan", { round: rounds.length, seen: done });
}

/** What a round came to: the hub's decision, without one what the spokes said, without their work its own answer. */
function answersOf(calls: readonly CallRecord[]): CallRecord[] {
  const work = ofKind(calls, "work");
  return work.length === 0 ? answersAmong(calls) : lastAnswers([work, ofKind(calls, "decide")]);
}

/** The spokes' work after the hub's planning; none when the hub has answered itself. */
function workAfter(planned: CallRecord, plan: Plan): CallRequest[] {
  const { agent: hub, round, outcome } = planned;
  const spokes = spokesOf(plan.members, hub);
  const assignments: Readonly<Record<string, Json>> = (outcome.ok ? outcome.reply.assignments : undefined) ?? {};
  const request = (agent: string): CallRequest => workOn(plan, { agent, round, seen: [planned] });
  const assigned = spokes.filter((spoke) => Object.hasOwn(assignments, spoke));
  if (assigned.length > 0) return assigned.map((spoke) => ({ ...request(spoke), task: assignments[spoke] ?? null }));
  return outputOf(planned) === null ? spokes.map(request) : [];
}

function askHub(plan: Plan, kind: CallKind, call: { round: number; seen: readonly CallRecord[] }): Step {
  const agent = hubAmong(plan.members, plan.hub);
  return { type: "call", calls: [{ ...workOn(plan, { agent, ...call }), kind }] };
}

function spokesOf(members: readonly string[], hub: string): string[] {
  return members.filter((member) => member !== hub);
}

function ofKind(calls: readonly CallRecord[], wanted: CallKind): CallRecord[] {
  return calls.filter(({ kind }) => kind === wanted);
}

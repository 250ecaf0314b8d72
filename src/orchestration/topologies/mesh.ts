import { canonicalJson } from "#foundation";
import type { Plan } from "../plan.ts";
import { outputOf } from "../trace.ts";
import type { CallRecord } from "../trace.ts";
import { alone } from "./alone.ts";
import { answersAmong, byRound, finishWith, lastAnswers, latestAnswers, memberCalls, workOn } from "./answers.ts";
import type { RunSoFar, Step, Topology } from "./topology.ts";

/** A debate: in each round everyone works at once and sees what all others said last. It stops when they agree. */
export const mesh: Topology = {
  name: "mesh",
  needsHub: false,
  goesRound: true,
  edges: (members) =>
    members.flatMap((from) => members.filter((to) => to !== from).map((to) => ({ from, to, type: "data" }))),
  next,
};

function next(plan: Plan, run: RunSoFar): Step {
  const { members } = plan;
  if (members.length < 2) return alone(plan, run);
  const calls = memberCalls(run);
  const rounds = byRound(calls);
  if (rounds.length >= plan.rounds || isAgreed(rounds.at(-1) ?? [])) return finishWith(lastAnswers(rounds));
  const seen = latestAnswers(calls);
  return { type: "call", calls: members.map((agent) => workOn(plan, { agent, round: rounds.length, seen })) };
}

/** Whether all answers are the same one. A round without answers agrees on nothing. */
function isAgreed(round: readonly CallRecord[]): boolean {
  return new Set(answersAmong(round).map((call) => canonicalJson(outputOf(call)))).size === 1;
}

import type { Plan } from "../plan.ts";
import { alone } from "./alone.ts";
import { answersAmong, finishWith, memberCalls, workOn } from "./answers.ts";
import type { RunSoFar, Step, Topology } from "./topology.ts";

/** The task is handed on once, in the members' order. The last answer is the team's. */
export const chain: Topology = {
  name: "chain",
  needsHub: false,
  goesRound: false,
  edges: (members) => members.slice(1).map((to, place) => ({ from: members[place] as string, to, type: "data" })),
  next,
};

function next(plan: Plan, run: RunSoFar): Step {
  if (plan.members.length < 2) return alone(plan, run);
  const calls = memberCalls(run);
  const agent = plan.members[calls.length];
  if (agent === undefined) return finishWith(answersAmong(calls).slice(-1));
  return { type: "call", calls: [workOn(plan, { agent, round: 0, seen: calls.slice(-1) })] };
}

import type { Plan } from "../plan.ts";
import { alone } from "./alone.ts";
import { finishWith, memberCalls, workOn } from "./answers.ts";
import { hubAmong } from "./hub.ts";
import type { RunSoFar, Step, Topology } from "./topology.ts";

/** The task goes to everyone at once, and nobody hears of the others. The first sender is the hub or the first member. */
export const broadcast: Topology = {
  name: "broadcast",
  needsHub: false,
  goesRound: false,
  edges: (members, hub) => {
    if (members.length < 2) return [];
    const sender = hubAmong(members, hub ?? members[0]);
    return members.filter((to) => to !== sender).map((to) => ({ from: sender, to, type: "command" }));
  },
  next,
};

function next(plan: Plan, run: RunSoFar): Step {
  if (plan.members.length < 2) return alone(plan, run);
  const calls = memberCalls(run);
  if (calls.length > 0) return finishWith(calls);
  return { type: "call", calls: plan.members.map((agent) => workOn(plan, { agent, round: 0, seen: [] })) };
}

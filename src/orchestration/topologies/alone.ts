import type { Plan } from "../plan.ts";
import { finishWith, memberCalls, workOn } from "./answers.ts";
import type { RunSoFar, Step } from "./topology.ts";

/** What comes next in a team of fewer than two, whatever its topology: a team of one is the plain agent. */
export function alone(plan: Plan, run: RunSoFar): Step {
  const calls = memberCalls(run);
  const [only] = plan.members;
  if (only === undefined || calls.length > 0) return finishWith(calls);
  return { type: "call", calls: [workOn(plan, { agent: only, round: 0, seen: [] })] };
}

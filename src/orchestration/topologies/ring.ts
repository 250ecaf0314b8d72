import type { Plan } from "../plan.ts";
import { alone } from "./alone.ts";
import { answersAmong, finishWith, idsOf, memberCalls, workOn } from "./answers.ts";
import { judgementOf } from "./judgement.ts";
import type { RunSoFar, Step, Topology } from "./topology.ts";

/**
 * The task is handed round, each sees what the one before it made of it. It stops when the evaluators accept, who
 * judge all answers so far after each one, or after the last round. Without evaluators the last answer is the team's.
 */
export const ring: Topology = {
  name: "ring",
  needsHub: false,
  goesRound: true,
  edges: (members) => {
    if (members.length < 2) return [];
    return members.map((from, place) => ({ from, to: members[(place + 1) % members.length] as string, type: "data" }));
  },
  next,
};

function next(plan: Plan, run: RunSoFar): Step {
  const { members, rounds, evaluators } = plan;
  if (members.length < 2) return alone(plan, run);
  const turns = memberCalls(run);
  const answers = answersAmong(turns);
  const latest = turns.at(-1);
  if (evaluators.length > 0 && latest !== undefined && latest === answers.at(-1)) {
    const judgement = judgementOf(run, latest.id);
    if (judgement === undefined) return { type: "evaluate", answers: idsOf(answers) };
    if (judgement === "accepted") return finishWith(answers);
  }
  const round = Math.floor(turns.length / members.length);
  if (round >= rounds) return finishWith(evaluators.length > 0 ? answers : answers.slice(-1));
  const agent = members[turns.length % members.length] as string;
  return { type: "call", calls: [workOn(plan, { agent, round, seen: turns.slice(-1) })] };
}

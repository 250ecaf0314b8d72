import type { TeamCall, TeamReply } from "tutti/orchestration";
import { isTask } from "../tasks/task.ts";
import { aTask, misunderstood, programs } from "./misunderstood.ts";
import { areProposed } from "./proposed.ts";
import { routingCell } from "./routing-cell.ts";

/** The hub of a star: routes a task by what its pairs look like, and hands on what the chosen coder found. */
export function plan(call: TeamCall): TeamReply {
  return call.kind === "plan" ? route(call) : handOn(call);
}

function route({ task, parameters, spokes = [] }: TeamCall): TeamReply {
  if (!isTask(task)) return misunderstood(aTask, task);
  const { row, column } = routingCell(task.train);
  const routed = parameters[`${row}_to_${column}`];
  const chosen = spokes.find((spoke) => spoke === routed) ?? spokes[0];
  return chosen === undefined ? { output: null } : { output: null, assignments: { [chosen]: task } };
}

function handOn({ inbox }: TeamCall): TeamReply {
  const found = inbox.map(({ output }) => output);
  const strange = found.find((output) => !areProposed(output));
  if (strange !== undefined) return misunderstood(programs, strange);
  return { output: found.length === 0 ? null : found.flat() };
}

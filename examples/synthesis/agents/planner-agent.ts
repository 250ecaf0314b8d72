import type { Json } from "tutti/foundation";
import type { TeamCall, TeamReply } from "tutti/orchestration";
import { routingCell } from "../features.ts";
import type { Task } from "../visible-task.ts";

/** The hub of a star: routes a task by what its pairs look like, and hands on what the chosen coder found. */
export function plan({ kind, task, inbox, parameters, spokes = [] }: TeamCall): TeamReply {
  if (kind !== "plan") {
    const found = inbox.flatMap(({ output }) => output as readonly Json[]);
    return { output: found.length === 0 ? null : found };
  }
  const { row, column } = routingCell((task as unknown as Task).train);
  const routed = parameters[`${row}_to_${column}`] as string | undefined;
  const chosen = spokes.includes(routed ?? "") ? (routed as string) : spokes[0];
  return chosen === undefined ? { output: null } : { output: null, assignments: { [chosen]: task } };
}

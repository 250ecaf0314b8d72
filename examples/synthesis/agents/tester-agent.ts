import type { Json } from "tutti/foundation";
import type { TeamCall, TeamReply } from "tutti/orchestration";
import { isTask } from "../tasks/task.ts";
import type { Examiner } from "./examiner.ts";
import { aTask, misunderstood, programs } from "./misunderstood.ts";
import { areProposed, isProposed } from "./proposed.ts";

/**
 * Runs the chosen program in the sandbox on the pairs that its coder was shown. More failures than the coder admitted,
 * and it is turned down with the counter-examples.
 */
export async function test(call: TeamCall, examiner: Examiner): Promise<TeamReply> {
  const { task } = call;
  const chosen = chosenProgram(call);
  if (chosen === null) return { output: null, accepted: false };
  if (!isTask(task)) return misunderstood(aTask, task);
  if (!isProposed(chosen)) return misunderstood(programs, chosen);
  const wrong = await examiner.failures(chosen.source, task.train.slice(0, chosen.seen));
  if (wrong.length <= chosen.errors) return { output: chosen, accepted: true };
  return { output: null, accepted: false, feedback: wrong.slice(0, 3).join("; ") };
}

/** What the reviewer chose or, without one, the first program of the first answer. */
function chosenProgram({ inbox, verdict }: TeamCall): Json {
  if (verdict !== undefined) return verdict.output;
  const answer = inbox[0]?.output ?? null;
  return areProposed(answer) ? (answer[0] ?? null) : answer;
}

import type { Json } from "tutti/foundation";
import type { TeamCall, TeamReply } from "tutti/orchestration";
import type { Examiner } from "../examiner.ts";
import type { Task } from "../visible-task.ts";
import type { Proposed } from "./proposed.ts";

/**
 * Runs the chosen program in the sandbox on the pairs that its coder was shown. More failures than the coder admitted,
 * and it is turned down with the counter-examples.
 */
export async function test({ task, inbox, verdict }: TeamCall, examiner: Examiner): Promise<TeamReply> {
  const answer = verdict === undefined ? (inbox[0]?.output as readonly Json[] | undefined)?.[0] : verdict.output;
  const chosen = (answer ?? null) as unknown as Proposed | null;
  if (chosen === null) return { output: null, accepted: false };
  const shown = (task as unknown as Task).train.slice(0, chosen.seen);
  const wrong = await examiner.failures(chosen.source, shown);
  if (wrong.length <= chosen.errors) return { output: chosen as unknown as Json, accepted: true };
  return { output: null, accepted: false, feedback: wrong.slice(0, 3).join("; ") };
}

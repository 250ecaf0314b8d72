import { teamAgent } from "tutti/orchestration";
import type { TeamCall, TeamReply } from "tutti/orchestration";
import type { CoderId } from "../coders/coder-parameters.ts";
import { coders } from "../coders/coders.ts";
import { isTask } from "../tasks/task.ts";
import { aTask, misunderstood } from "./misunderstood.ts";
import type { Proposed } from "./proposed.ts";

/** A coder in a worker thread: searches for programs that fit the pairs it may see, within its grants. */
export const coderAgent = teamAgent("coder", (call, { settings }) => propose(call, settings["coder"] as CoderId));

function propose({ task, grants, parameters }: TeamCall, coder: CoderId): TeamReply {
  if (!isTask(task)) return misunderstood(aTask, task);
  const { train, probes } = task;
  const shown = train.slice(0, grants["views"] ?? train.length);
  const budget = grants["operations"] ?? 0;
  const { candidates, cost } = coders[coder]({ train: shown, probes }, { budget, parameters });
  const used = { operations: cost, views: shown.length };
  const proposed = candidates.map((candidate): Proposed => ({ ...candidate, seen: shown.length }));
  return { output: proposed.length === 0 ? null : proposed, used };
}

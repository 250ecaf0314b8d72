import { isPlainObject } from "tutti/foundation";
import type { Json } from "tutti/foundation";
import { teamAgent } from "tutti/orchestration";
import type { TeamCall, TeamReply } from "tutti/orchestration";
import { coders } from "../coders.ts";
import type { CoderId } from "../coder-parameters.ts";
import type { Pair, Task } from "../visible-task.ts";
import type { Proposed } from "./proposed.ts";

/** A coder in a worker thread: searches for programs that fit the pairs it may see, within its grants. */
export const coderAgent = teamAgent("coder", (call, { settings }) => propose(call, settings["coder"] as CoderId));

function propose({ task, grants, parameters }: TeamCall, coder: CoderId): TeamReply {
  const defect = taskDefect(task);
  if (defect !== undefined) return { output: null, failure: { code: "invalid_task", message: defect } };
  const { train, probes } = task as unknown as Task;
  const seen = train.slice(0, grants["views"] ?? train.length);
  const budget = grants["operations"] ?? 0;
  const { candidates, cost } = coders[coder](
    { train: seen, probes },
    { budget, parameters: parameters as Record<string, Json> },
  );
  const used = { operations: cost, views: seen.length };
  const proposed = candidates.map((candidate): Proposed => ({ ...candidate, seen: seen.length }));
  return { output: proposed.length === 0 ? null : (proposed as unknown as Json), used };
}

/** Why something is no task, or `undefined`. */
function taskDefect(task: Json): string | undefined {
  if (!isPlainObject(task) || !Array.isArray(task["train"]) || !Array.isArray(task["probes"]))
    return "expected a task { train, probes }";
  const isPair = (pair: unknown): pair is Pair =>
    isPlainObject(pair) && Array.isArray(pair["input"]) && pair["output"] !== undefined;
  if (!task["train"].every(isPair)) return "train: expected pairs { input: [arguments], output }";
  return task["probes"].every(Array.isArray) ? undefined : "probes: expected lists of arguments";
}

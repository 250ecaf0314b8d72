import { describe, isPlainObject, messageOf, UsageError } from "#foundation";
import { TeamError } from "#orchestration";
import type { LiveTeam } from "#orchestration";
import type { DetailedScore, Score } from "#programs";
import type { TeamRunResult } from "./performance/team-run-result.ts";
import type { TeamExample } from "./team-example.ts";
import type { TeamMetric } from "./team-metric.ts";
import { runOnce } from "./team-program.ts";
import type { RunOnceOptions } from "./team-program.ts";

/** What came of one example. A failure is an answer: it counts 0 and never ends the evaluation. */
export type TeamOutcome =
  | (DetailedScore & { readonly ok: true; readonly result: TeamRunResult })
  /** The metric threw, or the team had no plan for its configuration; `result` is there where it was the metric. */
  | { readonly ok: false; readonly message: string; readonly result?: TeamRunResult };

/** What an outcome counts as. */
export function scoreIn(outcome: TeamOutcome): number {
  return outcome.ok ? outcome.score : 0;
}

/** Runs one example and scores it. Rejects with the signal's reason, and when the team is not running. */
export async function outcomeOf(
  live: LiveTeam,
  example: TeamExample,
  metric: TeamMetric,
  options: RunOnceOptions,
): Promise<TeamOutcome> {
  let result: TeamRunResult | undefined;
  try {
    result = await runOnce(live, example.input, options);
    return { ok: true, ...detailed(await metric(result, example)), result };
  } catch (error) {
    if (options.signal?.aborted === true) throw options.signal.reason;
    if (error instanceof UsageError && result === undefined) throw error;
    if (error instanceof TeamError && error.code === "not_running") throw error;
    return { ok: false, message: messageOf(error), ...(result === undefined ? {} : { result }) };
  }
}

function detailed(given: Score): DetailedScore {
  const detail: unknown = typeof given === "number" ? { score: given } : given;
  if (!isPlainObject(detail) || !Number.isFinite(detail["score"])) throw noScore(describe(given));
  const { score, feedback, objectives } = detail as unknown as DetailedScore;
  const wrong = Object.entries(objectives ?? {}).find(([, value]) => !Number.isFinite(value));
  if (wrong !== undefined) throw noScore(`${describe(wrong[1])} as objective ${wrong[0]}`);
  return {
    score,
    ...(feedback === undefined ? {} : { feedback }),
    ...(objectives === undefined ? {} : { objectives }),
  };
}

function noScore(got: string): TypeError {
  return new TypeError(`the metric: expected a finite number or { score, feedback, objectives }, got ${got}`);
}

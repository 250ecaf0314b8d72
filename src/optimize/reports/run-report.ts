import { canonicalJson, present } from "#foundation";
import type { Id, JsonObject } from "#foundation";
import { addUsage, noUsage } from "#programs";
import type { Usage } from "#programs";
import { settleConfiguration } from "#variables";
import type { Configuration, Space } from "#variables";
import type { Budget, Spend } from "../run/account/budget.ts";
import { leastConfigurations, variableImportance } from "../importance/importance.ts";
import type { VariableImportance } from "../importance/importance.ts";
import { reportOf } from "../run/report.ts";
import type { Comparison, Report } from "../run/report.ts";
import type { RunEvent } from "../run/run-event.ts";
import type { CostWeight } from "../run/account/cost-weight.ts";
import type { RunRecord } from "../run/run-record.ts";
import type { Objectives } from "../search/sampler.ts";
import type { Split } from "../teleprompter.ts";
import { amortisation } from "./amortisation.ts";
import type { Amortisation, PaidUses } from "./amortisation.ts";
import { readLog, unknownTeleprompter } from "./read-log.ts";
import type { CurvePoint, LogReading } from "./read-log.ts";
import { reportedCandidates } from "./reported-candidate.ts";
import { reportedFront } from "./reported-front.ts";
import type { ReportedFront } from "./reported-front.ts";
import type { ReportedCandidate } from "./reported-candidate.ts";
import type { TrialTally } from "./trial-tally.ts";

/** All that can be told of a run, finished or not, from what is stored of it. Plain JSON. */
export interface RunReport {
  /** The form of this report. */
  readonly schema: 1;
  readonly run: ReportedRun;
  readonly space: Space;
  readonly baseline: Configuration;
  readonly status: Report["status"];
  /** Why the run ended; empty while it goes on. */
  readonly reason: string;
  /** The configuration to use: the winner where its gain is significant, else the baseline. */
  readonly configuration: Configuration;
  readonly significant: boolean;
  readonly judgedOn: Report["judgedOn"];
  readonly validation: Comparison | null;
  readonly heldOut: Comparison | null;
  /**
   * The candidate that was found best: the one of the final comparison (`by` comparison) or, where there was none, that
   * of the curve (`by` score), which the teleprompter may see otherwise.
   */
  readonly winner: { readonly candidate: number; readonly by: "comparison" | "score" } | null;
  /** In the order in which they were asked for. */
  readonly candidates: readonly ReportedCandidate[];
  /** The best compromises between score, cost and the metric's further goals; null where there is nothing to choose. */
  readonly front: ReportedFront | null;
  readonly curve: readonly CurvePoint[];
  readonly importance: ReportedImportance;
  /** What examples failed with and how often, the most frequent first, at most five. */
  readonly failures: NonNullable<Report["failures"]>;
  readonly spend: Spend;
  readonly amortisation: Amortisation;
}

/** What a run was started with. */
export interface ReportedRun {
  readonly id: Id<"run">;
  readonly program: string;
  readonly programId?: string;
  readonly teleprompter: { readonly name: string; readonly options: JsonObject };
  readonly model: string;
  readonly sizes: Readonly<Record<Split, number>>;
  readonly budget: Budget;
  /** What a unit of cost counts against the score; the winner is then chosen and judged by its score less its cost. */
  readonly costWeight?: CostWeight;
  readonly maxPromptTokens?: number;
  readonly seed: string;
  readonly concurrency: number;
  readonly deterministic: boolean;
  readonly createdAt: number;
}

/** Which variables the validation score depends on, over all candidates that were measured in full. */
export type ReportedImportance =
  | { readonly known: true; readonly candidates: number; readonly shares: readonly VariableImportance[] }
  | { readonly known: false; readonly reason: string };

/**
 * The report of a run, from its record and its log as far as it goes. Pure; the teleprompter's code is not needed.
 * `events` are those of the run, in order.
 */
export function runReport(record: RunRecord, events: readonly RunEvent[]): RunReport {
  const log = readLog(events);
  const winner = winnerOf(record, log);
  const report = comparedReport(record, log, winner === null ? undefined : log.trials[winner.candidate]);
  const candidates = reportedCandidates(record, log.trials);
  const { configuration, significant, judgedOn, validation = null, heldOut = null } = report;
  const { failures = [], spend, status, reason } = report;
  return {
    schema: 1,
    run: runOf(record),
    space: record.space,
    baseline: record.baseline,
    status,
    reason,
    configuration,
    significant,
    judgedOn,
    validation,
    heldOut,
    winner,
    candidates,
    front: reportedFront(candidates, log.trials, searchedObjectives(record)),
    curve: log.curve,
    importance: importanceOf(record.space, candidates),
    failures,
    spend,
    amortisation: amortisationOf(record, log, report),
  };
}

function runOf(record: RunRecord): ReportedRun {
  const { id, program, programId, teleprompter, model, sizes, budget, costWeight, maxPromptTokens } = record;
  const { seed, concurrency, deterministic, createdAt } = record;
  const options = { id, program: program.name, ...present({ programId }), teleprompter, model, sizes, budget };
  return { ...options, ...present({ costWeight, maxPromptTokens }), seed, concurrency, deterministic, createdAt };
}

/** What the search was for in place of the score, where its options say so. */
function searchedObjectives({ teleprompter }: RunRecord): Objectives | undefined {
  const { objectives } = teleprompter.options;
  return objectives as Objectives | undefined;
}

function winnerOf({ report }: RunRecord, { compared, trials, curve }: LogReading): RunReport["winner"] {
  const named = compared ?? (report?.significant === true ? report.configuration : undefined);
  const key = named && canonicalJson(named);
  const trial = trials.find(({ configuration }) => canonicalJson(configuration) === key);
  if (trial !== undefined) return { candidate: trial.number, by: "comparison" };
  const best = curve.at(-1)?.best;
  return best ? { candidate: best.candidate, by: "score" } : null;
}

/** What the run itself found where it has ended, else what stands now. */
function comparedReport(record: RunRecord, { state }: LogReading, winner: TrialTally | undefined): Report {
  if (record.report !== undefined && record.report.status === state.status) return record.report;
  const { baseline, budget, deterministic, sizes } = record;
  const found = winner && { configuration: winner.configuration, score: Number.NaN, work: winner.work };
  const teleprompter = { ...unknownTeleprompter, incumbent: () => found };
  const rest = { budget, deterministic, testSize: sizes.test, maxPending: 1, stages: 1, headroom: {} };
  return reportOf({ teleprompter, baseline, ...rest }, state);
}

function importanceOf(space: Space, candidates: readonly ReportedCandidate[]): ReportedImportance {
  const measured = candidates.flatMap(({ configuration, score, isPartial }) =>
    score === null || isPartial ? [] : [{ configuration, score }],
  );
  const different = new Set(
    measured.map(({ configuration }) => canonicalJson(settleConfiguration(space, configuration))),
  );
  if (different.size >= leastConfigurations)
    return { known: true, candidates: different.size, shares: variableImportance(measured, space) };
  const reason = `it takes ${leastConfigurations} different configurations measured in full, and there are ${different.size}`;
  return { known: false, reason };
}

function amortisationOf(record: RunRecord, { state, trials }: LogReading, report: Report): Amortisation {
  const { configuration, spend, heldOut, validation } = report;
  const [own, chosen] = [canonicalJson(record.baseline), canonicalJson(configuration)];
  if (own === chosen) return { known: false, reason: "the baseline is the configuration to use" };
  const held = (name: "baseline" | "winner"): PaidUses => {
    const results = state.heldOut[`held-out-${name}`] ?? [];
    return { uses: results.length, usage: totalOf(results) };
  };
  if (heldOut !== undefined)
    return amortisation(spend, {
      measuredOn: "test",
      baseline: held("baseline"),
      chosen: held("winner"),
      gain: heldOut.gain,
    });
  if (validation === undefined) return { known: false, reason: "nothing was compared" };
  const paid = (key: string): PaidUses => {
    const trial = trials.find((each) => canonicalJson(each.configuration) === key);
    return trial === undefined ? { uses: 0, usage: noUsage } : { uses: trial.runs, usage: trial.usage };
  };
  return amortisation(spend, {
    measuredOn: "validation",
    baseline: paid(own),
    chosen: paid(chosen),
    gain: validation.gain,
  });
}

function totalOf(results: readonly { readonly usage: Usage }[]): Usage {
  return results.reduce((total, { usage }) => addUsage(total, usage), noUsage);
}

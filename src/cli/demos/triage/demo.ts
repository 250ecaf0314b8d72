import { sampleItems, seededRng, systemClock } from "#foundation";
import type { Json, Store } from "#foundation";
import { iclModel } from "#models/icl";
import { bootstrapFewShot, readRecord, startRun } from "#optimize";
import type { Measurement, Report, RunCode, Runner, RunRecord } from "#optimize";
import { demoOf, evaluate } from "#programs";
import type { EvaluationSummary, Interval } from "#programs";
import type { RunSource } from "../../code/run-source.ts";
import { storedProgramOf } from "../../code/stored-program.ts";
import { CliError } from "../../cli-error.ts";
import { maxDemos, triageExamples, triageMetric, triageProgram, triageSpace } from "./program.ts";

export interface TriageDemoOptions {
  readonly seed: number;
  readonly store: Store;
  readonly signal?: AbortSignal;
  /** Sees the run to its end; it just waits unless told. */
  readonly drive?: (runner: Runner, record: RunRecord) => Promise<Report>;
}

/** Accuracy on the held-out tickets, with its 95 % interval and the tokens it took. */
export interface TriageRow {
  readonly accuracy: number;
  readonly interval: Interval;
  readonly tokensPerTicket: number;
}

/** What the demo measures. */
export interface TriageFigures {
  readonly seed: number;
  readonly run: string;
  readonly tickets: { readonly train: number; readonly validation: number; readonly test: number };
  readonly default: TriageRow;
  /** As many labelled demonstrations as the optimised program has, drawn at random: what no search costs. */
  readonly randomDemos: TriageRow;
  readonly optimized: TriageRow;
  /** Optimised − default on the same tickets, with its paired 95 % interval. */
  readonly gain: { readonly mean: number; readonly interval: Interval };
  readonly significant: boolean;
  readonly teleprompter: string;
  readonly report: Report;
  readonly wallMs: number;
}

/** Takes the run up again after an interruption. */
export function triageCode(): Omit<RunCode, "store"> {
  return { metric: triageMetric as RunCode["metric"], model: iclModel() };
}

const source: RunSource = { kind: "demo", demo: "triage" };

/**
 * The main job: optimises the triage program on generated tickets, offline, and measures default, random demonstrations
 * and the optimised program on held-out tickets that nothing was chosen on.
 */
export async function runTriageDemo(options: TriageDemoOptions): Promise<TriageFigures> {
  const { seed, store, signal, drive = ({ finished }): Promise<Report> => finished } = options;
  const start = systemClock.now();
  const rng = seededRng(seed);
  const examples = triageExamples(rng.fork("tickets"));
  const space = triageSpace(examples.train);
  const model = iclModel();
  // Only what the program itself gets right becomes a demonstration, which leaves out most of the wrongly filed tickets.
  const teleprompter = bootstrapFewShot({ maxDemos, maxBootstrapped: maxDemos, candidates: 16 });
  const drawn = sampleItems(rng.fork("random demos"), examples.train.map(demoOf), maxDemos);
  const overrides = { "predict.demos": drawn as unknown as Json };
  const random = await evaluate(triageProgram, examples.test, triageMetric, { model, overrides, signal }).summary();
  const programId = await storedProgramOf(store, "demo triage", triageProgram, space);
  await using runner = await startRun({
    ...examples,
    program: triageProgram,
    programId,
    space,
    teleprompter,
    metric: triageMetric,
    model,
    store,
    seed,
    deterministic: true,
    source,
  });
  const report = await drive(runner, await readRecord(store, runner.id));
  const heldOut = report.heldOut;
  if (heldOut === undefined)
    throw new CliError("failed", `run ${runner.id} ended before its comparison: ${report.reason}`);
  const { train, validation, test } = examples;
  return {
    seed,
    run: runner.id,
    tickets: { train: train.length, validation: validation.length, test: test.length },
    default: rowOf(heldOut.baseline, heldOut.examples),
    randomDemos: summaryRow(random),
    optimized: rowOf(heldOut.winner, heldOut.examples),
    gain: heldOut.gain,
    significant: report.significant,
    teleprompter: teleprompter.name,
    report,
    wallMs: systemClock.now() - start,
  };
}

function rowOf({ score, interval, usage }: Measurement, tickets: number): TriageRow {
  return { accuracy: score, interval, tokensPerTicket: (usage.inputTokens + usage.outputTokens) / tickets };
}

function summaryRow({ score, interval = [0, 0], counted, usage }: EvaluationSummary): TriageRow {
  return { accuracy: score, interval, tokensPerTicket: (usage.inputTokens + usage.outputTokens) / counted };
}

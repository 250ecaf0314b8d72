import { basename } from "node:path";
import { evaluate } from "#programs";
import type { EvaluationSummary, Evaluation, FailedOutcome } from "#programs";
import { chosenProgram } from "../code/chosen-program.ts";
import { CliError } from "../cli-error.ts";
import { chooseMetric } from "../code/chosen-metric.ts";
import { thrownAt } from "../code/error-place.ts";
import { chooseModel } from "../code/model-named.ts";
import { loadUserFile } from "../code/user-file.ts";
import { exitCodeOf, exitCodes } from "../exit-code.ts";
import type { ExitCode } from "../exit-code.ts";
import { readExamplesFile } from "../input/examples-file.ts";
import { readNumber, readWhole } from "../input/key-values.ts";
import { interruption } from "../interrupt.ts";
import { commonestFailures, failureKinds } from "../reports/failures-text.ts";
import type { Session } from "../session.ts";
import { count, counted, interval, score } from "../terminal/words.ts";

export interface EvalOptions {
  readonly data: string;
  readonly program?: string;
  readonly minScore?: string;
  readonly concurrency?: string;
  readonly from?: string;
}

/** An evaluation that has ended. */
interface Evaluated {
  readonly summary: EvaluationSummary;
  /** What the examples said that failed. */
  readonly failures: readonly string[];
}

/** More failures of the world than this share of the examples end an evaluation: going on would waste money. */
const maxFailedShare = 0.2;

/** `tutti eval FILE --data …`: scores a program on examples. */
export async function evalCommand(file: string, options: EvalOptions, session: Session): Promise<ExitCode> {
  const { out, signal } = session;
  const minScore = options.minScore === undefined ? undefined : readNumber(options.minScore, "--min-score");
  const concurrency = readWhole(options.concurrency ?? "8", "--concurrency", 1);
  const { path, program: written, modules, metric: exported, model: own } = await loadUserFile(file, options.program);
  const { signature } = written;
  const examples = await readExamplesFile(options.data, signature, (text) => out.note(text));
  const chosen = chooseMetric({ file, exported, signature }, examples, options.data);
  const { program, overrides } = await chosenProgram(options.from, written, session);
  const { model, note } = await chooseModel(session.model, own, file);
  if (note !== undefined) out.note(note);
  out.note(chosen.note);
  const evaluation = evaluate(program, examples, chosen.metric, { model, modules, overrides, concurrency, signal });
  const evaluated = await watch(evaluation, { total: examples.length, path }, session);
  printSummary(`${program.name} on ${basename(options.data)}`, evaluated, session);
  const { summary, failures } = evaluated;
  const target = minScore === undefined ? {} : { met: summary.score >= minScore };
  out.event({
    type: "result",
    program: program.name,
    model: model.id,
    ...summary,
    ...target,
    failures: failureKinds(failures),
  });
  if (failures.length === examples.length) {
    out.note(`all ${counted(failures.length, "example")} failed: nothing was scored`);
    return exitCodes.failed;
  }
  if (target.met !== false) return exitCodes.ok;
  out.note(`the score ${score(summary.score)} is below --min-score ${minScore}`);
  return exitCodes.targetMissed;
}

async function watch(
  evaluation: Evaluation,
  { total, path }: { readonly total: number; readonly path: string },
  { out, signal }: Session,
): Promise<Evaluated> {
  using progress = out.progress();
  const failures: string[] = [];
  let [done, sum, lost] = [0, 0, 0];
  try {
    for await (const outcome of evaluation) {
      done++;
      const { index, ok } = outcome;
      if (ok) sum += outcome.score;
      else {
        failures.push(`${outcome.error.message}${thrownAt(path, outcome.error)}`);
        if (outcome.failure === "infrastructure") checkWorld(outcome, { done, lost: ++lost, total });
      }
      const detail = ok ? { score: outcome.score } : { failure: outcome.failure, message: outcome.error.message };
      out.event({ type: "example", index, ok, ...detail });
      progress.show(
        done / total,
        `${count(done)} of ${counted(total, "example")} · score ${score(sum / (done - lost))}`,
      );
    }
  } catch (error) {
    if (signal.aborted) throw interruption(signal, `interrupted after ${counted(done, "example")}; nothing is kept`);
    throw error;
  }
  return { summary: await evaluation.summary(), failures };
}

/** Throws when going on is useless: at the first refused key, and when too many examples got no answer. */
function checkWorld(
  { error }: FailedOutcome,
  { done, lost, total }: { readonly done: number; readonly lost: number; readonly total: number },
): void {
  if (exitCodeOf(error) === exitCodes.configuration) throw error;
  if (lost <= maxFailedShare * total) return;
  const message = `${lost} of ${done} examples got no answer; the last said: ${error.message}`;
  throw new CliError("unreachable", message, { cause: error });
}

function printSummary(title: string, { summary, failures }: Evaluated, { out }: Session): void {
  const { candidateFailures, infrastructureFailures, usage, interval: range } = summary;
  out.print(
    `${title}: ${out.bold(`score ${score(summary.score)}`)}${range === undefined ? "" : `, 95 % interval ${interval(range)}`}`,
    `${counted(summary.counted, "example")}, ${counted(usage.calls, "model call")}, ${counted(usage.inputTokens + usage.outputTokens, "token")}`,
  );
  if (candidateFailures > 0) out.print(`${counted(candidateFailures, "example")} failed and counted as 0`);
  if (infrastructureFailures > 0)
    out.print(`${counted(infrastructureFailures, "example")} got no answer from the provider and counted nowhere`);
  out.print(...commonestFailures(failures));
}

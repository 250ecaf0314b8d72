import { basename } from "node:path";
import { evaluate } from "#programs";
import type { EvaluationSummary, Evaluation } from "#programs";
import { chosenConfiguration } from "../code/chosen-configuration.ts";
import { CliError } from "../cli-error.ts";
import { defaultMetric } from "../code/default-metric.ts";
import { chooseModel } from "../code/model-named.ts";
import { loadUserFile } from "../code/user-file.ts";
import { exitCodes } from "../exit-code.ts";
import type { ExitCode } from "../exit-code.ts";
import { readExamplesFile } from "../input/examples-file.ts";
import { readNumber, readWhole } from "../input/key-values.ts";
import type { Session } from "../session.ts";
import { count, counted, interval, score } from "../terminal/words.ts";

export interface EvalOptions {
  readonly data: string;
  readonly program?: string;
  readonly minScore?: string;
  readonly concurrency?: string;
  readonly from?: string;
}

/** More failures of the world than this share of the examples end an evaluation: going on would waste money. */
const maxFailedShare = 0.2;

/** `tutti eval FILE --data …`: scores a program on examples. */
export async function evalCommand(file: string, options: EvalOptions, session: Session): Promise<ExitCode> {
  const { out } = session;
  const minScore = options.minScore === undefined ? undefined : readNumber(options.minScore, "--min-score");
  const concurrency = readWhole(options.concurrency ?? "8", "--concurrency", 1);
  const { program, modules, metric: exported, model: own } = await loadUserFile(file, options.program);
  const examples = await readExamplesFile(options.data, program.signature);
  const metric = exported ?? defaultMetric(program.signature, examples, options.data);
  const overrides = await chosenConfiguration(options.from, program, session);
  const { model, note } = await chooseModel(session.model, own, file);
  if (note !== undefined) out.note(note);
  const { signal } = session;
  const evaluation = evaluate(program, examples, metric, { model, modules, overrides, concurrency, signal });
  const summary = await watch(evaluation, examples.length, session);
  printSummary(`${program.name} on ${basename(options.data)}`, summary, session);
  const met = minScore === undefined || summary.score >= minScore;
  if (!met) out.note(`the score ${score(summary.score)} is below --min-score ${minScore}`);
  out.event({ type: "result", program: program.name, model: model.id, ...summary, met });
  return met ? exitCodes.ok : exitCodes.targetMissed;
}

async function watch(evaluation: Evaluation, total: number, { out, signal }: Session): Promise<EvaluationSummary> {
  using progress = out.progress();
  let [done, sum, failed] = [0, 0, 0];
  try {
    for await (const outcome of evaluation) {
      done++;
      if (outcome.ok) sum += outcome.score;
      else if (outcome.failure === "infrastructure" && ++failed > maxFailedShare * total)
        throw new CliError(
          "unreachable",
          `${failed} of ${done} examples got no answer; the last said: ${outcome.error.message}`,
          {
            cause: outcome.error,
          },
        );
      const { index, ok } = outcome;
      const detail = ok ? { score: outcome.score } : { failure: outcome.failure, message: outcome.error.message };
      out.event({ type: "example", index, ok, ...detail });
      progress.show(
        done / total,
        `${count(done)} of ${counted(total, "example")} · score ${score(sum / (done - failed))}`,
      );
    }
  } catch (error) {
    if (signal.aborted)
      throw new CliError("interrupted", `interrupted after ${counted(done, "example")}; nothing is kept`);
    throw error;
  }
  return evaluation.summary();
}

function printSummary(title: string, summary: EvaluationSummary, { out }: Session): void {
  const { candidateFailures, infrastructureFailures, usage, interval: range } = summary;
  out.print(
    `${title}: ${out.bold(`score ${score(summary.score)}`)}${range === undefined ? "" : `, 95 % interval ${interval(range)}`}`,
    `${counted(summary.counted, "example")}, ${counted(usage.calls, "model call")}, ${counted(usage.inputTokens + usage.outputTokens, "token")}`,
  );
  if (candidateFailures > 0) out.print(`${counted(candidateFailures, "example")} failed and counted as 0`);
  if (infrastructureFailures > 0)
    out.print(`${counted(infrastructureFailures, "example")} got no answer from the provider and counted nowhere`);
}

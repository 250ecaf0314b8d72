// A process that drives one run of the triage program against its parent's model server, to be killed in the middle of it:
// `crashed-run.ts STORE URL TELEPROMPTER [RUN]`. Prints the run's id, then what it came to without times and spend.
import { seededRng } from "#foundation";
import { languageModelFrom } from "#models";
import { resumeRun, startRun, teleprompterNamed } from "#optimize";
import { sqliteStore } from "#storage/sqlite";
import { triageExamples, triageMetric, triageProgram, triageSpace } from "../../src/cli/demos/triage/program.ts";
import { smallRuns } from "../../test/optimize/small-runs.ts";

const [path = "", url = "", name = "", run] = process.argv.slice(2);
await using store = await sqliteStore({ path });
const code = { store, metric: triageMetric, model: languageModelFrom({ id: "icl-base-1", url }) };
const { train, validation, test } = triageExamples(seededRng("crashes").fork("tickets"));
const sets = { train: train.slice(0, 32), validation: validation.slice(0, 32), test: test.slice(0, 24) };
const runner =
  run === undefined
    ? await startRun({
        ...code,
        ...sets,
        program: triageProgram,
        space: triageSpace(sets.train),
        teleprompter: teleprompterNamed(name, smallRuns[name]),
        seed: 7,
        concurrency: 4,
        deterministic: true,
      })
    : await resumeRun(run, code);
console.log(runner.id);
const { spend: _spend, ...report } = await runner.finished;
console.log(JSON.stringify(report));

import { integerBelow, seededRng, shuffle, systemRng, UsageError } from "#foundation";
import { checkBudget, checkRun, readRecord, startRun } from "#optimize";
import type { Budget, StartOptions, Teleprompter } from "#optimize";
import type { Example, Program, Signature } from "#programs";
import type { Space } from "#variables";
import { budgetWarnings } from "../code/budget-need.ts";
import { chooseMetric } from "../code/chosen-metric.ts";
import { driveRun } from "../code/drive-run.ts";
import { chooseModel } from "../code/model-named.ts";
import type { RunSource } from "../code/run-source.ts";
import { defaultSpace, withPools } from "../code/search-space.ts";
import { searchedVariables } from "../code/searched-variables.ts";
import { storedProgramOf } from "../code/stored-program.ts";
import { loadUserFile } from "../code/user-file.ts";
import { watchedModel } from "../code/watched-model.ts";
import type { WatchedModel } from "../code/watched-model.ts";
import { exitCodes } from "../exit-code.ts";
import type { ExitCode } from "../exit-code.ts";
import { readExamplesFile } from "../input/examples-file.ts";
import { readKeyValues, readWhole } from "../input/key-values.ts";
import { readTeleprompter } from "../input/teleprompter-option.ts";
import { finishRun } from "../reports/finish-run.ts";
import { openStore } from "../session.ts";
import type { Session } from "../session.ts";
import { counted } from "../terminal/words.ts";

export interface OptimizeOptions {
  readonly train: string;
  readonly validation?: string;
  readonly test?: string;
  readonly teleprompter: string;
  readonly budget?: string;
  readonly seed?: string;
  readonly concurrency?: string;
  readonly deterministic?: boolean;
  readonly program?: string;
  readonly requireGain?: boolean;
}

/** Everything that a run is started with, checked, and what a person should know of it beforehand. */
interface Plan {
  readonly start: Omit<StartOptions, "store" | "programId"> & Splits & { readonly teleprompter: Teleprompter };
  readonly path: string;
  readonly watched: WatchedModel;
  readonly notes: readonly string[];
}

interface Splits {
  readonly train: readonly Example[];
  readonly validation: readonly Example[];
  readonly test: readonly Example[];
}

/** `tutti optimize FILE --train …`: searches a better configuration. Nothing is stored before all of it is in order. */
export async function optimizeCommand(file: string, options: OptimizeOptions, session: Session): Promise<ExitCode> {
  const { start, path, watched, notes } = await planRun(file, options, session);
  const { program, space } = start;
  // What does not fit is said before there is a store.
  checkRun(start);
  await using store = await openStore(session);
  for (const note of notes) session.out.note(note);
  const programId = await storedProgramOf(store, path, program, space);
  await using runner = await startRun({ ...start, store, programId });
  const record = await readRecord(store, runner.id);
  session.out.event({ type: "run", run: runner.id, program: programId, seed: record.seed, sizes: record.sizes });
  const report = await driveRun({ runner, record, watched }, session);
  finishRun({ ...record, report }, report, session);
  return options.requireGain === true && !report.significant ? exitCodes.targetMissed : exitCodes.ok;
}

async function planRun(file: string, options: OptimizeOptions, { model: modelName, out }: Session): Promise<Plan> {
  const teleprompter = readTeleprompter(options.teleprompter);
  const budget: Budget = checkBudget(readKeyValues(options.budget ?? "", "--budget"));
  const concurrency = readWhole(options.concurrency ?? "8", "--concurrency", 1);
  const seed = options.seed ?? String(integerBelow(systemRng(), 1_000_000));
  const user = await loadUserFile(file, options.program);
  const { program, modules, metric: exported } = user;
  const data = await readData(options, program.signature, seed, (text) => out.note(text));
  const judged = [...data.train, ...data.validation];
  const { metric, note: metricNote } = chooseMetric(
    { file, exported, signature: program.signature },
    judged,
    options.train,
  );
  const { model, name, note } = await chooseModel(modelName, user.model, file);
  const watched = watchedModel(model);
  const space =
    user.space === undefined ? defaultSpace(program, data.train) : withPools(user.space, program, data.train);
  const source: RunSource = {
    kind: "file",
    file: user.path,
    program: program.name,
    ...(name === undefined ? {} : { model: name }),
    metric: exported === undefined ? "exact_match" : "exported",
  };
  const notes = [
    ...(note === undefined ? [] : [note]),
    `${searchText(teleprompter.name, space)}${user.space === undefined ? ` (${file} exports no space)` : ""}, seed ${seed}`,
    ...planNotes(data, budget, program),
    metricNote,
  ];
  const settings = { teleprompter, budget, seed, concurrency, deterministic: options.deterministic ?? false };
  const start = { program, modules, space, metric, model: watched.model, source, ...settings, ...data };
  return { start, path: user.path, watched, notes };
}

function searchText(teleprompter: string, space: Space): string {
  const { searched, left } = searchedVariables(teleprompter, space);
  const named = (variables: typeof searched): string => variables.map((variable) => variable.name).join(", ");
  const rest = left.length === 0 ? "" : ` and leaves ${named(left)} as ${left.length === 1 ? "it is" : "they are"}`;
  return `${teleprompter} searches ${named(searched)}${rest}`;
}

function planNotes({ train, validation, test }: Splits, budget: Budget, program: Program): string[] {
  const sizes = { train: train.length, validation: validation.length, test: test.length };
  return [
    `${counted(sizes.train, "example")} to learn from, ${sizes.validation} to choose by, ${sizes.test} held out`,
    ...(sizes.test > 0
      ? []
      : ["no --test: whether the gain is significant is judged on the examples that choose, which flatters it"]),
    ...budgetWarnings(budget, sizes, program),
  ];
}

/** The examples of the three splits. Without `--validation`, a random half of the training ones. */
async function readData(
  { train, validation, test }: OptimizeOptions,
  signature: Signature,
  seed: string,
  note: (text: string) => void,
): Promise<Splits> {
  const read = (file: string): Promise<Example[]> => readExamplesFile(file, signature, note);
  const all = await read(train);
  const heldOut = test === undefined ? [] : await read(test);
  if (validation !== undefined) return { train: all, validation: await read(validation), test: heldOut };
  if (all.length < 2)
    throw new UsageError(`${train}: expected at least two examples, half of them to choose the winner by, got one`);
  const shuffled = shuffle(seededRng(seed).fork("validation"), all);
  const half = Math.ceil(shuffled.length / 2);
  return { train: shuffled.slice(half), validation: shuffled.slice(0, half), test: heldOut };
}

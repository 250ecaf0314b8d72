import { integerBelow, present, seededRng, shuffle, systemRng, UsageError } from "#foundation";
import { checkBudget, checkCostWeight, checkRun, readRecord, startRun } from "#optimize";
import type { Budget, CostWeight, RunRecord, StartOptions, Teleprompter } from "#optimize";
import type { Example, Program, Signature } from "#programs";
import type { Space } from "#variables";
import { budgetWarnings } from "../code/budget-need.ts";
import { chooseMetric } from "../code/chosen-metric.ts";
import { driveRun } from "../code/drive-run.ts";
import { expectedCost } from "../code/expected-cost.ts";
import { chooseModel } from "../code/model-named.ts";
import type { RunSource } from "../code/run-source.ts";
import { defaultSpace, withPools } from "../code/search-space.ts";
import { searchedVariables } from "../code/searched-variables.ts";
import { storedProgramOf } from "../code/stored-program.ts";
import { loadUserFile } from "../code/user-file.ts";
import { waitAloud } from "../code/wait-note.ts";
import { watchedModel } from "../code/watched-model.ts";
import type { WatchedModel } from "../code/watched-model.ts";
import { exitCodes } from "../exit-code.ts";
import type { ExitCode } from "../exit-code.ts";
import { readExamplesFile } from "../input/examples-file.ts";
import { readKeyValues, readWhole } from "../input/key-values.ts";
import { readTeleprompter } from "../input/teleprompter-option.ts";
import { likelyText } from "../reports/estimate-text.ts";
import { finishRun } from "../reports/finish-run.ts";
import { openStore } from "../session.ts";
import type { Session } from "../session.ts";
import { counted } from "../terminal/words.ts";
import { dryRun } from "./dry-run.ts";

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
  readonly costWeight?: string;
  readonly maxPromptTokens?: string;
  readonly learn?: boolean;
  readonly warmStart?: string;
  readonly scope?: string;
  /** `false` with `--no-wait`. */
  readonly wait?: boolean;
  readonly dryRun?: boolean;
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
  if (options.dryRun === true) return await dryRun(start, notes, session);
  await using store = await openStore(session);
  for (const note of notes) session.out.note(note);
  const programId = await storedProgramOf(store, path, program, space);
  const expected = await expectedCost(start);
  if (expected !== undefined) session.out.note(likelyText(expected));
  const expectedRuns = expected && expected.examples + expected.proposals;
  const waiting = { ...waitAloud(session), ...present({ scope: options.scope, wait: options.wait }) };
  await using runner = await startRun({ ...start, ...waiting, store, programId, ...present({ expectedRuns }) });
  const record = await readRecord(store, runner.id);
  for (const note of learnedNotes(record, options)) session.out.note(note);
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
    `${searchText(teleprompter, space)}${user.space === undefined ? ` (${file} exports no space)` : ""}, seed ${seed}`,
    ...planNotes(data, budget, program),
    metricNote,
  ];
  const limits = {
    costWeight: readCostWeight(options.costWeight),
    maxPromptTokens: readLimit(options.maxPromptTokens),
  };
  const learning = present({ learn: options.learn, warmStart: options.warmStart });
  const settings = {
    teleprompter,
    budget,
    seed,
    concurrency,
    deterministic: options.deterministic ?? false,
    ...learning,
    ...present(limits),
  };
  const start = { program, modules, space, metric, model: watched.model, source, ...settings, ...data };
  return { start, path: user.path, watched, notes };
}

function readCostWeight(text: string | undefined): CostWeight | undefined {
  return text === undefined ? undefined : checkCostWeight(readKeyValues(text, "--cost-weight"));
}

function readLimit(text: string | undefined): number | undefined {
  return text === undefined ? undefined : readWhole(text, "--max-prompt-tokens", 1);
}

/** What a run begins with that learned from earlier ones. */
function learnedNotes({ teleprompter: { name, options } }: RunRecord, { learn, warmStart }: OptimizeOptions): string[] {
  if (learn !== true && warmStart === undefined) return [];
  const { lessons = [], notes = [] }: Learned = name === "learner" ? options : {};
  const tried = lessons.map(({ purpose }) => `tries first what is known ${purpose}`);
  const nothing = warmStart === undefined ? "no earlier run of this store" : `nothing of run ${warmStart}`;
  return [...(tried.length > 0 ? tried : [`${nothing} helps here: the search begins afresh`]), ...notes];
}

interface Learned {
  readonly lessons?: readonly { readonly purpose: string }[];
  readonly notes?: readonly string[];
}

function searchText(teleprompter: Teleprompter, space: Space): string {
  const { searched, left } = searchedVariables(teleprompter, space);
  const named = (variables: typeof searched): string => variables.map((variable) => variable.name).join(", ");
  const rest = left.length === 0 ? "" : ` and leaves ${named(left)} as ${left.length === 1 ? "it is" : "they are"}`;
  return `${teleprompter.name} searches ${named(searched)}${rest}`;
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

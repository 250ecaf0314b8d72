import { integerBelow, seededRng, shuffle, systemRng, UsageError } from "#foundation";
import { checkBudget, readRecord, startRun } from "#optimize";
import type { Budget, StartOptions } from "#optimize";
import { checkProgram } from "#programs";
import type { Example } from "#programs";
import { defaultMetric } from "../code/default-metric.ts";
import { driveRun } from "../code/drive-run.ts";
import { chooseModel } from "../code/model-named.ts";
import type { RunSource } from "../code/run-source.ts";
import { defaultSpace, withPools } from "../code/search-space.ts";
import { storedProgramOf } from "../code/stored-program.ts";
import { loadUserFile } from "../code/user-file.ts";
import type { UserFile } from "../code/user-file.ts";
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

type Plan = Omit<StartOptions, "store" | "programId">;

/** `tutti optimize FILE --train …`: searches a better configuration. Nothing is stored before all of it is in order. */
export async function optimizeCommand(file: string, options: OptimizeOptions, session: Session): Promise<ExitCode> {
  const { plan, path } = await planRun(file, options, session);
  const { program, space, train, validation = [], teleprompter } = plan;
  // What does not fit is said before there is a store.
  checkProgram(program, plan);
  if (typeof teleprompter !== "string") teleprompter.start({ program, space, baseline: {}, train, validation });
  await using store = await openStore(session);
  const programId = await storedProgramOf(store, path, program, space);
  await using runner = await startRun({ ...plan, store, programId });
  const record = await readRecord(store, runner.id);
  session.out.event({ type: "run", run: runner.id, program: programId, seed: record.seed, sizes: record.sizes });
  const report = await driveRun(runner, record, session);
  finishRun({ ...record, report }, report, session);
  return options.requireGain === true && !report.significant ? exitCodes.targetMissed : exitCodes.ok;
}

async function planRun(
  file: string,
  options: OptimizeOptions,
  { model: modelName, out }: Session,
): Promise<{ readonly plan: Plan; readonly path: string }> {
  const teleprompter = readTeleprompter(options.teleprompter);
  const budget: Budget = checkBudget(readKeyValues(options.budget ?? "", "--budget"));
  const concurrency = readWhole(options.concurrency ?? "8", "--concurrency", 1);
  const seed = options.seed ?? String(integerBelow(systemRng(), 1_000_000));
  const user = await loadUserFile(file, options.program);
  const data = await readData(options, user, seed);
  const metric =
    user.metric ?? defaultMetric(user.program.signature, [...data.train, ...data.validation], options.train);
  const { model, name, note } = await chooseModel(modelName, user.model, file);
  if (note !== undefined) out.note(note);
  const space =
    user.space === undefined ? defaultSpace(user.program, data.train) : withPools(user.space, user.program, data.train);
  const names = space.variables.map((variable) => variable.name).join(", ");
  out.note(
    `${teleprompter.name} over ${names}${user.space === undefined ? ` (${file} exports no space)` : ""}, seed ${seed}`,
  );
  out.note(
    `${counted(data.train.length, "example")} to learn from, ${data.validation.length} to choose by, ${data.test.length} held out`,
  );
  const source: RunSource = {
    kind: "file",
    file: user.path,
    program: user.program.name,
    ...(name === undefined ? {} : { model: name }),
    metric: user.metric === undefined ? "exact_match" : "exported",
  };
  const { program, modules } = user;
  const settings = { teleprompter, budget, seed, concurrency, deterministic: options.deterministic ?? false };
  return { plan: { program, modules, space, metric, model, source, ...settings, ...data }, path: user.path };
}

/** The examples of the three splits. Without `--validation`, a random half of the training ones. */
async function readData(
  { train, validation, test }: OptimizeOptions,
  { program: { signature } }: UserFile,
  seed: string,
): Promise<{ readonly train: Example[]; readonly validation: Example[]; readonly test: Example[] }> {
  const read = (file: string): Promise<Example[]> => readExamplesFile(file, signature);
  const all = await read(train);
  const heldOut = test === undefined ? [] : await read(test);
  if (validation !== undefined) return { train: all, validation: await read(validation), test: heldOut };
  if (all.length < 2)
    throw new UsageError(`${train}: expected at least two examples, half of them to choose the winner by, got one`);
  const shuffled = shuffle(seededRng(seed).fork("validation"), all);
  const half = Math.ceil(shuffled.length / 2);
  return { train: shuffled.slice(half), validation: shuffled.slice(0, half), test: heldOut };
}

import {
  canonicalJson,
  describe,
  mintId,
  present,
  seededRng,
  shuffle,
  systemClock,
  systemRng,
  UsageError,
} from "#foundation";
import type { Clock, Json, Rng, Store } from "#foundation";
import type { AgentRuntime } from "#foundation/agents";
import type { Example, LanguageModel, Metric, Module, Program } from "#programs";
import { checkExamples, checkMetric, checkProgram, placedStages } from "#programs";
import { validateConfiguration } from "#variables";
import type { Configuration, Space } from "#variables";
import { checkLearning, taught } from "../learner/learn.ts";
import type { LearnOptions } from "../learner/learn.ts";
import { Account, checkBudget, nothingSpent } from "./account/budget.ts";
import type { Budget, Spend } from "./account/budget.ts";
import { checkCostWeight } from "./account/cost-weight.ts";
import type { CostWeight } from "./account/cost-weight.ts";
import { budgetedModel } from "./account/budgeted-model.ts";
import { releaseLease, takeLease } from "./run-lease.ts";
import type { RunLease } from "./run-lease.ts";
import type { RunPlan } from "./run-decision.ts";
import { RunError } from "./run-error.ts";
import { readEvents, readExamples, readRecord, writeExamples, writeRecord } from "./run-record.ts";
import type { RunRecord } from "./run-record.ts";
import { advance, initialState } from "./run-state.ts";
import { Runner } from "./runner.ts";
import type { ScopeWait } from "./scope-lease.ts";
import { defaultMaxTokens } from "./account/worst-case.ts";
import { checkBaselineLength } from "../proposing/prompt-length.ts";
import type { Split, Task, Teleprompter } from "../teleprompter.ts";
import { teleprompterNamed } from "../teleprompters.ts";
import type { MakeTeleprompter } from "../teleprompters.ts";

/** What a run needs that is code, and so cannot be stored: given at its start and at every resumption. */
export interface RunCode<I extends object = object, O extends object = object> {
  readonly store: Store;
  readonly metric: Metric<I, O>;
  readonly model: LanguageModel;
  /** The models that a configuration may name. */
  readonly models?: Readonly<Record<string, LanguageModel>>;
  /** Answers the teleprompter's own prompts; `model` unless told. */
  readonly promptModel?: LanguageModel;
  readonly modules?: readonly Module[];
  /** How long the metric may take for an example, ms; 120,000 unless told. One that takes longer has failed on it. */
  readonly metricTimeoutMs?: number;
  readonly clock?: Clock;
  /** Where the run's tasks live: of its supervisor, where it has one. A new one unless told. */
  readonly runtime?: AgentRuntime;
}

export interface StartOptions<I extends object = object, O extends object = object>
  extends RunCode<I, O>, ScopeWait, LearnOptions {
  readonly program: Program<I, O>;
  readonly space: Space;
  /** A teleprompter or the name of one. */
  readonly teleprompter: Teleprompter | string;
  readonly train: readonly Example<I, O>[];
  /** For choosing the winner. A random half of `train` unless told, which is then taken out of it. */
  readonly validation?: readonly Example<I, O>[];
  /** For the honest comparison at the end, touched once. Without it, significance is judged on validation. */
  readonly test?: readonly Example<I, O>[];
  readonly budget?: Budget;
  /**
   * What a unit of cost counts against the score on each example, `{ usd: 10 }`: the winner is then chosen and judged by
   * its score less its cost. Every teleprompter hears such scores; the log and the report keep the metric's own too.
   */
  readonly costWeight?: CostWeight;
  /**
   * The most tokens, estimated, of the texts and demonstrations that any stage's prompt has. Our teleprompters make no
   * candidates beyond it; one that another one makes fails on every example without a call.
   */
  readonly maxPromptTokens?: number;
  /** Where all chance of the run comes from. New for every run unless told. */
  readonly seed?: string | number;
  /** Examples at once; 8 unless told. */
  readonly concurrency?: number;
  /** Outcomes are told in the order of their issue, so that equal runs take equal ways. Costs some idle time. */
  readonly deterministic?: boolean;
  /** The stored program that the run belongs to; it gets the chosen configuration. */
  readonly programId?: string;
  /**
   * What at most one run works on at a time; a run whose process was killed frees it after three seconds. `programId`
   * unless told; without either a run waits for no other.
   */
  readonly scope?: string;
  /** How many examples and proposals the run is likely to take in all (`likelyCost`): tells `status()` when it will end. */
  readonly expectedRuns?: number;
  /** Whatever whoever resumes the run needs to find its code again. */
  readonly source?: Json;
}

export interface ResumeOptions<I extends object = object, O extends object = object> extends RunCode<I, O>, ScopeWait {
  /** Further teleprompters by name, for runs that were started with one of one's own. */
  readonly teleprompters?: Readonly<Record<string, MakeTeleprompter>>;
}

/** Two work items out at once keep every place busy while one of them ends. */
const maxPending = 3;

/**
 * Starts a run and returns it running. Throws `UsageError` before anything is stored: an empty training set, examples
 * that do not fit the signature, a budget of nothing, an unknown teleprompter, module or model, a configuration outside
 * the space. Where another run is at work on its scope it waits for that one's end, or rejects with `RunError`
 * (`scope_busy`) where it is told not to.
 */
export async function startRun<I extends object, O extends object>(options: StartOptions<I, O>): Promise<Runner> {
  return startLatest(options, async () => options);
}

/** Starts a run with what `latest` says of its task: it is asked once the run has its scope to itself. */
export async function startLatest<I extends object, O extends object>(
  options: StartOptions<I, O>,
  latest: () => Promise<StartOptions<I, O>>,
): Promise<Runner> {
  const { store, clock = systemClock, seed = systemRng().fork("seed").next().toString(36).slice(2) } = options;
  const first = prepared(options, seed);
  const id = mintId(systemRng(), "run");
  const scope = scopeOf(options);
  const lease = await takeLease(store, id, { ...waitOf(options), clock, scope });
  return orRelease(store, lease, async () => {
    const current = await latest();
    const fresh = current === options ? first : prepared(current, seed);
    const ready = { ...fresh, teleprompter: await taughtTeleprompter(current, fresh) };
    const record = await newRecord(id, current, { ...ready, scope, seed: String(seed), at: clock.now() });
    await writeRecord(store, record, lease.fence);
    return runnerOf(record, ready.teleprompter, ready.examples, untyped(current), lease, []);
  });
}

function taughtTeleprompter<I extends object, O extends object>(
  { store, program, space, learn, warmStart }: StartOptions<I, O>,
  { teleprompter, examples, baseline, budget }: Prepared,
): Promise<Teleprompter> {
  const { train, validation, test } = examples;
  const task = { program: program as unknown as Program, space, baseline, train, validation };
  return taught(store, present({ learn, warmStart }), { task, test, teleprompter, budget });
}

/** Whoever fails before the run runs gives back what it holds. */
async function orRelease<T>(store: Store, lease: RunLease, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    await releaseLease(store, lease);
    throw error;
  }
}

function waitOf({ wait, signal, onWait }: ScopeWait): ScopeWait {
  return present({ wait, signal, onWait });
}

function scopeOf({ scope, programId }: Pick<StartOptions, "scope" | "programId">): string | undefined {
  if (scope !== undefined && (typeof scope !== "string" || scope === ""))
    throw new UsageError(`scope: expected a name, got ${describe(scope)}`);
  return scope ?? programId;
}

interface NewRun extends Prepared {
  readonly scope: string | undefined;
  readonly seed: string;
  readonly at: number;
}

async function newRecord<I extends object, O extends object>(
  id: RunRecord["id"],
  options: StartOptions<I, O>,
  { teleprompter, examples, baseline, budget, concurrency, scope, seed, at }: NewRun,
): Promise<RunRecord> {
  const { store, programId, source, expectedRuns, costWeight, maxPromptTokens } = options;
  return {
    schema: 1,
    id,
    program: options.program,
    ...present({ programId, scope }),
    space: options.space,
    baseline,
    teleprompter: { name: teleprompter.name, options: teleprompter.options },
    model: options.model.id,
    data: {
      train: await writeExamples(store, examples.train),
      validation: await writeExamples(store, examples.validation),
      test: await writeExamples(store, examples.test),
    },
    sizes: { train: examples.train.length, validation: examples.validation.length, test: examples.test.length },
    budget,
    seed,
    concurrency,
    deterministic: options.deterministic ?? false,
    ...present({ source, expectedRuns, costWeight, maxPromptTokens }),
    createdAt: at,
    progress: { status: "running", candidates: 0, spend: nothingSpent },
  };
}

/** Throws what `startRun` would refuse, without a store: for whoever wants to say so before anything is opened. */
export function checkRun<I extends object, O extends object>(options: Omit<StartOptions<I, O>, "store">): void {
  prepared(options, options.seed ?? 0);
}

export interface Prepared {
  readonly teleprompter: Teleprompter;
  readonly examples: Readonly<Record<Split, readonly Example[]>>;
  readonly baseline: Configuration;
  readonly budget: Budget;
  readonly concurrency: number;
}

/** What the options come to, checked. */
export function prepared<I extends object, O extends object>(
  options: Omit<StartOptions<I, O>, "store">,
  seed: string | number,
): Prepared {
  checkGiven({ ...options });
  const { program, space } = options;
  checkLearning(options);
  const teleprompter = teleprompterOf(options.teleprompter);
  const examples = splitExamples(options, seededRng(seed));
  checkHeldOut(examples);
  checkMetric(program.signature, options.metric as unknown as Metric);
  const baseline = baselineOf(options);
  const budget = checkBudget(options.budget ?? {});
  const concurrency = positive("concurrency", options.concurrency ?? 8);
  if (options.metricTimeoutMs !== undefined) positive("metricTimeoutMs", options.metricTimeoutMs);
  checkProgram(
    program,
    options,
    space.variables.map(({ name }) => name),
  );
  const { costWeight, maxPromptTokens } = options;
  if (costWeight !== undefined) checkCostWeight(costWeight);
  if (maxPromptTokens !== undefined) positive("maxPromptTokens", maxPromptTokens);
  const task: Task = { program, space, baseline, ...examples, ...present({ maxPromptTokens }) };
  checkBaselineLength(task);
  teleprompter.start(task);
  return { teleprompter, examples, baseline, budget, concurrency };
}

/**
 * Takes a stored run up where its log ends: nothing that was paid for is done again. Rejects with `RunError`:
 * `unknown_run`, `already_ended`, or `held_elsewhere` when a living process drives it (after waiting out the lease of
 * one that may have died, three seconds at the most). Waits for another run on its scope as `startRun` does.
 */
export async function resumeRun<I extends object, O extends object>(
  id: string,
  options: ResumeOptions<I, O>,
): Promise<Runner> {
  const { store, clock = systemClock } = options;
  const record = await readRecord(store, id);
  if (record.report !== undefined && record.report.status !== "failed")
    throw new RunError("already_ended", `run ${id} has ended (${record.progress.status}); its report is in the store`);
  const teleprompter = teleprompterNamed(record.teleprompter.name, record.teleprompter.options, options.teleprompters);
  const lease = await takeLease(store, id, { ...waitOf(options), clock, scope: record.scope });
  const read = (split: Split): Promise<readonly Example[]> => readExamples(store, record.data[split]);
  return orRelease(store, lease, async () => {
    const examples = { train: await read("train"), validation: await read("validation"), test: await read("test") };
    return runnerOf(record, teleprompter, examples, untyped(options), lease, await readEvents(store, id));
  });
}

function runnerOf(
  record: RunRecord,
  teleprompter: Teleprompter,
  examples: Readonly<Record<Split, readonly Example[]>>,
  code: RunCode,
  lease: RunLease,
  events: Awaited<ReturnType<typeof readEvents>>,
): Runner {
  const { program, space, baseline, budget, deterministic, maxPromptTokens } = record;
  const { train, validation, test } = examples;
  const task: Task = { program, space, baseline, train, validation, ...present({ maxPromptTokens }) };
  const start = initialState(teleprompter.start(task));
  const state = events.reduce((folded, event) => advance(teleprompter, folded, event), start);
  const account = new Account(budget, state.usage);
  const bounded = (model: LanguageModel): LanguageModel => budgetedModel(model, account, budget);
  const { store, metric, model, models = {}, promptModel = model, modules = [], clock = systemClock } = code;
  const rng = seededRng(record.seed).fork("run");
  const plan = planOf({ program, baseline, budget, deterministic, teleprompter, model, testSize: test.length });
  const workshop = {
    program,
    space,
    metric,
    model: bounded(model),
    models: Object.fromEntries(Object.entries(models).map(([name, each]) => [name, bounded(each)])),
    promptModel: bounded(promptModel),
    modules,
    examples,
    maxPromptTokens,
    seeds: deterministic ? rng.fork("model seeds") : undefined,
    clock,
    metricTimeoutMs: code.metricTimeoutMs,
  };
  return new Runner({
    store,
    record,
    lease,
    plan,
    state,
    events: events.length,
    rng,
    clock,
    workshop,
    runtime: code.runtime,
  });
}

/** What a run's decisions are based on. */
export function planOf({
  program,
  model,
  ...plan
}: Omit<RunPlan, "maxPending" | "stages" | "headroom"> & Pick<StartOptions, "program" | "model">): RunPlan {
  // Those that hold others leave the calls to them.
  const stages = placedStages(program).filter(({ stage }) => stage.stages === undefined).length;
  return { ...plan, maxPending, stages, headroom: headroomOf(model, plan.budget) };
}

/** What the longest answer costs: a call is made only where the budget covers it. */
function headroomOf({ usdPerMillionTokens: price }: LanguageModel, { tokens, usd }: Budget): Partial<Spend> {
  return {
    ...(tokens === undefined ? {} : { tokens: defaultMaxTokens }),
    ...(usd === undefined || price === undefined ? {} : { usd: (defaultMaxTokens * price.output) / 1_000_000 }),
  };
}

/** From here on the examples' own types are forgotten: program, metric and examples came in together and fit. */
function untyped<I extends object, O extends object>(code: RunCode<I, O>): RunCode {
  return code as unknown as RunCode;
}

function teleprompterOf(teleprompter: Teleprompter | string): Teleprompter {
  return typeof teleprompter === "string" ? teleprompterNamed(teleprompter) : teleprompter;
}

/** Validation examples are taken out of `train` where there are none of their own. */
export function splitExamples<I extends object, O extends object>(
  { program, train, validation, test = [] }: Pick<StartOptions<I, O>, "program" | "train" | "validation" | "test">,
  rng: Rng,
): Readonly<Record<Split, readonly Example[]>> {
  if (!Array.isArray(train) || train.length === 0)
    throw new UsageError("train: expected at least one example, got none");
  if (validation !== undefined && validation.length === 0)
    throw new UsageError("validation: expected at least one example, got none");
  if (validation === undefined && train.length < 2)
    throw new UsageError("train: expected at least two examples, half of them for validation, got one");
  const shuffled = validation === undefined ? shuffle(rng.fork("validation"), train) : [];
  const half = Math.ceil(shuffled.length / 2);
  const splits = {
    train: validation === undefined ? shuffled.slice(half) : train,
    validation: validation ?? shuffled.slice(0, half),
    test,
  };
  for (const [split, examples] of Object.entries(splits)) checkExamples(program.signature, examples, split);
  return splits;
}

/** The program as it stands, as far as the space speaks of it. Paths it says nothing about stay absent. */
function baselineOf({ program, space }: { readonly program: Program; readonly space: Space }): Configuration {
  const paths = space.variables.map(({ name }) => name).filter((name) => Object.hasOwn(program.configuration, name));
  const baseline = Object.fromEntries(paths.map((path) => [path, program.configuration[path] as Json]));
  const validation = validateConfiguration(space, baseline);
  // What the program leaves to its defaults is no defect, unlike a value that does not fit or belongs to an inactive variable.
  const issues = validation.ok ? [] : validation.issues.filter(({ path }) => Object.hasOwn(baseline, path));
  if (issues.length === 0) return baseline;
  const lines = issues.map(({ path, expected, received }) => `${path}: ${expected}, got ${received}`);
  throw new UsageError(`${program.name}: its configuration is outside the space`, lines);
}

/** What to give where one does not know. */
const startWith: Readonly<Record<string, string>> = {
  space: "standardSpace(program) of tutti/programs/presets is one to start with",
  teleprompter: '"auto" is one to start with',
};

/** What the types demand, for callers without types. */
function checkGiven(options: { readonly [name: string]: unknown } & object): void {
  const { program, space, model, teleprompter } = options;
  const given = { program, space, model, teleprompter };
  const missing = Object.entries(given).filter(([, value]) => value === undefined || value === null);
  if (missing.length > 0)
    throw new UsageError(
      `a run needs ${Object.keys(given).join(", ")} and metric; missing: ${missing.map(([name]) => name).join(", ")}`,
      missing.flatMap(([name]) => (Object.hasOwn(startWith, name) ? [`${name}: ${startWith[name]}`] : [])),
    );
  if (typeof teleprompter !== "string" && typeof Reflect.get(Object(teleprompter), "finished") !== "function")
    throw new UsageError(
      `teleprompter: expected one, as bootstrapFewShot() or searchTeleprompter(auto()), or a name, got ${describe(teleprompter)}`,
    );
  if (!Array.isArray((space as Space).variables))
    throw new UsageError(`space: expected space([…]), got ${describe(space)}`);
}

/** Throws `UsageError` when held-out examples were also learned from or chosen by: their score would flatter. */
function checkHeldOut({ train, validation, test }: Readonly<Record<Split, readonly Example[]>>): void {
  const textOf = ({ inputs }: Example): string => canonicalJson(inputs as Json);
  const seen = new Set([...train, ...validation].map(textOf));
  const leaked = test.filter((example) => seen.has(textOf(example)));
  const [first] = leaked;
  if (first === undefined) return;
  throw new UsageError(
    `test: ${leaked.length} of ${test.length} examples also stand in train or validation, and would flatter the result; take them out of one side. The first: ${textOf(first).slice(0, 120)}`,
  );
}

function positive(name: string, value: number): number {
  if (!Number.isInteger(value) || value < 1)
    throw new UsageError(`${name}: expected a whole number of at least 1, got ${value}`);
  return value;
}

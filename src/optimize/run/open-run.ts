import { describe, mintId, present, seededRng, systemClock, systemRng, UsageError } from "#foundation";
import type { Store } from "#foundation";
import { placedStages } from "#programs";
import type { Example, LanguageModel, Program } from "#programs";
import { taught } from "../learner/learn.ts";
import { Account, nothingSpent } from "./account/budget.ts";
import type { Budget, Spend } from "./account/budget.ts";
import { budgetedModel } from "./account/budgeted-model.ts";
import { prepared } from "./prepared-run.ts";
import type { Prepared } from "./prepared-run.ts";
import { releaseLease, takeLease } from "./run-lease.ts";
import type { RunLease } from "./run-lease.ts";
import type { RunPlan } from "./run-decision.ts";
import { RunError } from "./run-error.ts";
import { readEvents, readExamples, readRecord, writeExamples, writeRecord } from "./run-record.ts";
import type { RunRecord } from "./run-record.ts";
import { advance, initialState } from "./run-state.ts";
import { Runner } from "./runner.ts";
import type { ScopeWait } from "./scope-lease.ts";
import type { RunCode, StartOptions } from "./start-options.ts";
import { defaultMaxTokens } from "./account/worst-case.ts";
import type { Split, Task, Teleprompter } from "../teleprompter.ts";
import { teleprompterNamed } from "../teleprompters.ts";
import type { MakeTeleprompter } from "../teleprompters.ts";

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

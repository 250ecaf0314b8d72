import { canonicalJson, describe, present, seededRng, shuffle, UsageError } from "#foundation";
import type { Json, Rng } from "#foundation";
import { checkExamples, checkMetric, checkProgram } from "#programs";
import type { Example, Metric, Program } from "#programs";
import { validateConfiguration } from "#variables";
import type { Configuration, Space } from "#variables";
import { checkLearning } from "../learner/learn.ts";
import { checkBaselineLength } from "../proposing/prompt-length.ts";
import { checkBudget } from "./account/budget.ts";
import type { Budget } from "./account/budget.ts";
import { checkCostWeight } from "./account/cost-weight.ts";
import type { StartOptions } from "./start-options.ts";
import type { Split, Task, Teleprompter } from "../teleprompter.ts";
import { teleprompterNamed } from "../teleprompters.ts";

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

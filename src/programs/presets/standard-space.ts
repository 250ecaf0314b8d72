import { describe, isPlainObject, UsageError } from "#foundation";
import { space } from "#variables";
import type { Conditions, Demo, Space, Variable } from "#variables";
import { checkProgram } from "../kernel.ts";
import type { Module } from "../module.ts";
import type { Program } from "../program.ts";
import { allSteps, stepsOf } from "../steps.ts";
import type { Step } from "../steps.ts";
import { fitsStage, signatureOf, standardSettings, standardVariable } from "./standard-variable.ts";
import type { Offered, StandardSetting } from "./standard-variable.ts";

/** A model that may be chosen. */
export interface ModelChoice {
  /** As `execute` knows it in `models`. */
  readonly name: string;
  /**
   * Settings that it cannot take. Their variables are absent while it is chosen; what the program is configured with and
   * what `chain_of_thought` says of its own (its temperature) reach it all the same.
   */
  readonly refuses?: readonly StandardSetting[];
}

export interface StandardSpaceOptions {
  /**
   * What varies, of what the stages read. Unless told: `instructions`, `demos`, `reasoningStrategy`, `adapter`,
   * `temperature`, what stages of `tutti/programs/modules` read (`n`, `k`, `maxSteps`) and a branch's `case`, and `model` and `provider` where names are told. The order is the space's own.
   */
  readonly settings?: readonly StandardSetting[];
  /** The models that a stage may ask, by the names that `execute` gets in `models`. */
  readonly models?: readonly (string | ModelChoice)[];
  /** The providers that models which route may take. */
  readonly providers?: readonly string[];
  /** Demonstrations to draw from; each stage gets those that have its fields. */
  readonly pool?: readonly Demo[];
  /** The most demonstrations of a stage; 16 unless told. */
  readonly maxDemos?: number;
  /** Modules of one's own. What they read is known only where they tell their `settings`. */
  readonly modules?: readonly Module[];
}

/**
 * The space to start with: for each stage, in their order, a variable `<stage>.<setting>` for each setting that its
 * module reads and `options.settings` names. Every variable starts from what the stage does today (the program's
 * configuration, else the module's own setting, else the preset's default), and a range is widened to hold it.
 *
 * `topP`, `maxTokens` and the penalties vary only when they are named: the first does what the temperature does, the
 * second cuts answers off, and penalties are for long texts. Instructions, and demonstrations without a pool, keep their
 * default in a sample: they are there for teleprompters that write them. A stage that asks for a `reasoning` of its own
 * has no strategy to choose.
 *
 * Throws `UsageError` for an unknown module or setting, names without their setting or the reverse, a demonstration that
 * no stage could show, and a configured value that is none of the names.
 */
export function standardSpace(program: Program, options: StandardSpaceOptions = {}): Space {
  checkOptions(options);
  // The kernel's own word on unknown modules.
  checkProgram({ ...program, configuration: {} }, { modules: options.modules });
  const steps = allSteps(stepsOf(program.pipeline, options.modules));
  const models = modelChoices(options.models);
  const settings = chosenSettings(options);
  const { providers = [], pool, maxDemos = 16 } = options;
  const offered: Offered = { models: models.map(({ name }) => name), providers, pool, maxDemos };
  const stages = steps.map((step) => ({ step, reads: step.module.settings ?? [] }));
  checkPool(program, stages, pool);
  const variables: Variable[] = [];
  const when: Record<string, Conditions> = {};
  for (const { step, reads } of stages) {
    const choices = settings.includes("model") && reads.includes("model") ? models : [];
    for (const setting of settings.filter((each) => reads.includes(each))) {
      const takers = choices.filter(({ refuses = [] }) => !refuses.includes(setting)).map(({ name }) => name);
      const variable = standardVariable(setting, { program, step, offered });
      if (variable === undefined || (choices.length > 0 && takers.length === 0)) continue;
      variables.push(variable);
      if (takers.length < choices.length) when[variable.name] = { [`${step.path}.model`]: { oneOf: takers } };
    }
  }
  return space(variables, { when });
}

function checkOptions(options: unknown): void {
  if (!isPlainObject(options))
    throw new UsageError(`standardSpace: expected options like { models, pool }, got ${describe(options)}`);
  for (const name of ["settings", "models", "providers", "pool"])
    if (options[name] !== undefined && !Array.isArray(options[name]))
      throw new UsageError(`standardSpace.${name}: expected a list, got ${describe(options[name])}`);
}

/** What varies where nothing is said. */
const usualSettings: readonly StandardSetting[] = [
  "instructions",
  "demos",
  "reasoningStrategy",
  "adapter",
  "temperature",
  "n",
  "k",
  "maxSteps",
  "case",
];

/** Which option tells the values of a setting that has none of its own. */
const namesOf = { model: "models", provider: "providers" } as const;

function chosenSettings(options: StandardSpaceOptions): readonly StandardSetting[] {
  const { settings } = options;
  const isTold = (setting: "model" | "provider"): boolean => (options[namesOf[setting]] ?? []).length > 0;
  const named = (["model", "provider"] as const).filter(isTold);
  if (settings === undefined) return ordered([...usualSettings, ...named]);
  const unknown: unknown = settings.find((setting) => !standardSettings.includes(setting));
  if (unknown !== undefined)
    throw new UsageError(
      `standardSpace.settings: expected some of ${standardSettings.join(", ")}, got ${describe(unknown)}`,
    );
  for (const setting of ["model", "provider"] as const)
    if (settings.includes(setting) !== isTold(setting))
      throw new UsageError(
        `standardSpace: expected "${setting}" among the settings and its names in ${namesOf[setting]}, got only one of them`,
      );
  if (options.pool !== undefined && !settings.includes("demos"))
    throw new UsageError('standardSpace: expected "demos" among the settings, since there is a pool');
  return ordered(settings);
}

function ordered(settings: readonly StandardSetting[]): readonly StandardSetting[] {
  return standardSettings.filter((setting) => settings.includes(setting));
}

function modelChoices(models: StandardSpaceOptions["models"] = []): readonly ModelChoice[] {
  return models.map((entry, index) => {
    const choice = typeof entry === "string" ? { name: entry } : entry;
    const where = `standardSpace.models[${index}]`;
    if (!isPlainObject(choice) || typeof choice.name !== "string")
      throw new UsageError(`${where}: expected a name or { name, refuses }, got ${describe(entry)}`);
    const refusable: readonly StandardSetting[] = standardSettings.filter((setting) => setting !== "model");
    const unknown: unknown = choice.refuses?.find((setting) => !refusable.includes(setting));
    if (unknown !== undefined)
      throw new UsageError(`${where}.refuses: expected some of ${refusable.join(", ")}, got ${describe(unknown)}`);
    return choice;
  });
}

interface ReadingStage {
  readonly step: Step;
  /** What its module says that it reads; one that does not say reads nothing known. */
  readonly reads: readonly string[];
}

function checkPool(program: Program, stages: readonly ReadingStage[], pool: readonly unknown[] = []): void {
  const showing = stages.filter(({ reads }) => reads.includes("demos"));
  const signatures = showing.map(({ step }) => signatureOf(step, program));
  for (const [index, demo] of pool.entries())
    if (!signatures.some((signature) => fitsStage(demo, signature)))
      throw new UsageError(
        `standardSpace.pool[${index}]: expected the inputs and an output of a stage that takes demonstrations (${showing.map(({ step }) => step.path).join(", ") || "there is none"}), got ${describe(demo)}`,
      );
}

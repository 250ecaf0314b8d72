import { isPlainObject } from "#foundation";
import type { Json } from "#foundation";
import { choice, demos, integer, text } from "#variables";
import type { Demo, DemosVariable, Variable } from "#variables";
import {
  reasoningStrategyName,
  reasoningStrategyNamed,
  reasoningStrategyNames,
} from "../modules/reasoning-strategy.ts";
import type { Program } from "../program.ts";
import type { Signature } from "../signatures/signature.ts";
import { settingOf } from "../steps.ts";
import type { Step } from "../steps.ts";
import { adapter, model, provider, reasoningStrategy } from "./named-presets.ts";
import { frequencyPenalty, maxTokens, presencePenalty, temperature, topP } from "./number-presets.ts";
import type { NumberPresetOptions } from "./number-presets.ts";

/** What there is to choose from, for every stage. */
export interface Offered {
  readonly models: readonly string[];
  readonly providers: readonly string[];
  readonly pool: readonly Demo[] | undefined;
  readonly maxDemos: number;
}

/** One stage, as far as the default of a variable depends on it. */
interface Place extends Offered {
  readonly stage: string;
  readonly signature: Signature;
  readonly step: Step;
  /** What the program is configured with. */
  readonly configured: (setting: string) => Json | undefined;
  /** What the stage does where nothing is configured. */
  readonly implied: (setting: string) => Json | undefined;
}

/** A setting that a standard space can vary. */
export type StandardSetting =
  | "instructions"
  | "demos"
  | "reasoningStrategy"
  | "adapter"
  | "model"
  | "provider"
  | "temperature"
  | "topP"
  | "maxTokens"
  | "presencePenalty"
  | "frequencyPenalty"
  | "n"
  | "k"
  | "maxSteps"
  | "case";

// In the order in which a space lists them: what is said to the model, how, whom to, and how it draws its words.
const variables: Readonly<Record<StandardSetting, (place: Place) => Variable | undefined>> = {
  instructions: instructionsVariable,
  demos: demosVariable,
  reasoningStrategy: strategyVariable,
  adapter: (place) => adapter(own(place, "adapter")),
  model: (place) => (place.models.length === 0 ? undefined : model(place.models, own(place, "model"))),
  provider: providerVariable,
  temperature: (place) => numberVariable(temperature, "temperature", place),
  topP: (place) => numberVariable(topP, "topP", place),
  maxTokens: (place) => numberVariable(maxTokens, "maxTokens", place),
  presencePenalty: (place) => numberVariable(presencePenalty, "presencePenalty", place),
  frequencyPenalty: (place) => numberVariable(frequencyPenalty, "frequencyPenalty", place),
  n: (place) => countVariable(place, "n", { max: 8, usual: 3, description: "How many attempts are made" }),
  k: (place) => countVariable(place, "k", { max: 16, usual: 3, description: "How many passages are retrieved" }),
  maxSteps: (place) =>
    countVariable(place, "maxSteps", { max: 12, usual: 6, description: "The most steps before the answer" }),
  case: caseVariable,
};

export const standardSettings: readonly StandardSetting[] = Object.keys(variables) as StandardSetting[];

/** The variable of one setting of a stage; none where there is nothing to choose. */
export function standardVariable(
  setting: StandardSetting,
  { program, step, offered }: { readonly program: Program; readonly step: Step; readonly offered: Offered },
): Variable | undefined {
  const configured = (name: string): Json | undefined => settingOf(step, program.configuration, name);
  const strategy = reasoningStrategyName(configured("reasoningStrategy") ?? step.stage.module);
  const { defaults } = reasoningStrategyNamed(step.path, strategy ?? "predict");
  const implied = (name: string): Json | undefined => (name === "reasoningStrategy" ? strategy : defaults[name]);
  const signature = signatureOf(step, program);
  return variables[setting]({ ...offered, stage: step.path, step, signature, configured, implied });
}

/** What a stage answers: its own signature, that of a stage around it, or the program's. */
export function signatureOf({ stage, outer }: Step, program: Program): Signature {
  return stage.signature ?? (outer === undefined ? program.signature : signatureOf(outer, program));
}

/** Whether a stage of this signature could show the demonstration: all that it needs comes in, and some of it out. */
export function fitsStage(demo: unknown, { inputs, outputs }: Signature): boolean {
  if (!isPlainObject(demo)) return false;
  const { inputs: given, outputs: shown } = demo;
  if (!isPlainObject(given) || !isPlainObject(shown)) return false;
  return (
    inputs.every(({ name, optional }) => optional === true || Object.hasOwn(given, name)) &&
    outputs.some(({ name }) => Object.hasOwn(shown, name))
  );
}

/** The place, and the program's own value as the default where there is one. Whether it fits, the variable checks. */
function own({ stage, configured }: Place, setting: string, otherwise?: Json): { stage: string; default?: never } {
  const value = configured(setting) ?? otherwise;
  return value === undefined ? { stage } : { stage, default: value as never };
}

function instructionsVariable({ stage, configured }: Place): Variable {
  const description = "What the model is told to do; empty is the signature's own instructions";
  return text(`${stage}.instructions`, { default: (configured("instructions") ?? "") as string, description });
}

function demosVariable({ stage, signature, configured, pool, maxDemos }: Place): DemosVariable {
  const shown = configured("demos") as readonly Demo[] | undefined;
  const fitting = pool?.filter((demo) => fitsStage(demo, signature));
  const most = Array.isArray(shown) ? Math.max(maxDemos, shown.length) : maxDemos;
  const description = "The demonstrations that the model is shown";
  return demos(`${stage}.demos`, {
    ...(fitting === undefined || fitting.length === 0 ? {} : { pool: fitting }),
    ...(shown === undefined ? {} : { default: shown }),
    max: most,
    description,
  });
}

function strategyVariable(place: Place): Variable | undefined {
  const asked = reasoningStrategyNames.map((name) => reasoningStrategyNamed(place.stage, name).asked(place.signature));
  // Whatever the strategy, the model would be asked for the same.
  if (new Set(asked).size === 1) return undefined;
  const told = place.implied("reasoningStrategy") ?? place.configured("reasoningStrategy");
  return reasoningStrategy({ stage: place.stage, ...(told === undefined ? {} : { default: told }) });
}

function providerVariable(place: Place): Variable | undefined {
  const { providers, implied } = place;
  if (providers.length === 0) return undefined;
  const usual = providers.find((name) => name === implied("provider"));
  return provider(providers, own(place, "provider", usual));
}

/** The preset from the program's own value, which its range is widened to hold. */
function numberVariable(
  preset: (options: NumberPresetOptions) => Variable & { readonly min: number; readonly max: number },
  setting: string,
  { stage, configured, implied }: Place,
): Variable {
  const value = configured(setting) ?? implied(setting);
  const usual = preset({ stage });
  if (value === undefined) return usual;
  if (typeof value !== "number") return preset({ stage, default: value as never });
  return preset({ stage, min: Math.min(usual.min, value), max: Math.max(usual.max, value), default: value });
}

interface Count {
  readonly max: number;
  readonly usual: number;
  readonly description: string;
}

/** A whole number from 1 on; its range is widened to hold what the program says. */
function countVariable({ stage, configured }: Place, setting: string, count: Count): Variable {
  const value = configured(setting) ?? count.usual;
  const max = typeof value === "number" ? Math.max(count.max, value) : count.max;
  return integer(`${stage}.${setting}`, { min: 1, max, default: value as number, description: count.description });
}

/** Which case a branch takes, where no value decides. */
function caseVariable({ stage, step, configured }: Place): Variable | undefined {
  const cases = step.inner.map((inner) => inner.stage.id);
  if (configured("on") !== undefined || cases.length < 2) return undefined;
  const told = configured("case");
  const usual = told ?? (cases.includes("otherwise") ? "otherwise" : undefined);
  const description = "Which case of the branch is taken";
  return choice(`${stage}.case`, cases, { ...(usual === undefined ? {} : { default: usual as string }), description });
}

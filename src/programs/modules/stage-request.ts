import { describe, isPlainObject, UsageError } from "#foundation";
import type { Json } from "#foundation";
import type { Demo } from "#variables";
import { isStructured, preambleFor } from "../adapters/adapter.ts";
import type { Adapter } from "../adapters/adapter.ts";
import { chat } from "../adapters/chat.ts";
import { json } from "../adapters/json.ts";
import { xml } from "../adapters/xml.ts";
import type { Field } from "../signatures/field-type.ts";
import type { LanguageModel, Message, ModelRequest } from "../language-model.ts";
import type { Context, StageCall, Values } from "../module.ts";
import type { Signature } from "../signatures/signature.ts";
import { reasoningStrategyNamed } from "./reasoning-strategy.ts";
import type { ReasoningStrategyName } from "./reasoning-strategy.ts";

const numberSettings = ["temperature", "topP", "maxTokens", "seed", "presencePenalty", "frequencyPenalty"] as const;

/** What every asking module reads from the configuration. */
export const askSettings: readonly string[] = [
  "instructions",
  "demos",
  "reasoningStrategy",
  "adapter",
  "model",
  "provider",
  ...numberSettings,
  "maxAttempts",
];

const adapters: Readonly<Record<string, Adapter>> = { chat, json, xml };
const noDemos: readonly Demo[] = [];

/** What the setting `adapter` may say. */
export const adapterNames: readonly string[] = Object.keys(adapters);

/** Who is asked for what, and how: a stage's configuration, read and checked. */
export interface Asking {
  readonly stage: StageCall;
  /** What the model is asked for; the stage's own signature and perhaps a reasoning. */
  readonly signature: Signature;
  readonly adapter: Adapter;
  readonly model: LanguageModel;
  readonly instructions: string;
  readonly demos: readonly Demo[];
  readonly inputs: Values;
  readonly settings: Partial<ModelRequest>;
  /** The first call and the re-asks. */
  readonly maxAttempts: number;
}

/** Throws `UsageError` for a setting that cannot be heeded. */
export function askingOf(context: Context, stage: StageCall, own: ReasoningStrategyName): Asking {
  const { asked, defaults } = reasoningStrategyNamed(stage.id, stage.setting("reasoningStrategy") ?? own);
  const signature = asked(stage.signature);
  const setting: Settings = (name) => stage.setting(name) ?? defaults[name];
  return {
    stage,
    signature,
    adapter: adapterNamed(stage.id, setting("adapter") ?? "chat"),
    // An empty text is how a search space says "as the signature has it".
    instructions: textSetting(stage.id, "instructions", setting("instructions")) || signature.instructions,
    demos: (setting("demos") ?? noDemos) as readonly Demo[],
    inputs: { ...context.inputs, ...context.outputs },
    settings: requestSettings(stage.id, setting),
    maxAttempts: maxAttemptsSetting(stage.id, setting("maxAttempts") ?? 2),
    model: stage.model(),
  };
}

type Settings = (name: string) => Json | undefined;

/** The request for a stage's outputs. Throws `UsageError` where the model is known not to read what is attached. */
export function requestFor(asking: Asking): ModelRequest {
  const { stage, signature, adapter, model, instructions, demos, inputs, settings } = asking;
  const preamble = preambleFor(adapter, signature, { instructions, demos, isStructured: isStructured(model) });
  const question = adapter.question(signature, inputs);
  const turns = signature.inputs.some(isHistory) ? earlierTurns(asking) : noTurns;
  const messages = turns.length === 0 ? [...preamble, question] : [...preamble, ...turns, question];
  checkAttachments(asking, messages);
  const responseFormat = model.supports?.structuredOutput === false ? undefined : adapter.responseFormat?.(signature);
  return {
    messages,
    ...(responseFormat === undefined ? undefined : { responseFormat }),
    ...(stage.rollout === 0 ? undefined : { rollout: stage.rollout }),
    ...settings,
  };
}

const noTurns: readonly Message[] = [];

function isHistory({ type }: Field): boolean {
  return type.kind === "history";
}

/** A conversation so far as questions and answers, in the form of the adapter. */
function earlierTurns({ signature, adapter, inputs }: Asking): readonly Message[] {
  const messages: Message[] = [];
  for (const { name } of signature.inputs.filter(isHistory)) {
    const turns = inputs[name];
    if (!Array.isArray(turns)) continue;
    for (const turn of turns.filter(isPlainObject)) {
      if (signature.inputs.some((field) => Object.hasOwn(turn, field.name)))
        messages.push(adapter.question(signature, turn));
      if (signature.outputs.some((field) => Object.hasOwn(turn, field.name)))
        messages.push(adapter.answer(signature, turn));
    }
  }
  return messages;
}

function checkAttachments({ stage, model: { id, supports } }: Asking, messages: readonly Message[]): void {
  if (supports === undefined || (supports.images !== false && supports.files !== false)) return;
  for (const { attachments = [] } of messages)
    for (const { kind } of attachments)
      if (supports[`${kind}s`] === false)
        throw new UsageError(`stage ${stage.id}: model ${id} takes no ${kind}s, and the inputs have one`);
}

function requestSettings(stage: string, setting: Settings): Partial<ModelRequest> {
  const settings: Record<string, Json> = {};
  for (const name of numberSettings) {
    const value = setting(name);
    if (value === undefined) continue;
    if (typeof value !== "number") throw wrongSetting(stage, name, "a number", value);
    settings[name] = value;
  }
  const provider = textSetting(stage, "provider", setting("provider"));
  if (provider !== undefined) settings["provider"] = provider;
  return settings;
}

function adapterNamed(stage: string, name: Json): Adapter {
  const adapter = typeof name === "string" && Object.hasOwn(adapters, name) ? adapters[name] : undefined;
  if (adapter !== undefined) return adapter;
  throw wrongSetting(stage, "adapter", `one of ${adapterNames.join(", ")}`, name);
}

function maxAttemptsSetting(stage: string, value: Json): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= 5) return value;
  throw wrongSetting(stage, "maxAttempts", "a whole number from 1 to 5", value);
}

function textSetting(stage: string, name: string, value: Json | undefined): string | undefined {
  if (value === undefined || typeof value === "string") return value;
  throw wrongSetting(stage, name, "a text", value);
}

function wrongSetting(stage: string, name: string, expected: string, value: Json): UsageError {
  return new UsageError(`configuration ${stage}.${name}: expected ${expected}, got ${describe(value)}`);
}

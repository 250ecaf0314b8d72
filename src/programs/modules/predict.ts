import { describe, UsageError } from "#foundation";
import type { Json } from "#foundation";
import type { Demo } from "#variables";
import type { Adapter } from "../adapters/adapter.ts";
import { chat } from "../adapters/chat.ts";
import { json } from "../adapters/json.ts";
import { checkRecord } from "../field-type.ts";
import type { Field, ValueIssue } from "../field-type.ts";
import { addUsage, noUsage } from "../language-model.ts";
import type { LanguageModel, Message, ModelRequest, Usage } from "../language-model.ts";
import type { Context, Module, StageCall, StageResult, Values } from "../module.ts";
import { preambleFor } from "../preamble.ts";
import { ProgramError } from "../program-error.ts";
import type { StageDraft, StageOptions } from "../program.ts";
import { checkOutputs, hasFinerChecks } from "../signature.ts";
import type { Signature } from "../signature.ts";
import { reasoningStrategyNamed } from "./reasoning-strategy.ts";
import type { ReasoningStrategyName } from "./reasoning-strategy.ts";

/** The stage that asks the model for the outputs. */
export function predict(options: StageOptions = {}): StageDraft {
  return { module: "predict", ...options };
}

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
];

/**
 * Asks the model once, and once more with the defects shown when the reply cannot be used. Settings: `instructions`,
 * `demos`, `reasoningStrategy` ("predict" or "chain_of_thought": the stage does what the module of that name does),
 * `adapter` ("chat" or "json"), `model`, `provider`, `temperature`, `topP`, `maxTokens`, `seed`, `presencePenalty`,
 * `frequencyPenalty`.
 */
export const predictModule: Module = {
  name: "predict",
  settings: askSettings,
  run: (context, stage) => ask(context, stage, "predict"),
};

const adapters: Readonly<Record<string, Adapter>> = { chat, json };
const noDemos: readonly Demo[] = [];

/** What the setting `adapter` may say. */
export const adapterNames: readonly string[] = Object.keys(adapters);

/** The call that every asking module makes. Its `own` strategy is followed where the configuration names none. */
export async function ask(context: Context, stage: StageCall, own: ReasoningStrategyName): Promise<StageResult> {
  const { asked, defaults } = reasoningStrategyNamed(stage.id, stage.setting("reasoningStrategy") ?? own);
  const signature = asked(stage.signature);
  const setting = (name: string): Json | undefined => stage.setting(name) ?? defaults[name];
  const adapter = adapterNamed(stage.id, setting("adapter") ?? "chat");
  const request = requestFor(context, stage, signature, adapter, setting);
  const asking: Asking = { stage, signature, adapter, model: stage.model() };
  const reply = await attempt(asking, request);
  return reply.outputs === undefined ? askAgain(asking, request, reply) : reply;
}

/** Who is asked for what, and how. */
interface Asking {
  readonly stage: StageCall;
  readonly signature: Signature;
  readonly adapter: Adapter;
  readonly model: LanguageModel;
}

type Attempt = Usable | Unusable;

interface Usable {
  readonly outputs: Values;
  readonly usage: Usage;
}

interface Unusable {
  readonly outputs?: undefined;
  readonly usage: Usage;
  readonly raw: string;
  readonly issues: readonly ValueIssue[];
}

function requestFor(
  context: Context,
  stage: StageCall,
  signature: Signature,
  adapter: Adapter,
  setting: (name: string) => Json | undefined,
): ModelRequest {
  const demos = (setting("demos") ?? noDemos) as readonly Demo[];
  // An empty text is how a search space says "as the signature has it".
  const instructions = textSetting(stage.id, "instructions", setting("instructions")) || signature.instructions;
  const preamble = preambleFor(adapter, signature, instructions, demos);
  const question = adapter.question(signature, { ...context.inputs, ...context.outputs });
  const responseFormat = adapter.responseFormat?.(signature);
  return {
    messages: [...preamble, question],
    ...(responseFormat === undefined ? undefined : { responseFormat }),
    ...(stage.rollout === 0 ? undefined : { rollout: stage.rollout }),
    ...requestSettings(stage.id, setting),
  };
}

async function attempt({ stage, signature, adapter, model }: Asking, request: ModelRequest): Promise<Attempt> {
  const { text, usage } = await model.generate(request, { signal: stage.signal });
  const read = adapter.read(text, signature.outputs);
  if (!read.ok) return { usage, raw: text, issues: read.issues };
  let issues: readonly ValueIssue[];
  try {
    issues = await defects(signature.outputs, stage.signature, read.values);
  } catch (cause) {
    throw new FailedAfterSpending(cause, usage);
  }
  return issues.length === 0 ? { outputs: read.values, usage } : { usage, raw: text, issues };
}

/** Asks once more, with what was wrong with the first reply. */
async function askAgain(asking: Asking, request: ModelRequest, first: Unusable): Promise<StageResult> {
  const { stage, model } = asking;
  const messages: Message[] = [
    ...request.messages,
    { role: "assistant", content: first.raw },
    { role: "user", content: complaint(first.issues) },
  ];
  const second = await attempt(asking, { ...request, messages }).catch((thrown: unknown) => {
    const { cause, usage } = thrown instanceof FailedAfterSpending ? thrown : { cause: thrown, usage: noUsage };
    throw new FailedAfterSpending(cause, addUsage(first.usage, usage));
  });
  const usage = addUsage(first.usage, second.usage);
  if (second.outputs !== undefined) return { outputs: second.outputs, usage };
  throw new ProgramError(
    "unusable_reply",
    `the reply of ${model.id} could not be used, twice: ${issuesText(second.issues)}. It said: ${quote(second.raw)}`,
    { stage: stage.id, raw: second.raw, usage },
  );
}

/** What keeps values from being the asked outputs; a schema's finer checks look at its own fields. */
function defects(
  asked: readonly Field[],
  signature: Signature,
  values: Readonly<Record<string, unknown>>,
): Promise<readonly ValueIssue[]> | readonly ValueIssue[] {
  const issues = checkRecord(asked, values);
  if (issues.length > 0 || !hasFinerChecks(signature)) return issues;
  const names = new Set(signature.outputs.map(({ name }) => name));
  return checkOutputs(signature, Object.fromEntries(Object.entries(values).filter(([name]) => names.has(name))));
}

/** Carries what was spent before a call failed past the failure; the kernel unwraps it. */
export class FailedAfterSpending extends Error {
  readonly usage: Usage;

  constructor(cause: unknown, usage: Usage) {
    super("failed after spending", { cause });
    this.usage = usage;
  }
}

function requestSettings(stage: string, setting: (name: string) => Json | undefined): Partial<ModelRequest> {
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
  return adapter ?? fail(wrongSetting(stage, "adapter", `one of ${adapterNames.join(", ")}`, name));
}

function textSetting(stage: string, name: string, value: Json | undefined): string | undefined {
  if (value === undefined || typeof value === "string") return value;
  throw wrongSetting(stage, name, "a text", value);
}

function wrongSetting(stage: string, name: string, expected: string, value: Json): UsageError {
  return new UsageError(`configuration ${stage}.${name}: expected ${expected}, got ${describe(value)}`);
}

function fail(error: Error): never {
  throw error;
}

function complaint(issues: readonly ValueIssue[]): string {
  const lines = issues.map((issue) => `- ${issueText(issue)}`).join("\n");
  return `Your answer could not be used:\n${lines}\nAnswer again, in the form that was asked for.`;
}

function issuesText(issues: readonly ValueIssue[]): string {
  return issues.map(issueText).join("; ");
}

function issueText({ path, expected, received }: ValueIssue): string {
  return `${path === "" ? "" : `${path}: `}expected ${expected}, got ${received}`;
}

function quote(raw: string): string {
  return JSON.stringify(raw.length > 300 ? `${raw.slice(0, 297)}…` : raw);
}

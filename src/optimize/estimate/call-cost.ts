import type { Json, JsonObject } from "#foundation";
import { addUsage, chat, json, noUsage, placedStages, xml } from "#programs";
import type { Adapter, LanguageModel, Message, PlacedStage, Program, Signature, TokenPrice, Usage } from "#programs";
import type { Configuration, Demo } from "#variables";
import { defaultMaxTokens } from "../run/account/worst-case.ts";
import { assumedRecord } from "./assumed-value.ts";

/** What running a program once costs. */
export interface RunCost {
  /** Every stage is asked once and answers as its examples do. */
  readonly likely: Usage;
  /** Every stage needs all its attempts, each answer is as long as it may be, and a byte is a token. */
  readonly most: Usage;
}

/** Who is asked; a stage's own `model` setting is looked up by name. */
export interface Asked {
  readonly model: LanguageModel;
  readonly models: Readonly<Record<string, LanguageModel>>;
}

interface Case {
  readonly inputs: JsonObject;
  readonly outputs: JsonObject;
}

const adapters: Readonly<Record<string, Adapter>> = { chat, json, xml };
const usualAttempts = 2;
const bytesPerToken = 4;

/** What a re-ask says beside the reply that could not be used, in tokens. */
const complaintTokens = 100;

/** The cost of a program on a case, by its prompts: they are rendered, and nobody is asked. */
export function runCost(program: Program, configuration: Configuration, known: Case, asked: Asked): RunCost {
  const stages = placedStages(program).filter(({ stage }) => stage.stages === undefined);
  const costs = stages.map((stage) => stageCost(stage, settingsOf(stage.path, configuration), known, asked));
  return {
    likely: costs.reduce((sum, { likely }) => addUsage(sum, likely), noUsage),
    most: costs.reduce((sum, { most }) => addUsage(sum, most), noUsage),
  };
}

/** The mean of several. */
export function meanCost(costs: readonly RunCost[]): RunCost {
  const meanOf = (kind: keyof RunCost): Usage => {
    const total = costs.reduce((sum, cost) => addUsage(sum, cost[kind]), noUsage);
    const share = (value: number): number => value / Math.max(1, costs.length);
    return {
      calls: share(total.calls),
      inputTokens: share(total.inputTokens),
      outputTokens: share(total.outputTokens),
      usd: share(total.usd),
    };
  };
  return { likely: meanOf("likely"), most: meanOf("most") };
}

type Settings = (name: string) => Json | undefined;

/** As a stage reads the configuration: its own path, those around it, then the program's. */
function settingsOf(path: string, configuration: Configuration): Settings {
  const parts = path.split(".");
  const prefixes = parts.map((_, index) => `${parts.slice(0, parts.length - index).join(".")}.`);
  return (name) => {
    const prefix = [...prefixes, ""].find((each) => configuration[each + name] !== undefined);
    return prefix === undefined ? undefined : configuration[prefix + name];
  };
}

function stageCost({ stage, signature }: PlacedStage, setting: Settings, known: Case, asked: Asked): RunCost {
  const prompt = promptOf(signature, setting, known);
  const isReasoning = /chainofthought/i.test(
    `${stage.module}${String(setting("reasoningStrategy"))}`.replaceAll("_", ""),
  );
  const answer = answerBytes(signature, setting, known) + (isReasoning ? 400 : 0);
  const told = setting("maxTokens");
  const maxTokens = typeof told === "number" ? told : defaultMaxTokens;
  const attempts = numberOr(setting("maxAttempts"), usualAttempts);
  const inputTokens = Math.ceil(prompt / bytesPerToken);
  const outputTokens = Math.min(maxTokens, Math.ceil(answer / bytesPerToken));
  // Each re-ask shows all replies so far.
  const repeated = (attempts * (attempts - 1) * (maxTokens + complaintTokens)) / 2;
  const price = modelOf(setting("model"), asked).usdPerMillionTokens;
  return {
    likely: priced({ calls: 1, inputTokens, outputTokens }, price),
    most: priced(
      { calls: attempts, inputTokens: attempts * prompt + repeated, outputTokens: attempts * maxTokens },
      price,
    ),
  };
}

/** Bytes of the first prompt. What earlier stages will say is assumed. */
function promptOf(signature: Signature, setting: Settings, { inputs, outputs }: Case): number {
  const told = setting("instructions");
  const instructions = typeof told === "string" && told !== "" ? told : signature.instructions;
  const demos = setting("demos");
  const adapter = adapterOf(setting);
  const values = { ...assumedRecord(signature.inputs, "of a stage before"), ...outputs, ...inputs };
  return bytesOf([
    ...adapter.preamble({ ...signature, instructions }, Array.isArray(demos) ? (demos as readonly Demo[]) : []),
    adapter.question(signature, values),
  ]);
}

function answerBytes(signature: Signature, setting: Settings, { outputs }: Case): number {
  return bytesOf([adapterOf(setting).answer(signature, { ...assumedRecord(signature.outputs, ""), ...outputs })]);
}

function adapterOf(setting: Settings): Adapter {
  const name = setting("adapter");
  return (typeof name === "string" ? adapters[name] : undefined) ?? chat;
}

function modelOf(name: Json | undefined, { model, models }: Asked): LanguageModel {
  return (typeof name === "string" ? models[name] : undefined) ?? model;
}

function bytesOf(messages: readonly Message[]): number {
  return messages.reduce((sum, { content }) => sum + Buffer.byteLength(content) + 8, 0);
}

function numberOr(value: Json | undefined, usual: number): number {
  return typeof value === "number" ? value : usual;
}

function priced(usage: Omit<Usage, "usd">, price: TokenPrice | undefined): Usage {
  const { input = 0, output = 0 } = price ?? {};
  return { ...usage, usd: (usage.inputTokens * input + usage.outputTokens * output) / 1_000_000 };
}

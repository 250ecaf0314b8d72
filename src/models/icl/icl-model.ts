import { seededRng, UsageError } from "#foundation";
import type { JsonObject, Rng } from "#foundation";
import { ModelError } from "#programs";
import type { Embeddings, LanguageModel, ModelCallOptions, ModelChunk, ModelReply, ModelRequest } from "#programs";
import { answerTask } from "./answer-task.ts";
import { fitContext } from "./context-window.ts";
import type { FittedTask } from "./context-window.ts";
import type { Dialect } from "./dialects/dialect.ts";
import { renderObject } from "./dialects/json-object.ts";
import { recogniseDialect } from "./dialects/recognise.ts";
import type { AnsweredField } from "./dialects/task.ts";
import { embedding } from "./words/embedding.ts";
import { repetitionCounter } from "./repetitions.ts";
import { slipProbability } from "./sampling.ts";
import type { Sampling } from "./sampling.ts";
import { tiers } from "./tiers.ts";
import type { Tier, TierName } from "./tiers.ts";
import { chooseToolCall } from "./tool-call.ts";
import { countTokens, tokenizerVersion, tokens } from "./words/tokenizer.ts";
import { cut, write } from "./writing.ts";

export interface IclModelOptions {
  /** `"base"` unless told; `"small"` is worse, cheaper and has a shorter context. */
  readonly tier?: TierName;
  /** Chance at temperatures above 0 starts here (0). */
  readonly seed?: number | string;
  /** The longest prompt in tokens (8,192; small 2,048). */
  readonly contextTokens?: number;
  /** What becomes of longer prompts: they lose their oldest demonstrations, or they are refused. */
  readonly truncate?: "oldest_demos" | "refuse";
}

/**
 * The embedded offline model: an in-context learner without weights that answers from the prompt alone (`modelCard`).
 * Deterministic at temperature 0 and when no temperature is given. Above 0, the same seed gives the same answers; a
 * prompt that comes again is drawn anew, unless the request pins its draw with `seed` or `rollout`.
 */
export function iclModel(options: IclModelOptions = {}): LanguageModel {
  const { tier: name = "base", seed = 0, truncate = "oldest_demos" } = options;
  if (!Object.hasOwn(tiers, name))
    throw new UsageError(`tier: expected ${Object.keys(tiers).join(" or ")}, got ${JSON.stringify(name)}`);
  const tier = tiers[name];
  const { contextTokens = tier.contextTokens } = options;
  if (!Number.isInteger(contextTokens) || contextTokens < 1)
    throw new UsageError(`contextTokens: expected a whole number of at least 1, got ${contextTokens}`);
  const { id, evidence } = tier;
  const features = tier.features();
  const repetitionOf = repetitionCounter();

  const reply = (request: ModelRequest): ModelReply => {
    const sampling = samplingOf(request);
    const dialect = recogniseDialect(request.messages);
    const fitted = fitContext(dialect.parse(request), request.messages, { contextTokens, truncate });
    const rng =
      sampling.temperature === 0 ? seededRng(0) : draws(`${typeof seed} ${seed} ${id}`, request, repetitionOf);
    const warnings = warningsOf(request, fitted, contextTokens);
    const mind = { features, evidence, sampling, rng };
    const call = chooseToolCall(request, mind);
    const base = warnings.length === 0 ? {} : { warnings };
    if (call !== undefined) {
      const outputTokens = countTokens(call.name) + countTokens(call.input);
      const accounted = account(tier, { fitted, outputTokens, dialect: "tools" });
      return { text: "", toolCalls: [call], finishReason: "tool_calls", ...base, ...accounted };
    }
    const answers = answerTask(fitted.task, mind);
    const written = cut(formulate(request, { fitted, answers, dialect, rng }), request);
    const accounted = account(tier, { fitted, outputTokens: written.tokenCount, dialect: dialect.name, answers });
    return { text: written.text, finishReason: written.finishReason, ...base, ...accounted };
  };

  return {
    id,
    usdPerMillionTokens: { input: 0, output: 0 },
    supports: { structuredOutput: true, tools: true, images: false, files: false },
    generate: async (request: ModelRequest, { signal }: ModelCallOptions = {}): Promise<ModelReply> => {
      signal?.throwIfAborted();
      return reply(request);
    },
    async *stream(request: ModelRequest, { signal }: ModelCallOptions = {}): AsyncGenerator<ModelChunk> {
      signal?.throwIfAborted();
      const whole = reply(request);
      const pieces = tokens(whole.text);
      for (let at = 0; at < pieces.length; at += tokensPerChunk) {
        yield { type: "text", text: pieces.slice(at, at + tokensPerChunk).join("") };
        signal?.throwIfAborted();
      }
      yield { type: "reply", reply: whole };
    },
    embed: async (texts: readonly string[], { signal }: ModelCallOptions = {}): Promise<Embeddings> => {
      signal?.throwIfAborted();
      const inputTokens = texts.reduce((sum, text) => sum + countTokens(text), 0);
      return {
        vectors: texts.map((text) => embedding(features(text))),
        usage: { calls: 1, inputTokens, outputTokens: 0, usd: 0 },
      };
    },
  };
}

const tokensPerChunk = 4;

interface Accounted {
  readonly fitted: FittedTask;
  readonly outputTokens: number;
  readonly dialect: string;
  readonly answers?: readonly AnsweredField[];
}

/** What an answer cost and what it rests on. */
function account(
  tier: Tier,
  { fitted, outputTokens, dialect, answers = [] }: Accounted,
): Pick<ModelReply, "usage" | "metadata"> {
  const { inputTokens, droppedDemos } = fitted;
  return {
    usage: { calls: 1, inputTokens, outputTokens, usd: 0 },
    metadata: {
      units: (inputTokens * tier.price.inputPer1k + outputTokens * tier.price.outputPer1k) / 1000,
      dialect,
      tokenizer: tokenizerVersion,
      truncatedDemos: droppedDemos,
      evidence: answers.flatMap(({ field, because = "", labels = [] }) =>
        because === "" && labels.length === 0
          ? []
          : [{ output: field.name, because, labels: labels.map(({ value, probability }) => ({ value, probability })) }],
      ),
    },
  };
}

/** The chance of one request: by the model's seed, the prompt, and the request's own draw or else its repetition. */
function draws(origin: string, request: ModelRequest, repetitionOf: (prompt: string) => number): Rng {
  const { messages, seed, rollout } = request;
  const prompt = JSON.stringify(messages.map(({ role, content }) => [role, content]));
  const repetition = seed === undefined && rollout === undefined ? repetitionOf(prompt) : 0;
  return seededRng(JSON.stringify([origin, seed ?? null, rollout ?? 0, repetition, prompt]));
}

interface Answered {
  readonly fitted: FittedTask;
  readonly answers: readonly AnsweredField[];
  readonly dialect: Dialect;
  readonly rng: Rng;
}

/** The answers as text. Structured output is constrained decoding: its form cannot go wrong. */
function formulate(request: ModelRequest, { fitted, answers, dialect, rng }: Answered): string {
  const { responseFormat, messages } = request;
  const broken = fitted.task.demos.filter((demo) => demo.broken).length;
  const slip = responseFormat !== undefined ? 0 : slipProbability(request.temperature ?? 0, broken);
  const pieces =
    responseFormat === undefined
      ? dialect.render(answers, messages)
      : renderObject(withRequiredNulls(answers, responseFormat.schema));
  return write(pieces, slip, rng.fork("form"));
}

/** A strict schema wants `null` where an optional output is left out. */
function withRequiredNulls(answers: readonly AnsweredField[], schema: JsonObject): AnsweredField[] {
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  return answers.map((one) =>
    one.value === undefined && required.includes(one.field.name) ? { ...one, value: null } : one,
  );
}

function samplingOf({ temperature = 0, topP = 1, maxTokens }: ModelRequest): Sampling {
  if (!Number.isFinite(temperature) || temperature < 0)
    throw invalid("temperature", "a number of at least 0", temperature);
  if (!(topP > 0 && topP <= 1)) throw invalid("topP", "a number above 0 and up to 1", topP);
  if (maxTokens !== undefined && !(maxTokens >= 0)) throw invalid("maxTokens", "a number of at least 0", maxTokens);
  return { temperature, topP };
}

function invalid(name: string, expected: string, received: number): ModelError {
  return new ModelError("invalid_request", `${name}: expected ${expected}, got ${received}`);
}

function warningsOf(request: ModelRequest, { droppedDemos }: FittedTask, contextTokens: number): string[] {
  const warnings: string[] = [];
  if (droppedDemos > 0)
    warnings.push(
      `the oldest ${droppedDemos} demonstrations were dropped to fit the context of ${contextTokens} tokens`,
    );
  for (const name of ["presencePenalty", "frequencyPenalty"] as const)
    if ((request[name] ?? 0) !== 0) warnings.push(`${name} was ignored`);
  if (request.messages.some(({ attachments = [] }) => attachments.length > 0))
    warnings.push("attachments were ignored");
  if (request.provider !== undefined) warnings.push("provider was ignored");
  return warnings;
}

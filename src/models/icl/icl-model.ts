import { seededRng, UsageError } from "#foundation";
import type { Rng } from "#foundation";
import { ModelError } from "#programs";
import type { Embeddings, LanguageModel, ModelCallOptions, ModelReply, ModelRequest } from "#programs";
import { answerTask } from "./answer-task.ts";
import { fitContext } from "./context-window.ts";
import type { FittedTask } from "./context-window.ts";
import type { Dialect } from "./dialects/dialect.ts";
import { renderObject } from "./dialects/json-object.ts";
import { recogniseDialect } from "./dialects/recognise.ts";
import type { AnsweredField } from "./dialects/task.ts";
import { embedding } from "./words/embedding.ts";
import { cachedFeatures } from "./words/feature-cache.ts";
import { defaultContextTokens, unitPrices } from "./model-card.ts";
import { repetitionCounter } from "./repetitions.ts";
import { slipProbability } from "./sampling.ts";
import type { Sampling } from "./sampling.ts";
import { countTokens, tokenizerVersion } from "./words/tokenizer.ts";
import { cut, write } from "./writing.ts";

export interface IclModelOptions {
  /** There is one tier so far. */
  readonly tier?: "base";
  /** Chance at temperatures above 0 starts here (0). */
  readonly seed?: number | string;
  /** The longest prompt in tokens (8,192); longer ones lose their oldest demonstrations. */
  readonly contextTokens?: number;
}

/**
 * The embedded offline model: an in-context learner without weights that answers from the prompt alone (`modelCard`).
 * Deterministic at temperature 0 and when no temperature is given. Above 0, the same seed gives the same answers; a
 * prompt that comes again is drawn anew, unless the request pins its draw with `seed` or `rollout`.
 */
export function iclModel(options: IclModelOptions = {}): LanguageModel {
  const { tier = "base", seed = 0, contextTokens = defaultContextTokens } = options;
  if (tier !== "base") throw new UsageError(`tier: expected "base", got ${JSON.stringify(tier)}`);
  if (!Number.isInteger(contextTokens) || contextTokens < 1)
    throw new UsageError(`contextTokens: expected a whole number of at least 1, got ${contextTokens}`);
  const id = `icl-${tier}-1`;
  const features = cachedFeatures();
  const repetitionOf = repetitionCounter();

  const reply = (request: ModelRequest): ModelReply => {
    const sampling = samplingOf(request);
    const dialect = recogniseDialect(request.messages);
    const fitted = fitContext(dialect.parse(request), request.messages, contextTokens);
    const rng =
      sampling.temperature === 0 ? seededRng(0) : draws(`${typeof seed} ${seed} ${id}`, request, repetitionOf);
    const answers = answerTask(fitted.task, { features, sampling, rng });
    const written = cut(formulate(request, { fitted, answers, dialect, rng }), request);
    const warnings = warningsOf(request, fitted, contextTokens);
    return {
      text: written.text,
      finishReason: written.finishReason,
      usage: { calls: 1, inputTokens: fitted.inputTokens, outputTokens: written.tokenCount, usd: 0 },
      ...(warnings.length === 0 ? {} : { warnings }),
      metadata: {
        units: unitsOf(fitted.inputTokens, written.tokenCount),
        dialect: dialect.name,
        tokenizer: tokenizerVersion,
        truncatedDemos: fitted.droppedDemos,
      },
    };
  };

  return {
    id,
    usdPerMillionTokens: { input: 0, output: 0 },
    generate: async (request: ModelRequest, { signal }: ModelCallOptions = {}): Promise<ModelReply> => {
      signal?.throwIfAborted();
      return reply(request);
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
  const isConstrained = request.responseFormat !== undefined;
  const broken = fitted.task.demos.filter((demo) => demo.broken).length;
  const slip = isConstrained ? 0 : slipProbability(request.temperature ?? 0, broken);
  return write(isConstrained ? renderObject(answers) : dialect.render(answers), slip, rng.fork("form"));
}

function unitsOf(inputTokens: number, outputTokens: number): number {
  return (inputTokens * unitPrices.inputPer1k + outputTokens * unitPrices.outputPer1k) / 1000;
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
  if (request.provider !== undefined) warnings.push("provider was ignored");
  return warnings;
}

import { CodedError } from "#foundation";
import type { CodedErrorOptions, Json, JsonObject } from "#foundation";

/** The port to a language model: text in, text out. Everything around it (retries, limits, cache) wraps this. */
export interface LanguageModel {
  /** What reports and caches call it: `"openai/gpt-5-mini"`, `"icl-base-1"`. */
  readonly id: string;
  /** What it costs, where that is known beforehand: lets a budget in money be a hard one. */
  readonly usdPerMillionTokens?: TokenPrice;
  /** One answer. Rejects with `ModelError`; an aborted signal rejects with its reason. */
  generate(request: ModelRequest, options?: ModelCallOptions): Promise<ModelReply>;
  /** One vector per text. */
  embed?(texts: readonly string[], options?: ModelCallOptions): Promise<Embeddings>;
}

/** In US dollars for a million tokens. */
export interface TokenPrice {
  readonly input: number;
  readonly output: number;
}

export interface ModelCallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** What is asked. Plain data: its canonical JSON is the request's identity. */
export interface ModelRequest {
  readonly messages: readonly Message[];
  readonly temperature?: number;
  readonly topP?: number;
  /** The most tokens the answer may have. */
  readonly maxTokens?: number;
  readonly stop?: readonly string[];
  readonly seed?: number;
  readonly presencePenalty?: number;
  readonly frequencyPenalty?: number;
  /** A wish for structured output. A model without it answers as it can and says so in `warnings`. */
  readonly responseFormat?: ResponseFormat;
  /** For models that route: whose endpoint to take. */
  readonly provider?: string;
  /** Which of several independent answers to one request this is; 0 is the first. Part of the request's identity. */
  readonly rollout?: number;
}

export interface Message {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

export interface ResponseFormat {
  readonly type: "json";
  readonly name: string;
  readonly schema: JsonObject;
}

export interface ModelReply {
  readonly text: string;
  readonly finishReason: FinishReason;
  readonly usage: Usage;
  /** What the model or its provider did not honour, in words. */
  readonly warnings?: readonly string[];
  /** Whatever else the provider said. */
  readonly metadata?: Json;
}

export type FinishReason = "stop" | "length" | "content_filter" | "tool_calls" | "error" | "other";

export interface Embeddings {
  readonly vectors: readonly (readonly number[])[];
  readonly usage: Usage;
}

/** What calls cost. `usd` is 0 where no price is known. */
export interface Usage {
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly usd: number;
}

export const noUsage: Usage = { calls: 0, inputTokens: 0, outputTokens: 0, usd: 0 };

export function addUsage(a: Usage, b: Usage): Usage {
  return {
    calls: a.calls + b.calls,
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    usd: a.usd + b.usd,
  };
}

export type ModelErrorCode =
  /** The provider wants fewer calls; `retryAfterMs` says when to come back, if it said so. */
  | "rate_limited"
  /** No connection, a 5xx answer, a stream cut short. */
  | "unavailable"
  | "timeout"
  /** Missing or refused key. */
  | "unauthorized"
  /** The provider does not know the model. */
  | "unknown_model"
  /** The provider refused the request as it stands. */
  | "invalid_request"
  | "context_length"
  /** The provider answered with something that is no answer of its protocol. */
  | "bad_response"
  /** The run's budget does not cover the call; it was not made. */
  | "budget_exhausted"
  | "engine";

export interface ModelErrorOptions extends CodedErrorOptions {
  readonly retryAfterMs?: number | undefined;
}

/** What a model rejects with. */
export class ModelError extends CodedError<ModelErrorCode> {
  override readonly name = "ModelError";
  readonly retryAfterMs: number | undefined;

  constructor(code: ModelErrorCode, message: string, options: ModelErrorOptions = {}) {
    super(code, message, options);
    this.retryAfterMs = options.retryAfterMs;
  }
}

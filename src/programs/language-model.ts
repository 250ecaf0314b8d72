import { CodedError } from "#foundation";
import type { CodedErrorOptions, Json, JsonObject } from "#foundation";

/** The port to a language model: text in, text out. Everything around it (retries, limits, cache) wraps this. */
export interface LanguageModel {
  /** What reports and caches call it: `"openai/gpt-5-mini"`, `"icl-base-1"`. */
  readonly id: string;
  /** What it costs, where that is known beforehand: lets a budget in money be a hard one. */
  readonly usdPerMillionTokens?: TokenPrice;
  /** What it can do beyond text; what is absent is not known. */
  readonly supports?: ModelSupport;
  /** One answer. Rejects with `ModelError`; an aborted signal rejects with its reason. */
  generate(request: ModelRequest, options?: ModelCallOptions): Promise<ModelReply>;
  /**
   * The same answer while it is written: pieces of its text, and last, once, the whole reply. The iterator throws what
   * `generate` rejects with; a stream that is cut short throws. Who stops iterating aborts the call.
   */
  stream?(request: ModelRequest, options?: ModelCallOptions): AsyncIterable<ModelChunk>;
  /** One vector per text. */
  embed?(texts: readonly string[], options?: ModelCallOptions): Promise<Embeddings>;
}

/** In US dollars for a million tokens. */
export interface TokenPrice {
  readonly input: number;
  readonly output: number;
}

/** What a model can do: said by whoever knows, never tried out. */
export interface ModelSupport {
  /** `responseFormat` is honoured: its replies satisfy the schema. */
  readonly structuredOutput?: boolean;
  /** `tools` are honoured. */
  readonly tools?: boolean;
  /** Images are read where a message has them attached. */
  readonly images?: boolean;
  /** Files are read where a message has them attached. */
  readonly files?: boolean;
}

export interface ModelCallOptions {
  readonly signal?: AbortSignal | undefined;
  /** `false` keeps caches on the way to the model from answering this call. */
  readonly cache?: boolean | undefined;
}

/** A piece of an answer in the making, or the whole of it at the end. */
export type ModelChunk =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "reply"; readonly reply: ModelReply };

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
  /** What the model may ask to be called. A model without tools answers as it can and says so in `warnings`. */
  readonly tools?: readonly ToolSpecification[];
  /** Whether it may (`auto`, unless told), must not or must call a tool, or which one it must call. */
  readonly toolChoice?: ToolChoice;
  /** For models that route: whose endpoint to take. */
  readonly provider?: string;
  /** Which of several independent answers to one request this is; 0 is the first. Part of the request's identity. */
  readonly rollout?: number;
}

export interface Message {
  readonly role: "system" | "user" | "assistant" | "tool";
  readonly content: string;
  /** On a user's message: images and files that belong to its text. */
  readonly attachments?: readonly Attachment[];
  /** On an assistant's message: what it wanted called. */
  readonly toolCalls?: readonly ToolCall[];
  /** On a tool's message: the `id` of the call whose result `content` is. */
  readonly toolCallId?: string;
}

/** An image or another file, by its address or its bytes. */
export interface Attachment {
  readonly kind: "image" | "file";
  /** As in `image/png`, `application/pdf`. */
  readonly mediaType: string;
  /** Where it lies; the provider fetches it. Either this or `data`. */
  readonly url?: string;
  /** Its bytes in base64. */
  readonly data?: string;
  readonly filename?: string;
}

/** A tool as a model gets to know it. */
export interface ToolSpecification {
  readonly name: string;
  readonly description?: string;
  readonly inputSchema: JsonObject;
}

export type ToolChoice = "auto" | "none" | "required" | { readonly name: string };

/** A wish of the model to have a tool called. */
export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** The arguments as the model wrote them: JSON text, not yet read and not yet checked. */
  readonly input: string;
}

export interface ResponseFormat {
  readonly type: "json";
  readonly name: string;
  readonly schema: JsonObject;
  /** The schema keeps to what strict structured output takes: all is required (at most null), nothing else allowed. */
  readonly strict?: boolean;
}

export interface ModelReply {
  readonly text: string;
  readonly finishReason: FinishReason;
  readonly usage: Usage;
  /** What it wants called, in its order. */
  readonly toolCalls?: readonly ToolCall[];
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

import type { JsonValue } from "./json-outputs.ts";

/**
 * The AI SDK's model specification V4 as far as a program fills it, by shape: tutti does not depend on the SDK. What the
 * SDK's own types let it write to is not `readonly` here, or its functions would not take our model.
 */
export interface AiSdkLanguageModel {
  readonly specificationVersion: "v4";
  readonly provider: string;
  readonly modelId: string;
  readonly supportedUrls: Record<string, RegExp[]>;
  doGenerate(call: ModelCall): Promise<GenerateResult>;
  doStream(call: ModelCall): Promise<{ stream: ReadableStream<StreamPart> }>;
}

/** What is asked: the part of it that is read. */
export interface ModelCall {
  readonly prompt: readonly PromptMessage[];
  readonly responseFormat?: { readonly type: string; readonly schema?: unknown } | undefined;
  readonly abortSignal?: AbortSignal | undefined;
  readonly maxOutputTokens?: number | undefined;
  readonly temperature?: number | undefined;
  readonly stopSequences?: readonly string[] | undefined;
  readonly topP?: number | undefined;
  readonly topK?: number | undefined;
  readonly presencePenalty?: number | undefined;
  readonly frequencyPenalty?: number | undefined;
  readonly seed?: number | undefined;
  readonly tools?: readonly object[] | undefined;
  readonly reasoning?: string | undefined;
}

/** One message: a text, or parts of which those of type `text` are read. */
export interface PromptMessage {
  readonly role: "system" | "user" | "assistant" | "tool";
  readonly content: string | readonly { readonly type: string }[];
}

export interface GenerateResult {
  content: { type: "text"; text: string }[];
  finishReason: Finish;
  usage: TokenCounts;
  warnings: Warning[];
  providerMetadata: { tutti: { [key: string]: JsonValue } };
}

export type StreamPart =
  | { type: "stream-start"; warnings: Warning[] }
  | { type: "text-start"; id: string }
  | { type: "text-delta"; id: string; delta: string }
  | { type: "text-end"; id: string }
  | { type: "error"; error: unknown }
  | ({ type: "finish" } & Pick<GenerateResult, "finishReason" | "usage"> &
      Partial<Pick<GenerateResult, "providerMetadata">>);

interface Finish {
  unified: "stop" | "error";
  raw: string | undefined;
}

export interface TokenCounts {
  inputTokens: { total: number; noCache: undefined; cacheRead: undefined; cacheWrite: undefined };
  outputTokens: { total: number; text: undefined; reasoning: undefined };
}

export interface Warning {
  type: "unsupported";
  feature: string;
  details: string;
}

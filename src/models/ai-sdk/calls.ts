import { ModelError, noUsage } from "#programs";
import type { Embeddings, ModelChunk, ModelReply, ModelRequest, ToolCall } from "#programs";
import type { AiSdkEmbeddingModel, AiSdkModel } from "./ai-sdk-model.ts";
import { at } from "../json-value.ts";
import { callOptions, unheededOf } from "./call-options.ts";
import { embedTexts } from "./embed-texts.ts";
import { modelError, streamError } from "./failure.ts";
import { readFinishReason, readToolCall, readUsage, readWarnings } from "./result.ts";

/** The verbs of the port through the SDK's specification. */
export interface AiSdkCalls {
  generate(request: ModelRequest, signal: AbortSignal | undefined): Promise<ModelReply>;
  stream(request: ModelRequest, signal: AbortSignal | undefined): AsyncGenerator<ModelChunk, void, undefined>;
  embed(texts: readonly string[], signal: AbortSignal | undefined): Promise<Embeddings>;
}

export function aiSdkCalls(model: AiSdkModel, embeddingModel: AiSdkEmbeddingModel | undefined): AiSdkCalls {
  const id = `${model.provider}/${model.modelId}`;
  return {
    async generate(request, signal) {
      try {
        const result = await model.doGenerate(callOptions(model, request, signal));
        return readResult(result, id, unheededOf(model, request));
      } catch (thrown) {
        if (signal?.aborted === true) throw signal.reason;
        throw modelError(thrown, id);
      }
    },
    async *stream(request, signal) {
      const leaving = new AbortController();
      const ending = signal === undefined ? leaving.signal : AbortSignal.any([signal, leaving.signal]);
      try {
        const result = await model.doStream?.(callOptions(model, request, ending));
        for await (const chunk of readStream(result, id, unheededOf(model, request))) {
          signal?.throwIfAborted();
          yield chunk;
        }
      } catch (thrown) {
        if (signal?.aborted === true) throw signal.reason;
        throw modelError(thrown, id);
      } finally {
        leaving.abort();
      }
    },
    async embed(texts, signal) {
      if (embeddingModel === undefined || texts.length === 0) return { vectors: [], usage: noUsage };
      try {
        return await embedTexts(embeddingModel, texts, signal);
      } catch (thrown) {
        if (signal?.aborted === true) throw signal.reason;
        throw modelError(thrown, `${embeddingModel.provider}/${embeddingModel.modelId}`);
      }
    },
  };
}

function readResult(result: unknown, id: string, unheeded: readonly string[]): ModelReply {
  const parts = at(result, "content");
  if (!Array.isArray(parts)) throw new ModelError("bad_response", `${id}: the answer has no content`);
  const structured = at(result, "structuredOutputText");
  const text = parts.map((part: unknown) => (at(part, "type") === "text" ? String(at(part, "text")) : ""));
  return reply({
    text: typeof structured === "string" ? structured : text.join(""),
    toolCalls: parts.flatMap(readToolCall),
    end: result,
    warnings: [...unheeded, ...readWarnings(at(result, "warnings"))],
  });
}

interface Read {
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  /** What has the finish reason and the usage: the result or the stream's last part. */
  readonly end: unknown;
  readonly warnings: readonly string[];
}

function reply({ text, toolCalls, end, warnings }: Read): ModelReply {
  return {
    text,
    finishReason: readFinishReason(at(end, "finishReason")),
    usage: readUsage(at(end, "usage")),
    ...(toolCalls.length > 0 ? { toolCalls } : {}),
    ...(warnings.length > 0 ? { warnings } : {}),
  };
}

async function* readStream(
  result: unknown,
  id: string,
  unheeded: readonly string[],
): AsyncGenerator<ModelChunk, void, undefined> {
  const stream = at(result, "stream");
  if (!(stream instanceof ReadableStream)) throw new ModelError("bad_response", `${id}: the answer has no stream`);
  let read: Read = { text: "", toolCalls: [], end: undefined, warnings: unheeded };
  for await (const part of stream as unknown as AsyncIterable<unknown>) {
    // The parts after an error say "stop" all the same.
    if (at(part, "type") === "error") throw streamError(at(part, "error"), id);
    const text = at(part, "type") === "text-delta" ? at(part, "delta") : undefined;
    read = withPart(read, part);
    if (typeof text === "string" && text !== "") yield { type: "text", text };
  }
  if (read.end === undefined)
    throw new ModelError("unavailable", `${id}: the stream was cut short`, { retryable: true });
  yield { type: "reply", reply: reply(read) };
}

function withPart(read: Read, part: unknown): Read {
  switch (at(part, "type")) {
    case "text-delta":
      return { ...read, text: read.text + String(at(part, "delta") ?? "") };
    case "tool-call":
      return { ...read, toolCalls: [...read.toolCalls, ...readToolCall(part)] };
    case "stream-start":
      return { ...read, warnings: [...read.warnings, ...readWarnings(at(part, "warnings"))] };
    case "finish":
      return { ...read, end: part };
    default:
      return read;
  }
}

import type { JsonObject } from "#foundation";
import { ModelError } from "#programs";
import type { FinishReason, ModelReply, ToolCall, Usage } from "#programs";
import type { Endpoint } from "./endpoint.ts";
import { redacted } from "../redaction.ts";
import { excerpt, saidFailure } from "./failure.ts";
import { at, items, parsed } from "../json-value.ts";

export interface ReadingContext {
  readonly endpoint: Endpoint;
  readonly redact: (text: string) => string;
}

/** A completion as the endpoint wrote it. Throws `ModelError` for anything else. */
export function readCompletion(text: string, { endpoint, redact }: ReadingContext): ModelReply {
  const body = parsed(text);
  const choice = at(items(at(body, "choices"))[0], "message") === undefined ? undefined : items(at(body, "choices"))[0];
  if (choice === undefined && at(body, "error") !== undefined)
    throw saidFailure(at(body, "error"), { id: endpoint.id, redact });
  const message = at(choice, "message");
  const toolCalls = items(at(message, "tool_calls")).flatMap(readToolCall);
  const content = contentOf(at(message, "content"), toolCalls.length > 0);
  if (content === undefined)
    // A proxy that cut the answer or put its own page in its place may do better next time.
    throw new ModelError(
      "bad_response",
      `${endpoint.id}: the endpoint answered with no completion: ${excerpt(text, redact)}`,
      { retryable: true },
    );
  return reply({
    text: content,
    toolCalls,
    finish: at(choice, "finish_reason"),
    usage: readUsage(endpoint, at(body, "usage")),
    metadata: redacted(metadataOf(body, message), redact),
  });
}

export interface Read {
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  readonly finish: unknown;
  readonly usage: Usage;
  readonly metadata: JsonObject;
}

export function reply({ text, toolCalls, finish, usage, metadata }: Read): ModelReply {
  const finishReason = readFinishReason(finish);
  return {
    text,
    // Some servers end with "stop" although they want a tool called.
    finishReason: toolCalls.length > 0 && finishReason === "stop" ? "tool_calls" : finishReason,
    usage,
    ...(toolCalls.length === 0 ? {} : { toolCalls }),
    ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
  };
}

/** A model that spent all its tokens on reasoning answers with null: an empty answer, not a broken one. */
function contentOf(content: unknown, hasToolCalls: boolean): string | undefined {
  if (typeof content === "string") return content;
  if (content === null || (content === undefined && hasToolCalls)) return "";
  if (!Array.isArray(content)) return undefined;
  return content
    .map((part: unknown) => (typeof at(part, "text") === "string" ? String(at(part, "text")) : ""))
    .join("");
}

function readToolCall(call: unknown, index: number): readonly ToolCall[] {
  const name = at(at(call, "function"), "name");
  if (typeof name !== "string") return [];
  return [{ id: idOf(at(call, "id"), index), name, input: inputOf(at(at(call, "function"), "arguments")) }];
}

export function idOf(id: unknown, index: number): string {
  return typeof id === "string" && id !== "" ? id : `call_${index}`;
}

function inputOf(input: unknown): string {
  if (typeof input === "string") return input === "" ? "{}" : input;
  return JSON.stringify(input) ?? "{}";
}

/** What of an answer, or of a piece of it, is worth keeping besides the text. */
export function metadataOf(body: unknown, message: unknown): JsonObject {
  const reasoning = at(message, "reasoning_content") ?? at(message, "reasoning");
  const texts = { responseId: at(body, "id"), model: at(body, "model"), reasoning };
  return Object.fromEntries(
    Object.entries(texts).flatMap(([name, value]) =>
      typeof value === "string" && value !== "" ? [[name, value]] : [],
    ),
  );
}

export function readUsage({ usdPerMillionTokens: price }: Endpoint, usage: unknown): Usage {
  const count = (name: string): number => {
    const value = at(usage, name);
    return typeof value === "number" && value >= 0 ? value : 0;
  };
  const inputTokens = count("prompt_tokens");
  const outputTokens = count("completion_tokens");
  const usd = price === undefined ? 0 : (inputTokens * price.input + outputTokens * price.output) / 1_000_000;
  return { calls: 1, inputTokens, outputTokens, usd };
}

const finishReasons: ReadonlySet<unknown> = new Set<FinishReason>(["stop", "length", "content_filter", "tool_calls"]);

function readFinishReason(reason: unknown): FinishReason {
  return finishReasons.has(reason) ? (reason as FinishReason) : "other";
}

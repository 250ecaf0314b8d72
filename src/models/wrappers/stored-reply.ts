import { isPlainObject, jsonDefect } from "#foundation";
import type { Json } from "#foundation";
import type { FinishReason, ModelReply, ToolCall, Usage } from "#programs";

/** The reply as JSON that `readReply` reads; `undefined` for one that is none, such as metadata with a date in it. */
export function storableReply(reply: ModelReply): Json | undefined {
  return readReply(reply) !== undefined && jsonDefect(reply) === undefined ? (reply as unknown as Json) : undefined;
}

/** What came out of a store, if it is a reply. */
export function readReply(value: unknown): ModelReply | undefined {
  if (!isPlainObject(value)) return undefined;
  const { text, finishReason, usage, toolCalls, warnings, metadata } = value;
  if (typeof text !== "string" || !finishReasons.has(finishReason) || !isUsage(usage)) return undefined;
  if (toolCalls !== undefined && !(Array.isArray(toolCalls) && toolCalls.every(isToolCall))) return undefined;
  if (warnings !== undefined && !isTexts(warnings)) return undefined;
  return {
    text,
    finishReason: finishReason as FinishReason,
    usage,
    ...(toolCalls === undefined ? {} : { toolCalls }),
    ...(warnings === undefined ? {} : { warnings }),
    ...(metadata === undefined ? {} : { metadata: metadata as Json }),
  };
}

export function isUsage(value: unknown): value is Usage {
  const names: readonly (keyof Usage)[] = ["calls", "inputTokens", "outputTokens", "usd"];
  const isCount = (count: unknown): boolean => typeof count === "number" && Number.isFinite(count) && count >= 0;
  return isPlainObject(value) && names.every((name) => isCount(value[name]));
}

function isToolCall(value: unknown): value is ToolCall {
  return isPlainObject(value) && ["id", "name", "input"].every((name) => typeof value[name] === "string");
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((text) => typeof text === "string");
}

const finishReasons: ReadonlySet<unknown> = new Set<FinishReason>([
  "stop",
  "length",
  "content_filter",
  "tool_calls",
  "error",
  "other",
]);

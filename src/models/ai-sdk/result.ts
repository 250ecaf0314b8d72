import type { FinishReason, ToolCall, Usage } from "#programs";
import { at } from "../json-value.ts";

/** V2 reports numbers, V3 and V4 objects with a total; each may be missing. */
export function readUsage(usage: unknown): Usage {
  const count = (name: string): number => {
    const value = at(usage, name);
    const total = typeof value === "object" ? at(value, "total") : value;
    return typeof total === "number" && total >= 0 ? total : 0;
  };
  return { calls: 1, inputTokens: count("inputTokens"), outputTokens: count("outputTokens"), usd: 0 };
}

const finishReasons: Readonly<Record<string, FinishReason>> = {
  stop: "stop",
  length: "length",
  "content-filter": "content_filter",
  "tool-calls": "tool_calls",
  error: "error",
};

/** A text in V2, since then an object. */
export function readFinishReason(finish: unknown): FinishReason {
  const reason = typeof finish === "string" ? finish : at(finish, "unified");
  return (typeof reason === "string" ? finishReasons[reason] : undefined) ?? "other";
}

export function readWarnings(warnings: unknown): readonly string[] {
  return Array.isArray(warnings) ? warnings.map(warningText) : [];
}

function warningText(warning: unknown): string {
  const parts = ["type", "feature", "setting", "message", "details"].map((name) => at(warning, name));
  return parts.filter((part) => typeof part === "string").join(": ");
}

/** A call that the provider has already made itself is none of ours. */
export function readToolCall(part: unknown): readonly ToolCall[] {
  const [type, id, name, input] = ["type", "toolCallId", "toolName", "input"].map((key) => at(part, key));
  if (type !== "tool-call" || at(part, "providerExecuted") === true) return [];
  if (typeof id !== "string" || typeof name !== "string") return [];
  return [{ id, name, input: typeof input === "string" ? input : (JSON.stringify(input) ?? "{}") }];
}

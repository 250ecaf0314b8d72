import { isPlainObject } from "#foundation";
import type { Json } from "#foundation";
import { noUsage } from "#programs";
import type { LanguageModel, ModelReply, ModelRequest } from "#programs";
import { chunksOf } from "./whole-stream.ts";

/**
 * The model behind every name `mock/…`: for trying out whatever is around a model. It repeats the last message; asked
 * for structured output, it writes the least value that fits the schema. No network, no chance, no cost.
 */
export function mockModel(id: string): LanguageModel {
  const answer = ({ messages, responseFormat }: ModelRequest): ModelReply => ({
    text:
      responseFormat === undefined
        ? (messages.at(-1)?.content ?? "")
        : JSON.stringify(leastValue(responseFormat.schema)),
    finishReason: "stop",
    usage: { ...noUsage, calls: 1 },
  });
  return {
    id,
    supports: { structuredOutput: true },
    usdPerMillionTokens: { input: 0, output: 0 },
    async generate(request, { signal } = {}) {
      signal?.throwIfAborted();
      return answer(request);
    },
    async *stream(request, { signal } = {}) {
      for (const chunk of chunksOf(answer(request))) {
        signal?.throwIfAborted();
        yield chunk;
      }
    },
    async embed(texts, { signal } = {}) {
      signal?.throwIfAborted();
      return { vectors: texts.map(letterCounts), usage: { ...noUsage, calls: 1 } };
    },
  };
}

/** How often each of so many groups of characters comes, and a 1, so that no vector has the length 0. */
function letterCounts(text: string): readonly number[] {
  const counts = Array.from({ length: 16 }, () => 0);
  for (const character of text) {
    const group = (character.codePointAt(0) ?? 0) % counts.length;
    counts[group] = (counts[group] ?? 0) + 1;
  }
  return [1, ...counts];
}

/** Deeper than any schema that a person writes; one that contains itself ends here. */
const maxDepth = 16;

function leastValue(schema: unknown, depth = 0): Json {
  if (!isPlainObject(schema) || depth > maxDepth) return null;
  if (schema["const"] !== undefined) return schema["const"] as Json;
  if (Array.isArray(schema["enum"])) return (schema["enum"][0] ?? null) as Json;
  const options = schema["anyOf"] ?? schema["oneOf"];
  if (Array.isArray(options)) return leastValue(options[0], depth + 1);
  const type: unknown = Array.isArray(schema["type"]) ? schema["type"][0] : schema["type"];
  if (type === "string") return "x".repeat(Number(schema["minLength"] ?? 0));
  if (type === "number" || type === "integer") return Math.max(0, Number(schema["minimum"] ?? 0));
  if (type === "boolean") return false;
  if (type === "array")
    return Array.from({ length: Number(schema["minItems"] ?? 0) }, () => leastValue(schema["items"], depth + 1));
  const { properties } = schema;
  if (!isPlainObject(properties)) return type === "null" ? null : {};
  const required: readonly unknown[] = Array.isArray(schema["required"]) ? schema["required"] : [];
  const fields = Object.entries(properties).filter(([name]) => required.includes(name));
  return Object.fromEntries(fields.map(([name, field]) => [name, leastValue(field, depth + 1)]));
}

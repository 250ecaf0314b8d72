import { isPlainObject } from "#foundation";
import type { Json, JsonObject } from "#foundation";

/** What strict structured output understands; what it does not understand, it refuses. */
const understood: ReadonlySet<string> = new Set([
  "type",
  "enum",
  "const",
  "description",
  "title",
  "properties",
  "required",
  "additionalProperties",
  "items",
  "anyOf",
  "pattern",
  "format",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  "minItems",
  "maxItems",
]);

/** Left out: the reply is checked against them all the same. */
const dropped: ReadonlySet<string> = new Set(["$schema", "default", "examples", "minLength", "maxLength"]);

/**
 * The schema as strict structured output wants it: every property is required, an optional one may be null, and there
 * are no others. `undefined` where it cannot be said so (maps, any JSON, references).
 * https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
 */
export function strictSchema(schema: JsonObject): JsonObject | undefined {
  const kept = Object.entries(schema).filter(([key]) => !dropped.has(key));
  if (!kept.every(([key]) => understood.has(key))) return undefined;
  const plain = Object.fromEntries(kept);
  if (plain["anyOf"] !== undefined) return strictChoice(plain);
  if (plain["type"] === "object") return strictObject(plain);
  if (plain["type"] === "array") return strictList(plain);
  if (plain["type"] !== undefined) return plain;
  const values: unknown = plain["enum"] ?? (plain["const"] === undefined ? undefined : [plain["const"]]);
  const areTexts = Array.isArray(values) && values.every((value) => typeof value === "string");
  return areTexts ? { type: "string", ...plain } : undefined;
}

function strictObject(schema: JsonObject): JsonObject | undefined {
  const { properties, required, additionalProperties = false } = schema;
  if (!isPlainObject(properties) || additionalProperties !== false) return undefined;
  const names: readonly unknown[] = Array.isArray(required) ? required : [];
  const strict: Record<string, JsonObject> = {};
  for (const [name, property] of Object.entries(properties)) {
    const inner = isPlainObject(property) ? strictSchema(property) : undefined;
    if (inner === undefined) return undefined;
    strict[name] = names.includes(name) ? inner : nullable(inner);
  }
  return { ...schema, properties: strict, required: Object.keys(strict), additionalProperties: false };
}

function strictList(schema: JsonObject): JsonObject | undefined {
  const items = isPlainObject(schema["items"]) ? strictSchema(schema["items"]) : undefined;
  return items === undefined ? undefined : { ...schema, items };
}

function strictChoice(schema: JsonObject): JsonObject | undefined {
  const { anyOf } = schema;
  const choices = (Array.isArray(anyOf) ? anyOf : []).map((choice: Json) =>
    isPlainObject(choice) ? strictSchema(choice) : undefined,
  );
  return choices.length === 0 || choices.includes(undefined) ? undefined : { ...schema, anyOf: choices as Json[] };
}

function nullable(schema: JsonObject): JsonObject {
  const { type, enum: values, const: only } = schema;
  if (typeof type !== "string" || type === "object" || type === "array" || only !== undefined)
    return { anyOf: [schema, { type: "null" }] };
  return { ...schema, type: [type, "null"], ...(Array.isArray(values) ? { enum: [...values, null] } : {}) };
}

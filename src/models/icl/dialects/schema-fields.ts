import { isPlainObject } from "#foundation";
import type { Json, JsonObject } from "#foundation";
import type { Field, FieldType } from "#programs";
import type { Bounds } from "./task.ts";

const maxDepth = 16;

/** The fields of an object schema; none for another schema. */
export function schemaFields(schema: JsonObject, depth: number = maxDepth): Field[] {
  const required = Array.isArray(schema["required"]) ? schema["required"] : undefined;
  return properties(schema).map(([name, property]) => {
    const description = property["description"];
    return {
      name,
      type: schemaType(property, depth - 1),
      ...(typeof description === "string" ? { description } : {}),
      ...(required?.includes(name) === false || isNullable(property) ? { optional: true } : {}),
    };
  });
}

/** A field with the values that the schema allows in place of any string. */
export function narrowed(field: Field, schema: JsonObject | undefined): Field {
  const property = schema === undefined ? undefined : properties(schema).find(([name]) => name === field.name)?.[1];
  const type = property === undefined || field.type.kind !== "string" ? undefined : schemaType(property);
  return type?.kind === "literal" ? { ...field, type } : field;
}

/** The bounds of the numbers of an object schema. */
export function schemaBounds(schema: JsonObject | undefined): Map<string, Bounds> {
  const all = schema === undefined ? [] : properties(schema);
  return new Map(
    all.map(([name, { minimum, maximum }]) => [
      name,
      { ...(typeof minimum === "number" ? { minimum } : {}), ...(typeof maximum === "number" ? { maximum } : {}) },
    ]),
  );
}

function properties(schema: JsonObject): [string, JsonObject][] {
  const all = schema["properties"];
  if (!isPlainObject(all)) return [];
  return Object.entries(all).filter((entry): entry is [string, JsonObject] => isPlainObject(entry[1]));
}

/** The type that a schema describes; `json` for one that is not understood. */
export function schemaType(schema: JsonObject, depth: number = maxDepth): FieldType {
  const values = Array.isArray(schema["enum"]) ? schema["enum"].filter((value) => value !== null) : [];
  if (values.length > 0 && values.every((value) => typeof value === "string")) return { kind: "literal", values };
  const { items, additionalProperties, anyOf } = schema;
  const variant = Array.isArray(anyOf) ? anyOf.filter(isPlainObject).find((one) => one["type"] !== "null") : undefined;
  if (variant !== undefined && depth > 0) return schemaType(variant as JsonObject, depth - 1);
  const read = readers.get(typeName(schema["type"]));
  if (depth <= 0 || read === undefined) return { kind: "json" };
  const inner = isPlainObject(items) ? items : isPlainObject(additionalProperties) ? additionalProperties : {};
  return read(schema, inner, depth);
}

/** Whether a schema takes `null`: strict schemas say so of what may be left out. */
function isNullable({ type, anyOf }: JsonObject): boolean {
  if (Array.isArray(type)) return type.includes("null");
  return Array.isArray(anyOf) && anyOf.some((one) => isPlainObject(one) && one["type"] === "null");
}

/** `["string", "null"]` is a string. */
function typeName(type: Json | undefined): string {
  const named = Array.isArray(type) ? type.find((name) => name !== "null") : type;
  return typeof named === "string" ? named : "";
}

type Reader = (schema: JsonObject, inner: JsonObject, depth: number) => FieldType;

const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ["string", ({ format }) => readFormat(format)],
  ["integer", (schema) => ({ kind: "int", ...limits(schema) })],
  ["number", (schema) => ({ kind: "float", ...limits(schema) })],
  ["boolean", () => ({ kind: "bool" })],
  [
    "array",
    ({ maxItems }, inner, depth) => ({
      kind: "list",
      item: schemaType(inner, depth - 1),
      ...(typeof maxItems === "number" ? { maxItems } : {}),
    }),
  ],
  [
    "object",
    (schema, inner, depth) =>
      properties(schema).length > 0
        ? { kind: "object", fields: schemaFields(schema, depth) }
        : { kind: "map", value: schemaType(inner, depth - 1) },
  ],
]);

function readFormat(format: Json | undefined): FieldType {
  if (format !== "date" && format !== "date-time") return { kind: "string" };
  return { kind: "date", ...(format === "date-time" ? { time: true } : {}) };
}

function limits({ minimum, maximum }: JsonObject): { min?: number; max?: number } {
  return {
    ...(typeof minimum === "number" ? { min: minimum } : {}),
    ...(typeof maximum === "number" ? { max: maximum } : {}),
  };
}

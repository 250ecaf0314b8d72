import { isPlainObject, messageOf, present, UsageError } from "#foundation";
import type { Json, JsonObject } from "#foundation";
import type { Field, FieldType } from "./field-type.ts";
import { patternDefect } from "../limits.ts";

/**
 * A schema of any library that speaks Standard Schema v1 (zod, valibot, arktype), by shape: tutti depends on none.
 * https://standardschema.dev
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
    readonly jsonSchema?: { readonly input: JsonSchemaWriter } | undefined;
  };
}

/** A schema that tells its JSON Schema as well: what AI SDK tools and MCP servers take. */
export interface JsonStandardSchema<Input = unknown, Output = Input> extends StandardSchema<Input, Output> {
  readonly "~standard": StandardSchema<Input, Output>["~standard"] & {
    readonly jsonSchema: { readonly input: JsonSchemaWriter; readonly output: JsonSchemaWriter };
  };
}

type JsonSchemaWriter = (options: { readonly target: string }) => Record<string, unknown>;

/** A schema of a library that does not tell its JSON Schema, with one beside it. */
export interface SchemaPair<S extends StandardSchema = StandardSchema> {
  readonly schema: S;
  readonly jsonSchema: object;
}

export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

export interface StandardIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What a schema, alone or with its JSON Schema beside it, gives out. */
export type SchemaOutput<S> = SchemaSide<S, "output">;

/** The records that a schema takes or gives out. */
export type SchemaRecord<S, K extends "input" | "output"> =
  SchemaSide<S, K> extends infer T ? (T extends object ? T : object) : never;

type SchemaSide<S, K extends "input" | "output"> = S extends StandardSchema
  ? NonNullable<S["~standard"]["types"]>[K]
  : S extends { readonly schema: infer Inner }
    ? SchemaSide<Inner, K>
    : never;

/** Whether a value is a Standard Schema. Some libraries' schemas are functions. */
function isStandardSchema(value: unknown): value is StandardSchema {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return false;
  const standard: unknown = Reflect.get(value, "~standard");
  return typeof standard === "object" && standard !== null && Reflect.get(standard, "version") === 1;
}

/** Whether a value is a Standard Schema, or one with its JSON Schema beside it. */
export function isSchemaSource(value: unknown): value is StandardSchema | SchemaPair {
  if (isStandardSchema(value)) return true;
  return isPlainObject(value) && isStandardSchema(value["schema"]) && isPlainObject(value["jsonSchema"]);
}

/**
 * A schema with the JSON Schema of what it takes. Throws `UsageError` when its library does not provide one, or has
 * none for this schema.
 */
export function withJsonSchema(
  source: StandardSchema | SchemaPair,
  what: string,
): { readonly schema: StandardSchema; readonly jsonSchema: JsonObject } {
  if (!isStandardSchema(source)) return { schema: source.schema, jsonSchema: source.jsonSchema as JsonObject };
  const { vendor, jsonSchema } = source["~standard"];
  const instead = "Pass { schema, jsonSchema } or the field types as a signature text instead";
  if (jsonSchema === undefined)
    throw new UsageError(
      `${what}: expected a schema that provides its JSON Schema (~standard.jsonSchema), as zod 4 and arktype 2 do, and valibot by toStandardJsonSchema of @valibot/to-json-schema; ${vendor} does not. ${instead}`,
    );
  try {
    return { schema: source, jsonSchema: jsonSchema.input({ target: "draft-2020-12" }) as JsonObject };
  } catch (error) {
    throw new UsageError(`${what}: ${vendor} has no JSON Schema for it (${messageOf(error)}). ${instead}`);
  }
}

/** An issue's path as text: `items[2].name`. */
export function issuePath({ path = [] }: StandardIssue): string {
  return path
    .map((part) => (typeof part === "object" ? part.key : part))
    .reduce<string>(
      (text, key) =>
        typeof key === "number" ? `${text}[${key}]` : text === "" ? String(key) : `${text}.${String(key)}`,
      "",
    );
}

/** A path's text as the keys that it names: the other way round. */
export function issueKeys(path: string): readonly (string | number)[] {
  return [...path.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map(([key, index]) => (index === undefined ? key : Number(index)));
}

/** How deep objects may nest before they stay `json`. */
const maxDepth = 16;

/**
 * The fields that an object's JSON Schema describes, with their limits. What has no counterpart among our types (a union
 * of other things than null) stays `json` with its schema.
 */
export function fieldsOfSchema(schema: JsonObject, what: string): Field[] {
  return fieldsIn(schema, { root: schema, what, depth: maxDepth });
}

interface Place {
  /** Where references lead. */
  readonly root: JsonObject;
  readonly what: string;
  readonly depth: number;
}

function fieldsIn(given: JsonObject, place: Place): Field[] {
  const schema = referred(given, place.root);
  const properties = schema["properties"];
  if (schema["type"] !== "object" || !isPlainObject(properties))
    throw new UsageError(
      `${place.what}: expected the schema of an object with named properties, got ${JSON.stringify(schema)}`,
    );
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  return Object.entries(properties).map(([name, property]) => {
    if (name === "__proto__") throw new UsageError(`${place.what}: expected a property of another name than ${name}`);
    const definition = isPlainObject(property) ? property : {};
    const description = definition["description"];
    return {
      name,
      type: typeOfSchema(definition, { ...place, depth: place.depth - 1 }),
      ...(required.includes(name) ? {} : { optional: true }),
      ...(typeof description === "string" ? { description } : {}),
    };
  });
}

function typeOfSchema(given: JsonObject, place: Place): FieldType {
  if (place.depth === 0) return { kind: "json" };
  const schema = referred(given, place.root);
  const other = withoutNull(schema);
  if (other !== undefined) return { ...typeOfSchema(other, place), nullable: true };
  const values = valuesOf(schema);
  if (values !== undefined) {
    const texts = values.filter((value) => typeof value === "string");
    return texts.length === values.length
      ? { kind: "literal", values: texts }
      : { kind: "json", schema: { enum: values } };
  }
  switch (schema["type"]) {
    case "string":
      return textType(schema);
    case "integer":
      return { kind: "int", ...numberBounds(schema, true) };
    case "number":
      return { kind: "float", ...numberBounds(schema, false) };
    case "boolean":
      return { kind: "bool" };
    case "array": {
      const counts = present({ minItems: numberIn(schema, "minItems"), maxItems: numberIn(schema, "maxItems") });
      if (!isPlainObject(schema["items"])) return anything(schema);
      return {
        kind: "list",
        item: typeOfSchema(schema["items"], { ...place, depth: place.depth - 1 }),
        ...counts,
      };
    }
    case "object": {
      const { properties, additionalProperties } = schema;
      if (isPlainObject(properties)) return { kind: "object", fields: fieldsIn(schema, place) };
      if (!isPlainObject(additionalProperties)) return anything(schema);
      const value = typeOfSchema(additionalProperties, { ...place, depth: place.depth - 1 });
      return { kind: "map", value };
    }
    default:
      return anything(schema);
  }
}

/** A schema that is shown as it is; one that refers to others would lead nowhere where it is shown. */
function anything(schema: JsonObject): FieldType {
  const { $schema: _, ...shown } = schema;
  return JSON.stringify(shown).includes('"$ref"') ? { kind: "json" } : { kind: "json", schema: shown };
}

/** The schema that a local reference leads to. */
function referred(schema: JsonObject, root: JsonObject): JsonObject {
  let found = schema;
  for (let hops = 0; typeof found["$ref"] === "string" && hops < 8; hops++) {
    const path = found["$ref"];
    if (!/^#(\/|$)/.test(path)) return found;
    let target: unknown = root;
    for (const key of path.split("/").slice(1))
      target = isPlainObject(target) && Object.hasOwn(target, key) ? target[key] : undefined;
    if (!isPlainObject(target)) return found;
    const { $ref: _, ...beside } = found;
    found = { ...(target as JsonObject), ...beside };
  }
  return found;
}

/** What is left of `T | null`; `undefined` for another schema. */
function withoutNull(schema: JsonObject): JsonObject | undefined {
  const { anyOf, oneOf, type, enum: values, ...beside } = schema;
  const options = anyOf ?? oneOf;
  if (Array.isArray(options)) {
    const others = options.filter((option) => !isPlainObject(option) || !isNull(option));
    if (others.length === options.length) return undefined;
    const [only] = others;
    return others.length === 1 && isPlainObject(only)
      ? { ...beside, ...(only as JsonObject) }
      : { ...beside, anyOf: others };
  }
  if (Array.isArray(type) && type.includes("null")) {
    const others = type.filter((name) => name !== "null");
    const kept = others.length === 1 ? { type: others[0] as string } : { type: others };
    const texts = Array.isArray(values) ? { enum: values.filter((value) => value !== null) } : {};
    return { ...beside, ...kept, ...texts };
  }
  if (type === undefined && Array.isArray(values) && values.includes(null) && values.length > 1)
    return { ...beside, enum: values.filter((value) => value !== null) };
  return undefined;
}

function isNull(schema: Readonly<Record<string, unknown>>): boolean {
  return schema["type"] === "null" || schema["const"] === null;
}

/** The values that a schema allows, if it lists them: by `enum`, by `const` or as a union of such. */
function valuesOf({ enum: values, const: only, anyOf, oneOf }: JsonObject): readonly Json[] | undefined {
  if (Array.isArray(values)) return values;
  if (only !== undefined) return [only];
  const options = anyOf ?? oneOf;
  if (!Array.isArray(options)) return undefined;
  const lists = options.map((option) => (isPlainObject(option) ? valuesOf(option as JsonObject) : undefined));
  return lists.every((list) => list !== undefined) ? lists.flat() : undefined;
}

function textType(schema: JsonObject): FieldType {
  const { format, pattern } = schema;
  if (format === "date") return { kind: "date" };
  if (format === "date-time") return { kind: "date", time: true };
  return {
    kind: "string",
    ...present({ minLength: numberIn(schema, "minLength"), maxLength: numberIn(schema, "maxLength") }),
    // A format tells a model more than its pattern; the schema itself checks either.
    ...(typeof format === "string" ? { format } : {}),
    ...(typeof format !== "string" && typeof pattern === "string" && patternDefect(pattern) === undefined
      ? { pattern }
      : {}),
  };
}

/** Exclusive bounds of whole numbers become the next ones; those of others are the schema's business. */
function numberBounds(schema: JsonObject, whole: boolean): { readonly min?: number; readonly max?: number } {
  const [above, below] = [numberIn(schema, "exclusiveMinimum"), numberIn(schema, "exclusiveMaximum")];
  const least = numberIn(schema, "minimum") ?? (whole && above !== undefined ? Math.floor(above) + 1 : above);
  const most = numberIn(schema, "maximum") ?? (whole && below !== undefined ? Math.ceil(below) - 1 : below);
  // Every safe integer: what "an integer" comes as from some libraries.
  const isTold = (bound: number | undefined): boolean =>
    bound !== undefined && Math.abs(bound) < Number.MAX_SAFE_INTEGER;
  return present({ min: isTold(least) ? least : undefined, max: isTold(most) ? most : undefined });
}

function numberIn(schema: JsonObject, key: string): number | undefined {
  const value = schema[key];
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

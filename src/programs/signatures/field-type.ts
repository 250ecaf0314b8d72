import { canonicalJson, describe, isPlainObject, jsonDefect } from "#foundation";
import type { Json, JsonObject } from "#foundation";
import { fileDefect, fileForm, fileJsonSchema, readFileValue } from "./file-value.ts";
import { boundsSchema, boundsText, isWithin, matchesPattern } from "../limits.ts";
import type { Bounds } from "../limits.ts";
import { isIsoDate, readIsoDate } from "./iso-date.ts";
import { closestLiteral, isAbsent, isString, readBoolean, readList, readNumber, structured } from "../reading.ts";

/** The type of a field, as plain data. With `nullable`, null is a value of it as well. */
export type FieldType = FieldShape & { readonly nullable?: true };

type FieldShape =
  | TextType
  | NumberType<"int">
  | NumberType<"float">
  | { readonly kind: "bool" }
  /** A day in ISO 8601, with or without a time; with `time`, only with one. */
  | { readonly kind: "date"; readonly time?: true }
  /** A `FileValue`. */
  | { readonly kind: "image" }
  | { readonly kind: "file" }
  /** Earlier turns: records of the signature's other fields. */
  | { readonly kind: "history" }
  | { readonly kind: "literal"; readonly values: readonly string[] }
  | ListType
  | { readonly kind: "map"; readonly value: FieldType }
  | { readonly kind: "object"; readonly fields: readonly Field[] }
  /** Anything, described by an optional JSON Schema. Of the schema, only `enum` is checked. */
  | { readonly kind: "json"; readonly schema?: JsonObject };

/** Lengths are in UTF-16 units, as `length` counts. A pattern may match anywhere (`limits.ts` bounds its cost). */
interface TextType {
  readonly kind: "string";
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  /** JSON Schema's name for what the text is ("email"): shown, not checked. */
  readonly format?: string;
}

interface NumberType<K extends "int" | "float"> {
  readonly kind: K;
  readonly min?: number;
  readonly max?: number;
}

interface ListType {
  readonly kind: "list";
  readonly item: FieldType;
  readonly minItems?: number;
  readonly maxItems?: number;
}

/** One named value of a signature. */
export interface Field {
  readonly name: string;
  readonly type: FieldType;
  readonly optional?: boolean;
  readonly description?: string;
}

/** One defect of a value: where, what was expected, what came. */
export interface ValueIssue {
  readonly path: string;
  readonly expected: string;
  readonly received: string;
}

/** What a kind of field knows about itself. */
interface FieldKind<T extends FieldType> {
  /** The type in a prompt and in error messages. */
  readonly text: (type: T) => string;
  readonly jsonSchema: (type: T) => JsonObject;
  /** Reports what keeps a value from being of the type. */
  readonly check: (type: T, value: unknown, path: string, issues: ValueIssue[]) => void;
  /** The value that a model meant: a text is read as the type wants it. Not yet checked. */
  readonly read: (type: T, raw: unknown) => unknown;
}

type Of<K extends FieldType["kind"]> = Extract<FieldType, { kind: K }>;

const kinds: { readonly [K in FieldType["kind"]]: FieldKind<Of<K>> } = {
  string: {
    text: (type) => withRemarks("string", textRemarks(type)),
    jsonSchema: ({ pattern, format, ...type }) => ({
      type: "string",
      ...boundsSchema(lengths(type), "minLength", "maxLength"),
      ...(pattern === undefined ? {} : { pattern }),
      ...(format === undefined ? {} : { format }),
    }),
    check: (type, value, path, issues) => {
      if (!isString(value) || !isWithin(lengths(type), value.length)) issues.push(issue(type, value, path));
      else if (type.pattern !== undefined && !matchesPattern(type.pattern, value))
        issues.push(issue(type, value, path));
    },
    read: (_type, raw) => (isString(raw) || raw === null ? raw : JSON.stringify(raw)),
  },
  int: numberKind("int", "integer", Number.isSafeInteger),
  float: numberKind("float", "number", Number.isFinite),
  bool: plainKind("bool", { type: "boolean" }, (value) => typeof value === "boolean", readBoolean),
  date: {
    text: ({ time }) => `date (${time === true ? "YYYY-MM-DDThh:mm:ssZ" : "YYYY-MM-DD"})`,
    jsonSchema: ({ time }) => ({ type: "string", format: time === true ? "date-time" : "date" }),
    check: (type, value, path, issues) => {
      if (!isString(value) || !isIsoDate(value, type.time === true)) issues.push(issue(type, value, path));
    },
    read: (_type, raw) => (isString(raw) ? readIsoDate(raw) : raw),
  },
  image: fileKind("image"),
  file: fileKind("file"),
  history: {
    text: () => "history",
    jsonSchema: () => ({ type: "array", items: { type: "object" } }),
    check: (_type, value, path, issues) => {
      const defect = Array.isArray(value) ? historyDefect(value, path) : describe(value);
      if (defect !== undefined)
        issues.push({ path, expected: "a list of earlier turns, as records", received: defect });
    },
    read: (_type, raw) => structured(raw),
  },
  literal: {
    text: ({ values }) => `one of ${values.map((value) => JSON.stringify(value)).join(", ")}`,
    jsonSchema: ({ values }) => ({ enum: values }),
    check: (type, value, path, issues) => {
      if (!isString(value) || !type.values.includes(value)) issues.push(issue(type, value, path));
    },
    read: ({ values }, raw) => (isString(raw) ? closestLiteral(values, raw) : raw),
  },
  list: {
    text: (type) => `${withRemarks("list", boundsText(counts(type), "items"))} of ${typeText(type.item)}`,
    jsonSchema: (type) => ({
      type: "array",
      items: typeJsonSchema(type.item),
      ...boundsSchema(counts(type), "minItems", "maxItems"),
    }),
    check: (type, value, path, issues) => {
      if (!Array.isArray(value) || !isWithin(counts(type), value.length)) issues.push(issue(type, value, path));
      else for (const [index, item] of value.entries()) checkValue(type.item, item, `${path}[${index}]`, issues);
    },
    read: ({ item }, raw) => {
      const list = isString(raw) ? readList(raw) : raw;
      return Array.isArray(list) ? list.map((entry) => readValue(item, entry)) : list;
    },
  },
  map: {
    text: ({ value }) => `map of ${typeText(value)}`,
    jsonSchema: ({ value }) => ({ type: "object", additionalProperties: typeJsonSchema(value) }),
    check: (type, value, path, issues) => {
      if (!isPlainObject(value)) issues.push(issue(type, value, path));
      else for (const [key, item] of Object.entries(value)) checkValue(type.value, item, `${path}.${key}`, issues);
    },
    read: ({ value }, raw) => {
      const map = structured(raw);
      return isPlainObject(map)
        ? Object.fromEntries(Object.entries(map).map(([key, item]) => [key, readValue(value, item)]))
        : map;
    },
  },
  object: {
    text: ({ fields }) => `object {${fields.map(fieldText).join(", ")}}`,
    jsonSchema: ({ fields }) => recordJsonSchema(fields),
    check: (type, value, path, issues) => {
      if (isPlainObject(value)) issues.push(...checkRecord(type.fields, value, path));
      else issues.push(issue(type, value, path));
    },
    read: ({ fields }, raw) => {
      const record = structured(raw);
      return isPlainObject(record) ? readRecord(fields, record) : record;
    },
  },
  json: {
    text: ({ schema }) => (schema === undefined ? "json" : schemaText(schema)),
    jsonSchema: ({ schema }) => schema ?? {},
    check: (type, value, path, issues) => {
      const defect = jsonDefect(value, path);
      if (defect !== undefined) issues.push({ path, expected: "JSON", received: defect });
      else if (!isEnumerated(type.schema, value as Json)) issues.push(issue(type, value, path));
    },
    read: (_type, raw) => structured(raw),
  },
};

/** A type in one line, as a model and a person understand it: `list (1 to 5 items) of float (0 to 1)`. */
export function typeText(type: FieldType): string {
  const text = kindOf(type).text(type);
  if (type.nullable !== true) return text;
  // "list of string or null" would be a list whose items may be null.
  return type.kind === "list" || type.kind === "map" ? `${text}, or null` : `${text} or null`;
}

function fieldText({ name, type, optional }: Field): string {
  return `${name}${optional === true ? "?" : ""}: ${typeText(type)}`;
}

function typeJsonSchema(type: FieldType): JsonObject {
  const schema = kindOf(type).jsonSchema(type);
  return type.nullable === true ? { anyOf: [schema, { type: "null" }] } : schema;
}

/** The JSON Schema of a record of fields; every key is described, optional ones are not required. */
export function recordJsonSchema(fields: readonly Field[]): JsonObject {
  const properties = Object.fromEntries(
    fields.map(({ name, type, description }) => [
      name,
      { ...typeJsonSchema(type), ...(description === undefined ? {} : { description }) },
    ]),
  );
  const required = fields.filter(({ optional }) => optional !== true).map(({ name }) => name);
  return { type: "object", properties, required, additionalProperties: false };
}

/** What keeps a record from having exactly these fields with values of their types. An absent optional is fine. */
export function checkRecord(
  fields: readonly Field[],
  record: Readonly<Record<string, unknown>>,
  at = "",
): ValueIssue[] {
  const issues: ValueIssue[] = [];
  let known = 0;
  for (const { name, type, optional } of fields) {
    const value = Object.hasOwn(record, name) ? record[name] : undefined;
    if (Object.hasOwn(record, name)) known++;
    if (value === undefined && optional === true) continue;
    checkValue(type, value, at === "" ? name : `${at}.${name}`, issues);
  }
  if (Object.keys(record).length === known) return issues;
  const names = fields.map(({ name }) => name);
  for (const key of Object.keys(record)) {
    if (names.includes(key)) continue;
    const path = at === "" ? key : `${at}.${key}`;
    issues.push({ path, expected: `only ${names.join(", ")}`, received: "an unknown field" });
  }
  return issues;
}

/** The record that a model meant. Unknown keys are dropped, an optional null is absent. Not yet checked. */
export function readRecord(fields: readonly Field[], raw: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const record: Record<string, unknown> = {};
  for (const { name, type, optional } of fields) {
    const value = Object.hasOwn(raw, name) ? raw[name] : undefined;
    if (value === undefined || (optional === true && isAbsent(value))) continue;
    record[name] = readValue(type, value);
  }
  return record;
}

function checkValue(type: FieldType, value: unknown, path: string, issues: ValueIssue[]): void {
  if (value === null && type.nullable === true) return;
  kindOf(type).check(type, value, path, issues);
}

function readValue(type: FieldType, raw: unknown): unknown {
  if (type.nullable === true && isAbsent(raw)) return null;
  return kindOf(type).read(type, raw);
}

function kindOf<T extends FieldType>(type: T): FieldKind<T> {
  // The table pairs each kind with its own type; the lookup by the same value keeps the pair.
  return kinds[type.kind] as unknown as FieldKind<T>;
}

function plainKind<T extends FieldType>(
  text: string,
  schema: JsonObject,
  accepts: (value: unknown) => boolean,
  read: (raw: unknown) => unknown,
): FieldKind<T> {
  return {
    text: () => text,
    jsonSchema: () => schema,
    check: (type, value, path, issues) => {
      if (!accepts(value)) issues.push(issue(type, value, path));
    },
    read: (_type, raw) => read(raw),
  };
}

function numberKind<T extends Of<"int" | "float">>(
  text: string,
  schemaType: string,
  accepts: (value: unknown) => boolean,
): FieldKind<T> {
  const bounds = ({ min, max }: T): Bounds => ({ least: min, most: max });
  return {
    text: (type) => withRemarks(text, boundsText(bounds(type))),
    jsonSchema: (type) => ({ type: schemaType, ...boundsSchema(bounds(type), "minimum", "maximum") }),
    check: (type, value, path, issues) => {
      if (!accepts(value) || !isWithin(bounds(type), value as number)) issues.push(issue(type, value, path));
    },
    read: (_type, raw) => readNumber(raw),
  };
}

function fileKind<T extends Of<"image" | "file">>(text: string): FieldKind<T> {
  return {
    text: () => text,
    jsonSchema: () => fileJsonSchema,
    check: (_type, value, path, issues) => {
      const defect = fileDefect(value);
      if (defect !== undefined) issues.push({ path, expected: `${text}: ${fileForm}`, received: defect });
    },
    read: (_type, raw) => readFileValue(raw),
  };
}

function lengths({ minLength, maxLength }: Pick<TextType, "minLength" | "maxLength">): Bounds {
  return { least: minLength, most: maxLength };
}

function counts({ minItems, maxItems }: ListType): Bounds {
  return { least: minItems, most: maxItems };
}

function textRemarks({ pattern, format, ...type }: TextType): readonly string[] {
  return [
    ...boundsText(lengths(type), "characters"),
    ...(pattern === undefined ? [] : [`matching /${pattern}/`]),
    ...(format === undefined ? [] : [format]),
  ];
}

/** `float (0 to 1)`: a type's limits stand in brackets after its name. */
function withRemarks(text: string, remarks: readonly string[]): string {
  return remarks.length === 0 ? text : `${text} (${remarks.join(", ")})`;
}

/** The longest JSON Schema that is told in words. */
const maxSchemaText = 300;

function schemaText(schema: JsonObject): string {
  const values = schema["enum"];
  if (Array.isArray(values)) return `one of ${values.map((value) => JSON.stringify(value)).join(", ")}`;
  const { type, ...beside } = schema;
  if (Array.isArray(type) && Object.keys(beside).length === 0) return `json (${type.join(" or ")})`;
  const text = JSON.stringify(schema);
  return text === "{}" || text.length > maxSchemaText ? "json" : `json (of the schema ${text})`;
}

function isEnumerated(schema: JsonObject | undefined, value: Json): boolean {
  const values = schema?.["enum"];
  return !Array.isArray(values) || values.some((allowed: Json) => canonicalJson(allowed) === canonicalJson(value));
}

function historyDefect(turns: readonly unknown[], path: string): string | undefined {
  const other = turns.find((turn) => !isPlainObject(turn));
  return turns.every(isPlainObject) ? jsonDefect(turns, path) : `${describe(other)} among them`;
}

function issue(type: FieldType, value: unknown, path: string): ValueIssue {
  return { path, expected: typeText(type), received: describe(value) };
}

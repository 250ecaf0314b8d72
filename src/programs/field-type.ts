import { describe, isPlainObject, jsonDefect } from "#foundation";
import type { JsonObject } from "#foundation";
import { closestLiteral, isAbsent, isString, readBoolean, readList, readNumber, structured } from "./reading.ts";

/** The type of a field, as plain data. `json` is anything, described by an optional JSON Schema. */
export type FieldType =
  | { readonly kind: "string" | "int" | "float" | "bool" }
  | { readonly kind: "literal"; readonly values: readonly string[] }
  | { readonly kind: "list"; readonly item: FieldType }
  | { readonly kind: "map"; readonly value: FieldType }
  | { readonly kind: "object"; readonly fields: readonly Field[] }
  | { readonly kind: "json"; readonly schema?: JsonObject };

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
type Scalar = Of<"string">;

const kinds: { readonly [K in FieldType["kind"]]: FieldKind<Of<K>> } = {
  string: scalar("string", { type: "string" }, isString, (raw) =>
    isString(raw) || raw === null ? raw : JSON.stringify(raw),
  ),
  int: scalar("int", { type: "integer" }, Number.isSafeInteger, readNumber),
  float: scalar("float", { type: "number" }, Number.isFinite, readNumber),
  bool: scalar("bool", { type: "boolean" }, (value) => typeof value === "boolean", readBoolean),
  literal: {
    text: ({ values }) => `one of ${values.map((value) => JSON.stringify(value)).join(", ")}`,
    jsonSchema: ({ values }) => ({ enum: values }),
    check: (type, value, path, issues) => {
      if (!isString(value) || !type.values.includes(value)) issues.push(issue(type, value, path));
    },
    read: ({ values }, raw) => (isString(raw) ? closestLiteral(values, raw) : raw),
  },
  list: {
    text: ({ item }) => `list of ${typeText(item)}`,
    jsonSchema: ({ item }) => ({ type: "array", items: typeJsonSchema(item) }),
    check: (type, value, path, issues) => {
      if (!Array.isArray(value)) issues.push(issue(type, value, path));
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
    text: () => "json",
    jsonSchema: ({ schema }) => schema ?? {},
    check: (_type, value, path, issues) => {
      const defect = jsonDefect(value, path);
      if (defect !== undefined) issues.push({ path, expected: "JSON", received: defect });
    },
    read: (_type, raw) => structured(raw),
  },
};

export function typeText(type: FieldType): string {
  return kindOf(type).text(type);
}

function fieldText({ name, type, optional }: Field): string {
  return `${name}${optional === true ? "?" : ""}: ${typeText(type)}`;
}

function typeJsonSchema(type: FieldType): JsonObject {
  return kindOf(type).jsonSchema(type);
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
  kindOf(type).check(type, value, path, issues);
}

function readValue(type: FieldType, raw: unknown): unknown {
  return kindOf(type).read(type, raw);
}

function kindOf<T extends FieldType>(type: T): FieldKind<T> {
  // The table pairs each kind with its own type; the lookup by the same value keeps the pair.
  return kinds[type.kind] as unknown as FieldKind<T>;
}

function scalar(
  text: string,
  schema: JsonObject,
  accepts: (value: unknown) => boolean,
  read: (raw: unknown) => unknown,
): FieldKind<Scalar> {
  return {
    text: () => text,
    jsonSchema: () => schema,
    check: (type, value, path, issues) => {
      if (!accepts(value)) issues.push(issue(type, value, path));
    },
    read: (_type, raw) => read(raw),
  };
}

function issue(type: FieldType, value: unknown, path: string): ValueIssue {
  return { path, expected: typeText(type), received: describe(value) };
}

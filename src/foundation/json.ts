/** A value that survives `JSON.parse(JSON.stringify(value))`. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;

/** A JSON object. An absent key and `undefined` are the same thing: neither is written. */
export type JsonObject = { readonly [key: string]: Json | undefined };

/** Whether a value is an object with string keys: not null, not an array, not a class instance. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Where and why a value is not JSON, or `undefined` when it is. `maxDepth` bounds the nesting that is accepted. */
export function jsonDefect(value: unknown, path = "", maxDepth = 64): string | undefined {
  if (value === null || typeof value === "string" || typeof value === "boolean") return undefined;
  if (typeof value === "number") return Number.isFinite(value) ? undefined : `${path || "value"} is ${value}`;
  if (maxDepth === 0) return `${path || "value"} is nested too deeply`;
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      const defect = jsonDefect(item, `${path}[${index}]`, maxDepth - 1);
      if (defect !== undefined) return defect;
    }
    return undefined;
  }
  if (!isPlainObject(value)) return `${path || "value"} is ${describe(value)}`;
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue;
    const defect = jsonDefect(item, path === "" ? key : `${path}.${key}`, maxDepth - 1);
    if (defect !== undefined) return defect;
  }
  return undefined;
}

/** The JSON text of a value with the keys of every object sorted, so that equal values have equal texts. */
export function canonicalJson(value: Json | undefined): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  if (isJsonArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const entries = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`);
  return `{${entries.join(",")}}`;
}

/** A value in words for an error message: its type and, where it is short, its text. */
export function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "function") return `a function${value.name === "" ? "" : ` ${value.name}`}`;
  if (typeof value === "object") {
    if (!isPlainObject(value)) return `a ${value.constructor?.name ?? "object"}`;
    const keys = Object.keys(value);
    return keys.length === 0 ? "an empty object" : `an object with ${keys.slice(0, 6).join(", ")}`;
  }
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function isJsonArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

/** The entries of an object that have a value, so that what is absent stays absent in JSON. */
export function present<T extends object>(options: T): Present<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Present<T>;
}

type Present<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

import { present } from "#foundation";
import type { Field, FieldType } from "./field-type.ts";
import { patternDefect } from "../limits.ts";
import { Scanner } from "./signature-scanner.ts";

/** The fields of both sides of a signature text. */
export interface ParsedSignature {
  readonly inputs: readonly Field[];
  readonly outputs: readonly Field[];
}

/**
 * Reads `inputs -> outputs`, each a comma-separated list of `name: type "description"`. Without a type the field is a
 * string; `name?` is an optional field; the description may be left out. White space is free. Throws `UsageError` with the column, the place marked and what was expected there.
 */
export function parseSignature(text: string): ParsedSignature {
  const scanner = new Scanner(text);
  const inputs = parseFields(scanner, new Set());
  scanner.expect("->", "'->' between the inputs and the outputs");
  const outputs = parseFields(scanner, new Set(inputs.map(({ name }) => name)));
  if (!scanner.atEnd()) scanner.fail("the end of the signature, or ',' and a further field");
  return { inputs, outputs };
}

function parseFields(scanner: Scanner, taken: Set<string>): Field[] {
  const fields: Field[] = [];
  do {
    const start = scanner.position;
    const name = scanner.name("a field's name");
    if (name in Object.prototype) scanner.fail(`another name: every object has "${name}"`, start);
    if (taken.has(name)) scanner.fail(`another name: "${name}" is taken`, start);
    taken.add(name);
    const marked = scanner.take("?");
    const { type, optional } = scanner.take(":") ? parseType(scanner) : untyped;
    const description = scanner.atQuote() ? scanner.quoted() : "";
    fields.push({
      name,
      type,
      ...(marked || optional ? { optional: true } : {}),
      ...(description === "" ? {} : { description }),
    });
  } while (scanner.take(","));
  return fields;
}

const namedTypes: Readonly<Record<string, FieldType>> = {
  str: { kind: "string" },
  string: { kind: "string" },
  text: { kind: "string" },
  int: { kind: "int" },
  integer: { kind: "int" },
  float: { kind: "float" },
  number: { kind: "float" },
  bool: { kind: "bool" },
  boolean: { kind: "bool" },
  json: { kind: "json" },
  any: { kind: "json" },
  date: { kind: "date" },
  image: { kind: "image" },
  file: { kind: "file" },
  history: { kind: "history" },
};

const typesInWords =
  'string, int, float, bool, date, image, file, history, json, "a" | "b", T[], list[T], dict[str, T], Literal["a", "b"], Optional[T]';
const nulls: readonly string[] = ["None", "null"];
const untyped: TypeWithOption = { type: { kind: "string" }, optional: false };

interface TypeWithOption {
  readonly type: FieldType;
  /** Whether there may be no value. */
  readonly optional: boolean;
}

/** Reads a type: a union of quoted values, or a named or generic type with its limits, list marks and `| None`. */
function parseType(scanner: Scanner): TypeWithOption {
  if (scanner.atQuote()) return parseUnion(scanner);
  const start = scanner.position;
  const name = scanner.name(`a type (${typesInWords})`);
  let { type, optional } = parseNamed(scanner, name, start);
  if (!optional) type = parseLimits(scanner, type);
  while (scanner.take("[")) {
    scanner.expect("]", "']': a list is written T[]");
    type = parseLimits(scanner, { kind: "list", item: withNull({ type, optional }) });
    optional = false;
  }
  const bar = scanner.position;
  if (!scanner.take("|")) return { type, optional };
  if (scanner.takeWord(nulls)) return { type, optional: true };
  return scanner.fail('no "|": only quoted values, like "a" | "b", and None are joined with it', bar);
}

function parseUnion(scanner: Scanner): TypeWithOption {
  const values = [scanner.quoted()];
  while (scanner.take("|")) {
    if (scanner.takeWord(nulls)) return { type: { kind: "literal", values }, optional: true };
    addValue(scanner, values);
  }
  if (values.length === 1 && scanner.atQuote())
    scanner.fail(`'|' and a further value: a description may follow two values or Literal["…"]`);
  return { type: { kind: "literal", values }, optional: false };
}

function addValue(scanner: Scanner, values: string[]): void {
  const start = scanner.position;
  const value = scanner.quoted();
  if (values.includes(value)) scanner.fail(`another value: ${JSON.stringify(value)} stands there twice`, start);
  values.push(value);
}

/** After a name: a generic type in DSPy's spelling, or the name's own type. */
function parseNamed(scanner: Scanner, name: string, start: number): TypeWithOption {
  if (!scanner.take("[")) return required(namedType(scanner, name, start));
  if (scanner.take("]")) {
    const item = namedType(scanner, name, start);
    return required({ kind: "list", item });
  }
  const type = parseGeneric(scanner, name, start);
  scanner.expect("]", `']' to close ${name}[`);
  return type;
}

function parseGeneric(scanner: Scanner, name: string, start: number): TypeWithOption {
  switch (name) {
    case "list":
    case "List":
      return required({ kind: "list", item: withNull(parseType(scanner)) });
    case "Optional":
      return { type: parseType(scanner).type, optional: true };
    case "Literal": {
      const values: string[] = [];
      do addValue(scanner, values);
      while (scanner.take(","));
      return required({ kind: "literal", values });
    }
    case "dict":
    case "Dict":
      if (!scanner.takeWord(["str", "string", "text"])) scanner.fail("a key of type str");
      scanner.expect(",", "',' between the types of keys and values");
      return required({ kind: "map", value: withNull(parseType(scanner)) });
    default:
      return scanner.fail(`list[…], dict[str, …], Literal[…] or Optional[…]`, start);
  }
}

function required(type: FieldType): TypeWithOption {
  return { type, optional: false };
}

/** Within a list or a map nothing can be absent: there, no value is null. */
function withNull({ type, optional }: TypeWithOption): FieldType {
  return optional ? { ...type, nullable: true } : type;
}

function namedType(scanner: Scanner, name: string, start: number): FieldType {
  const type = Object.hasOwn(namedTypes, name) ? namedTypes[name] : undefined;
  return type ?? scanner.fail(typesInWords, start, `unknown type "${name}"`);
}

/** The brackets that may follow a type: a range of its size, and after a string a pattern. */
function parseLimits(scanner: Scanner, type: FieldType): FieldType {
  let limited = type;
  let start = scanner.position;
  if (!scanner.at("(/")) {
    const range = scanner.enclosed("(", ")");
    if (range !== undefined) limited = withRange(scanner, type, range, start);
  }
  start = scanner.position;
  const pattern = scanner.enclosed("(/", "/)");
  if (pattern === undefined) return limited;
  if (limited.kind !== "string") return scanner.fail("no pattern: only a string has one", start);
  const defect = pattern === "" ? "it is empty" : patternDefect(pattern);
  if (defect !== undefined) scanner.fail("a pattern like (/^[A-Z]+$/)", start, `not a usable pattern (${defect})`);
  return { ...limited, pattern };
}

function withRange(scanner: Scanner, type: FieldType, text: string, start: number): FieldType {
  const example = type.kind === "int" || type.kind === "float" ? "(0..1)" : "(1..5)";
  const dots = text.indexOf("..");
  const [least, most] = dots < 0 ? [] : [text.slice(0, dots).trim(), text.slice(dots + 2).trim()];
  if (least === undefined || most === undefined || least + most === "")
    return scanner.fail(`a range like ${example}, (1..) or (..5)`, start);
  const whole = type.kind !== "int" && type.kind !== "float";
  const bounds = [least, most].map((bound) => (bound === "" ? undefined : boundOf(scanner, bound, whole, start)));
  const [min, max] = bounds;
  if (min !== undefined && max !== undefined && min > max)
    scanner.fail("the smaller bound first", start, "an empty range");
  switch (type.kind) {
    case "int":
    case "float":
      return { ...type, ...present({ min, max }) };
    case "string":
      return { ...type, ...present({ minLength: min, maxLength: max }) };
    case "list":
      return { ...type, ...present({ minItems: min, maxItems: max }) };
    default:
      return scanner.fail("no range: only strings, numbers and lists have one", start);
  }
}

function boundOf(scanner: Scanner, text: string, whole: boolean, start: number): number {
  const bound = whole && !/^\d+$/.test(text) ? Number.NaN : Number(text);
  return Number.isFinite(bound)
    ? bound
    : scanner.fail(whole ? "whole numbers in the range" : "numbers in the range", start);
}

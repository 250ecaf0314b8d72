import { UsageError } from "#foundation";
import type { Field, FieldType } from "./field-type.ts";

/** The fields of both sides of a signature text. */
export interface ParsedSignature {
  readonly inputs: readonly Field[];
  readonly outputs: readonly Field[];
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
};

const typesInWords =
  'string, int, float, bool, json, "a" | "b", T[], list[T], dict[str, T], Literal["a", "b"], Optional[T]';

/**
 * Reads `inputs -> outputs`, each a comma-separated list of `name: type` (type string when left out, `name?` for an
 * optional field). Throws `UsageError` with the column, the place marked and what was expected there.
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
    const { type, optional } = scanner.take(":") ? parseType(scanner) : required({ kind: "string" });
    fields.push({ name, type, ...(marked || optional ? { optional: true } : {}) });
  } while (scanner.take(","));
  return fields;
}

interface TypeWithOption {
  readonly type: FieldType;
  readonly optional: boolean;
}

function required(type: FieldType): TypeWithOption {
  return { type, optional: false };
}

function parseType(scanner: Scanner): TypeWithOption {
  if (scanner.atQuote()) return required({ kind: "literal", values: parseLiterals(scanner, "|") });
  const start = scanner.position;
  const name = scanner.name(`a type (${typesInWords})`);
  const optional = name === "Optional";
  let type = scanner.take("[") ? parseBrackets(scanner, name, start) : namedType(scanner, name, start);
  while (scanner.take("[")) {
    scanner.expect("]", "']': a list is written T[]");
    type = { kind: "list", item: type };
  }
  const bar = scanner.position;
  if (scanner.take("|")) scanner.fail('no "|": only quoted literals are joined with it, like "a" | "b"', bar);
  return { type, optional };
}

/** After `name[`: a generic type in DSPy's spelling, or the list `name[]`. */
function parseBrackets(scanner: Scanner, name: string, start: number): FieldType {
  if (scanner.take("]")) return { kind: "list", item: namedType(scanner, name, start) };
  const type = parseGeneric(scanner, name, start);
  scanner.expect("]", `']' to close ${name}[`);
  return type;
}

function parseGeneric(scanner: Scanner, name: string, start: number): FieldType {
  switch (name) {
    case "list":
    case "List":
      return { kind: "list", item: parseType(scanner).type };
    case "Optional":
      return parseType(scanner).type;
    case "Literal":
      return { kind: "literal", values: parseLiterals(scanner, ",") };
    case "dict":
    case "Dict": {
      const key = scanner.position;
      if (parseType(scanner).type.kind !== "string") scanner.fail("a key of type str", key);
      scanner.expect(",", "',' between the types of keys and values");
      return { kind: "map", value: parseType(scanner).type };
    }
    default:
      return scanner.fail(`list[…], dict[str, …], Literal[…] or Optional[…]`, start);
  }
}

function parseLiterals(scanner: Scanner, separator: string): string[] {
  const values: string[] = [];
  do {
    const start = scanner.position;
    const value = scanner.quoted();
    if (values.includes(value)) scanner.fail(`another value: ${JSON.stringify(value)} stands there twice`, start);
    values.push(value);
  } while (scanner.take(separator));
  return values;
}

function namedType(scanner: Scanner, name: string, start: number): FieldType {
  const type = Object.hasOwn(namedTypes, name) ? namedTypes[name] : undefined;
  return type ?? scanner.fail(typesInWords, start, `unknown type "${name}"`);
}

/** A cursor over the text that skips white space and knows how to complain. */
class Scanner {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
    this.#skipSpace();
  }

  get position(): number {
    return this.#position;
  }

  atEnd(): boolean {
    return this.#position === this.#text.length;
  }

  atQuote(): boolean {
    return /["']/.test(this.#text[this.#position] ?? "");
  }

  take(token: string): boolean {
    if (!this.#text.startsWith(token, this.#position)) return false;
    this.#advance(token.length);
    return true;
  }

  expect(token: string, what: string): void {
    if (!this.take(token)) this.fail(what);
  }

  name(what: string): string {
    const name = /^[A-Za-z_]\w*/.exec(this.#text.slice(this.#position))?.[0];
    if (name === undefined) return this.fail(what);
    this.#advance(name.length);
    return name;
  }

  quoted(): string {
    const match = /^"([^"]*)"|^'([^']*)'/.exec(this.#text.slice(this.#position));
    if (match === null) return this.fail("a quoted value");
    this.#advance(match[0].length);
    return match[1] ?? match[2] ?? "";
  }

  fail(expected: string, at: number = this.#position, problem?: string): never {
    const found = this.#text.slice(at, at + 12).trim();
    const what = problem ?? (found === "" ? "it ends too early" : `unexpected ${JSON.stringify(found)}`);
    const line = this.#text.replaceAll(/[\n\t]/g, " ");
    throw new UsageError(
      `signature: ${what} at column ${at + 1}, expected ${expected}\n  ${line}\n  ${" ".repeat(at)}^`,
    );
  }

  #advance(length: number): void {
    this.#position += length;
    this.#skipSpace();
  }

  #skipSpace(): void {
    while (/\s/.test(this.#text[this.#position] ?? "")) this.#position++;
  }
}

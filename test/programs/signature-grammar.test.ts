import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { signature } from "#programs";
import type { Field, FieldType } from "#programs";
import { UsageError } from "#foundation";

fc.configureGlobal({ seed: 20 });

const parse = (text: string): { inputs: readonly Field[]; outputs: readonly Field[] } => signature(text);

function messageFor(text: string): string {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof UsageError) return `\n${error.message}\n`;
    throw error;
  }
  throw new Error(`${text} was accepted`);
}

describe("a defective signature is refused with the place and what was expected", () => {
  test("an unknown type", () => {
    expect(messageFor("question: strng -> answer")).toMatchInlineSnapshot(`
      "
      signature: unknown type "strng" at column 11, expected string, int, float, bool, date, image, file, history, json, "a" | "b", T[], list[T], dict[str, T], Literal["a", "b"], Optional[T]
        question: strng -> answer
                  ^
      "
    `);
  });

  test("no arrow", () => {
    expect(messageFor("question, answer")).toMatchInlineSnapshot(`
      "
      signature: it ends too early at column 17, expected '->' between the inputs and the outputs
        question, answer
                        ^
      "
    `);
  });

  test("an end that comes too early", () => {
    expect(messageFor("question ->")).toMatchInlineSnapshot(`
      "
      signature: it ends too early at column 12, expected a field's name
        question ->
                   ^
      "
    `);
  });

  test("a comma too many", () => {
    expect(messageFor("a, -> b")).toMatchInlineSnapshot(`
      "
      signature: unexpected "-> b" at column 4, expected a field's name
        a, -> b
           ^
      "
    `);
  });

  test("a comma too few", () => {
    expect(messageFor("a -> b: int c: int")).toMatchInlineSnapshot(`
      "
      signature: unexpected "c: int" at column 13, expected the end of the signature, or ',' and a further field
        a -> b: int c: int
                    ^
      "
    `);
  });

  test("a name that stands twice", () => {
    expect(messageFor("a, b -> c, a")).toMatchInlineSnapshot(`
      "
      signature: unexpected "a" at column 12, expected another name: "a" is taken
        a, b -> c, a
                   ^
      "
    `);
  });

  test("a name that every object has", () => {
    expect(messageFor("a -> constructor")).toMatchInlineSnapshot(`
      "
      signature: unexpected "constructor" at column 6, expected another name: every object has "constructor"
        a -> constructor
             ^
      "
    `);
  });

  test("a value that stands twice", () => {
    expect(messageFor('a -> b: "x" | "y" | "x"')).toMatchInlineSnapshot(`
      "
      signature: unexpected "\\"x\\"" at column 21, expected another value: "x" stands there twice
        a -> b: "x" | "y" | "x"
                            ^
      "
    `);
  });

  test("a union of types", () => {
    expect(messageFor("a -> b: int | float")).toMatchInlineSnapshot(`
      "
      signature: unexpected "| float" at column 13, expected no "|": only quoted values, like "a" | "b", and None are joined with it
        a -> b: int | float
                    ^
      "
    `);
  });

  test.each<[text: string, column: number, problem: string]>([
    ["a -> b: int(5..1)", 12, "an empty range at column 12, expected the smaller bound first"],
    ["a -> b: int(1)", 12, 'unexpected "(1)" at column 12, expected a range like (0..1), (1..) or (..5)'],
    ["a -> b: int(..)", 12, "expected a range like (0..1), (1..) or (..5)"],
    ["a -> b: int(low..)", 12, 'unexpected "(low..)" at column 12, expected numbers in the range'],
    ["a -> b: string(..1.5)", 15, "expected whole numbers in the range"],
    ["a -> b: json(..5)", 13, "expected no range: only strings, numbers and lists have one"],
    ["a -> b: int(/a/)", 12, "expected no pattern: only a string has one"],
    ["a -> b: string(/[/)", 15, "not a usable pattern (it is no regular expression)"],
    ["a -> b: string(//)", 15, "not a usable pattern (it is empty)"],
    ["a -> b: string(/(a+)+/)", 15, "not a usable pattern (it repeats a group that repeats or branches itself)"],
    ["a -> b: string(/abc", 15, "a '(/' without its end at column 15, expected '/)' after it"],
    ["a -> b: int(0..)(..5)", 17, "expected the end of the signature, or ',' and a further field"],
    ['a -> b: "x" "y"', 13, "expected '|' and a further value: a description may follow two values or Literal[\"…\"]"],
    ['a -> b: int "one" "two"', 19, "expected the end of the signature, or ',' and a further field"],
    ['a "one": int -> b', 8, "expected '->' between the inputs and the outputs"],
    ['a -> b: int "no end', 13, "a quote without its end at column 13, expected a quote that ends"],
  ])("a limit or a description: %s", (text, column, problem) => {
    const message = messageFor(text);
    expect(message).toContain(problem);
    expect(message).toContain(`at column ${column},`);
    expect(message.trimEnd().split("\n").slice(-2)).toEqual([`  ${text}`, `${" ".repeat(column + 1)}^`]);
  });

  test("a key that is no text", () => {
    expect(messageFor("a -> b: dict[int, str]")).toMatchInlineSnapshot(`
      "
      signature: unexpected "int, str]" at column 14, expected a key of type str
        a -> b: dict[int, str]
                     ^
      "
    `);
  });

  test("an unknown generic type", () => {
    expect(messageFor("a -> b: set[int]")).toMatchInlineSnapshot(`
      "
      signature: unexpected "set[int]" at column 9, expected list[…], dict[str, …], Literal[…] or Optional[…]
        a -> b: set[int]
                ^
      "
    `);
  });

  test("a bracket that stays open, on the second of two lines", () => {
    expect(messageFor("a ->\n b: list[int")).toMatchInlineSnapshot(`
      "
      signature: it ends too early at column 18, expected ']' to close list[
        a ->  b: list[int
                         ^
      "
    `);
  });
});

const reserved = new Set(Object.getOwnPropertyNames(Object.prototype));
const name = fc.stringMatching(/^[A-Za-z_]\w{0,6}$/).filter((text) => !reserved.has(text));
const quotable = fc.string({ maxLength: 6 }).filter((text) => !(text.includes('"') && text.includes("'")));
const { type: anyType } = fc.letrec<{ type: FieldType }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom<FieldType>(
      { kind: "string" },
      { kind: "string", minLength: 1 },
      { kind: "string", maxLength: 80, pattern: "^[A-Z),(]+$" },
      { kind: "int" },
      { kind: "int", min: -3, max: 3 },
      { kind: "float" },
      { kind: "float", min: 0.5 },
      { kind: "bool" },
      { kind: "date" },
      { kind: "image" },
      { kind: "file" },
      { kind: "history" },
      { kind: "json" },
    ),
    fc.uniqueArray(quotable, { minLength: 1, maxLength: 4 }).map((values): FieldType => ({ kind: "literal", values })),
    tie("type").map((item): FieldType => ({ kind: "list", item })),
    tie("type").map((item): FieldType => ({ kind: "list", item, minItems: 1, maxItems: 5 })),
    tie("type").map((item): FieldType => ({ kind: "list", item: { ...item, nullable: true } })),
    tie("type").map((value): FieldType => ({ kind: "map", value })),
  ),
}));
const anyFields = fc
  .uniqueArray(fc.tuple(name, anyType, fc.boolean(), quotable), {
    minLength: 2,
    maxLength: 6,
    selector: ([text]) => text,
  })
  .map((fields) =>
    fields.map(([text, type, optional, description]): Field => ({
      name: text,
      type,
      ...(optional ? { optional } : {}),
      ...(description === "" ? {} : { description }),
    })),
  );

/** The text of a type; `dialect` chooses among the spellings that mean the same. */
function spelled(type: FieldType, dialect: boolean): string {
  if (type.nullable === true) {
    const { nullable: _, ...plain } = type;
    return dialect ? `Optional[${spelled(plain, dialect)}]` : `${spelled(plain, dialect)} | None`;
  }
  switch (type.kind) {
    case "literal": {
      const values = type.values.map(quoted);
      return dialect || values.length === 0 ? `Literal[${values.join(", ")}]` : `Literal[ ${values.join(",")}]`;
    }
    case "list": {
      const limit = range(type.minItems, type.maxItems);
      const inner = spelled(type.item, dialect);
      return dialect || type.item.nullable === true ? `list[${inner}]${limit}` : `${inner}[ ] ${limit}`;
    }
    case "map":
      return dialect ? `dict[str, ${spelled(type.value, dialect)}]` : `Dict[ string ,${spelled(type.value, dialect)} ]`;
    case "string": {
      const pattern = type.pattern === undefined ? "" : `(/${type.pattern}/)`;
      return `${dialect ? "str" : "text"}${range(type.minLength, type.maxLength)}${pattern}`;
    }
    case "int":
    case "float":
      return `${type.kind} ${range(type.min, type.max)}`;
    default:
      return type.kind;
  }
}

function range(least: number | undefined, most: number | undefined): string {
  return least === undefined && most === undefined ? "" : `( ${least ?? ""}..${most ?? ""})`;
}

function quoted(text: string): string {
  return text.includes('"') ? `'${text}'` : `"${text}"`;
}

function written(fields: readonly Field[], dialect: boolean): string {
  return fields
    .map(({ name: text, type, optional, description }) => {
      const said = description === undefined ? "" : ` ${quoted(description)}`;
      return optional === true && dialect
        ? `${text}: Optional[${spelled(type, dialect)}]${said}`
        : `${text}${optional === true ? "?" : ""}:${spelled(type, dialect)}${said}`;
    })
    .join(dialect ? ", " : " ,\n");
}

describe("any signature", () => {
  test("that is written out, in either spelling, reads back as it was", () => {
    fc.assert(
      fc.property(anyFields, fc.nat(), fc.boolean(), (fields, cut, dialect) => {
        const at = 1 + (cut % (fields.length - 1));
        const [inputs, outputs] = [fields.slice(0, at), fields.slice(at)];
        const parsed = parse(`${written(inputs, dialect)} -> ${written(outputs, dialect)}`);
        expect(parsed.inputs).toEqual(inputs);
        expect(parsed.outputs).toEqual(outputs);
      }),
      { numRuns: 300 },
    );
  });

  test("is read or refused with a usage error whose caret is within the text, whatever is written", () => {
    const token = fc.constantFrom(
      "a",
      "b",
      "->",
      ",",
      ":",
      "?",
      "int",
      "list[",
      "]",
      "[]",
      '"x"',
      "'",
      '"',
      "|",
      "Literal[",
      "Optional[",
      "dict[str,",
      "(",
      ")",
      "0..1",
      "(/",
      "/)",
      "None",
      " ",
      "\n",
      "ä",
      "1",
    );
    const noise = fc.oneof(
      fc.string(),
      fc.string({ unit: "binary" }),
      fc.array(token, { maxLength: 14 }).map((tokens) => tokens.join("")),
    );
    fc.assert(
      fc.property(noise, (text) => {
        try {
          parse(text);
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError);
          const column = Number(/at column (\d+)/.exec((error as UsageError).message)?.[1]);
          expect(column).toBeGreaterThanOrEqual(1);
          expect(column).toBeLessThanOrEqual(text.length + 1);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test("of enormous length is read in linear time", () => {
    const many = Array.from({ length: 20_000 }, (_, index) => `field_${index}: list[str]`).join(", ");
    expect(parse(`${many} -> answer`).inputs).toHaveLength(20_000);
  });
});

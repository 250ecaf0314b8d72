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
      signature: unknown type "strng" at column 11, expected string, int, float, bool, json, "a" | "b", T[], list[T], dict[str, T], Literal["a", "b"], Optional[T]
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
      signature: unexpected "| float" at column 13, expected no "|": only quoted literals are joined with it, like "a" | "b"
        a -> b: int | float
                    ^
      "
    `);
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
      { kind: "int" },
      { kind: "float" },
      { kind: "bool" },
      { kind: "json" },
    ),
    fc.uniqueArray(quotable, { minLength: 1, maxLength: 4 }).map((values): FieldType => ({ kind: "literal", values })),
    tie("type").map((item): FieldType => ({ kind: "list", item })),
    tie("type").map((value): FieldType => ({ kind: "map", value })),
  ),
}));
const anyFields = fc
  .uniqueArray(fc.tuple(name, anyType, fc.boolean()), { minLength: 2, maxLength: 6, selector: ([text]) => text })
  .map((fields) =>
    fields.map(([text, type, optional]): Field => ({ name: text, type, ...(optional ? { optional } : {}) })),
  );

/** The text of a type; `dialect` chooses among the spellings that mean the same. */
function spelled(type: FieldType, dialect: boolean): string {
  switch (type.kind) {
    case "literal": {
      const values = type.values.map((value) => (value.includes('"') ? `'${value}'` : `"${value}"`));
      return dialect || values.length === 0 ? `Literal[${values.join(", ")}]` : `Literal[ ${values.join(",")}]`;
    }
    case "list":
      return dialect ? `list[${spelled(type.item, dialect)}]` : `${spelled(type.item, dialect)}[]`;
    case "map":
      return dialect ? `dict[str, ${spelled(type.value, dialect)}]` : `Dict[ string ,${spelled(type.value, dialect)} ]`;
    default:
      return type.kind === "string" && dialect ? "str" : type.kind;
  }
}

function written(fields: readonly Field[], dialect: boolean): string {
  return fields
    .map(({ name: text, type, optional }) =>
      optional === true && dialect
        ? `${text}: Optional[${spelled(type, dialect)}]`
        : `${text}${optional === true ? "?" : ""}:${spelled(type, dialect)}`,
    )
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

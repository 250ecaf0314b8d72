import { describe, expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { execute, program, ProgramError, recordJsonSchema, signature } from "#programs";
import type { FieldType, FileValue, InputsOf, OutputsOf, SchemaSignature } from "#programs";
import { UsageError } from "#foundation";
import { scriptedModel } from "#testing";

const string: FieldType = { kind: "string" };
const literal = (...values: string[]): FieldType => ({ kind: "literal", values });

describe("a signature text", () => {
  test("means the same to the compiler and at run time, type by type", () => {
    const typed = signature(
      'plain, s: str, t: text, i: int, n: integer, f: float, m: number, b: bool, c: boolean, j: json, k: any -> out: "a" | "b"',
    );
    expectTypeOf<
      InputsOf<"plain, s: str, t: text, i: int, n: integer, f: float, m: number, b: bool, c: boolean, j: json, k: any -> o">
    >().toEqualTypeOf<{
      plain: string;
      s: string;
      t: string;
      i: number;
      n: number;
      f: number;
      m: number;
      b: boolean;
      c: boolean;
      j: unknown;
      k: unknown;
    }>();
    expect(typed.inputs.map(({ type }) => type.kind)).toEqual(
      "string string string int int float float bool bool json json".split(" "),
    );
    expect(typed.outputs).toEqual([{ name: "out", type: literal("a", "b") }]);
  });

  test("has lists, in both spellings and nested", () => {
    type Lists = OutputsOf<"x -> a: int[], b: list[str], c: List[float][], d: list[list[bool]], e: list[int][][]">;
    expectTypeOf<Lists>().toEqualTypeOf<{
      a: number[];
      b: string[];
      c: number[][];
      d: boolean[][];
      e: number[][][];
    }>();
    const list = (item: FieldType): FieldType => ({ kind: "list", item });
    expect(
      signature("x -> a: int[], b: list[str], c: List[float][], d: list[list[bool]], e: list[int][][]").outputs,
    ).toEqual([
      { name: "a", type: list({ kind: "int" }) },
      { name: "b", type: list(string) },
      { name: "c", type: list(list({ kind: "float" })) },
      { name: "d", type: list(list({ kind: "bool" })) },
      { name: "e", type: list(list(list({ kind: "int" }))) },
    ]);
  });

  test("has maps with keys of type string", () => {
    type Maps = OutputsOf<"x -> a: dict[str, int], b: Dict[string, list[dict[str, bool]]]">;
    expectTypeOf<Maps>().toEqualTypeOf<{ a: Record<string, number>; b: Record<string, Record<string, boolean>[]> }>();
    expect(signature("x -> a: dict[str, int]").outputs).toEqual([
      { name: "a", type: { kind: "map", value: { kind: "int" } } },
    ]);
  });

  test("has optional fields, marked by the name or by the type", () => {
    expectTypeOf<InputsOf<"a?, b?: int, c: Optional[bool], d: Optional[list[str]] -> e?: float">>().toEqualTypeOf<{
      a?: string;
      b?: number;
      c?: boolean;
      d?: string[];
    }>();
    const { inputs, outputs } = signature("a?, b?: int, c: Optional[bool], d: Optional[list[str]] -> e?: float");
    expect([...inputs, ...outputs].every(({ optional }) => optional === true)).toBe(true);
    expect(inputs[2]).toEqual({ name: "c", type: { kind: "bool" }, optional: true });
  });

  test("has quoted values that may hold commas, bars, brackets, arrows and the other quote", () => {
    const typed = signature(
      `x: "a->b" -> a: "one, two" | 'three' | "don't", b: Literal["won't", 'x | y', "z]"], c: "[" | "," | ":"`,
    );
    expectTypeOf<InputsOf<`x: "a->b" -> c`>>().toEqualTypeOf<{ x: "a->b" }>();
    expectTypeOf<
      OutputsOf<`x -> a: "one, two" | 'three' | "don't", b: Literal["won't", 'x | y', "z]"], c: "[" | "," | ":"`>
    >().toEqualTypeOf<{ a: "one, two" | "three" | "don't"; b: "won't" | "x | y" | "z]"; c: "[" | "," | ":" }>();
    expect(typed.outputs.map(({ type }) => type)).toEqual([
      literal("one, two", "three", "don't"),
      literal("won't", "x | y", "z]"),
      literal("[", ",", ":"),
    ]);
  });

  test("may have many values and many fields", () => {
    type Digits = "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9";
    type Many =
      OutputsOf<`x -> label: "00" | "01" | "02" | "03" | "04" | "05" | "06" | "07" | "08" | "09" | "10" | "11" | "12" | "13" | "14" | "15" | "16" | "17" | "18" | "19" | "20" | "21" | "22" | "23" | "24" | "25" | "26" | "27" | "28" | "29" | "30" | "31" | "32" | "33" | "34" | "35" | "36" | "37" | "38" | "39", sure: float`>;
    expectTypeOf<Many>().toEqualTypeOf<{ label: `${"0" | "1" | "2" | "3"}${Digits}`; sure: number }>();
    type Wide = InputsOf<"a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z -> out">;
    expectTypeOf<keyof Wide>().toEqualTypeOf<
      | ("a" | "b" | "c" | "d" | "e" | "f" | "g" | "h" | "i" | "j" | "k" | "l" | "m")
      | ("n" | "o" | "p" | "q" | "r" | "s" | "t" | "u" | "v" | "w" | "x" | "y" | "z")
    >();
  });

  test("has dates, images, files and earlier turns", () => {
    type Inputs = InputsOf<"day: date, photo: image, scans: file[], turns?: history -> x">;
    expectTypeOf<Inputs>().toEqualTypeOf<{
      day: string;
      photo: FileValue;
      scans: FileValue[];
      turns?: readonly Readonly<Record<string, unknown>>[];
    }>();
    const { inputs } = signature("day: date, photo: image, scans: file[], turns?: history -> x");
    expect(inputs.map(({ type }) => type)).toEqual([
      { kind: "date" },
      { kind: "image" },
      { kind: "list", item: { kind: "file" } },
      { kind: "history" },
    ]);
  });

  test("has None: a field that may be left out, a value within a list or a map that may be null", () => {
    const text =
      'x -> a: int | None, b: "p" | "q" | null, c: list[Optional[int]], d: dict[str, str | None], e: Optional[int][]';
    expectTypeOf<OutputsOf<typeof text>>().toEqualTypeOf<{
      a?: number;
      b?: "p" | "q";
      c: (number | null)[];
      d: Record<string, string | null>;
      e: (number | null)[];
    }>();
    const orNull: FieldType = { kind: "int", nullable: true };
    expect(signature(text).outputs).toEqual([
      { name: "a", type: { kind: "int" }, optional: true },
      { name: "b", type: literal("p", "q"), optional: true },
      { name: "c", type: { kind: "list", item: orNull } },
      { name: "d", type: { kind: "map", value: { kind: "string", nullable: true } } },
      { name: "e", type: { kind: "list", item: orNull } },
    ]);
  });

  test("has limits of numbers, lengths, texts and counts", () => {
    const text =
      "x -> a: float(0..1), b: int( 1.. ), c: string(..80), d: string(/^[A-Z,(]+$/), e: str(2..4)(/a.b/), f: int(-5..)[](1..5), g: list[float(0..)](..3), h: dict[str, text(1..)]";
    type Limited = OutputsOf<typeof text>;
    expectTypeOf<Limited>().toEqualTypeOf<{
      a: number;
      b: number;
      c: string;
      d: string;
      e: string;
      f: number[];
      g: number[];
      h: Record<string, string>;
    }>();
    expect(signature(text).outputs.map(({ type }) => type)).toEqual([
      { kind: "float", min: 0, max: 1 },
      { kind: "int", min: 1 },
      { kind: "string", maxLength: 80 },
      { kind: "string", pattern: "^[A-Z,(]+$" },
      { kind: "string", minLength: 2, maxLength: 4, pattern: "a.b" },
      { kind: "list", item: { kind: "int", min: -5 }, minItems: 1, maxItems: 5 },
      { kind: "list", item: { kind: "float", min: 0 }, maxItems: 3 },
      { kind: "map", value: { kind: "string", minLength: 1 } },
    ]);
  });

  test("has descriptions, quoted after the type or, without a type, after the name", () => {
    const text = `ticket "what, exactly: the customer -> wrote", tries?: int(0..) 'it''s' -> x`.replace("''", "’");
    expect(signature<string>(text).inputs).toEqual([
      { name: "ticket", type: string, description: "what, exactly: the customer -> wrote" },
      { name: "tries", type: { kind: "int", min: 0 }, optional: true, description: "it’s" },
    ]);
    const described = signature(
      'x -> queue: "billing" | "tech" "which desk", urgency: float(0..1) "0 is calm", only: Literal["a"] "one", none? "x"',
    );
    expectTypeOf(described).toEqualTypeOf<
      SchemaSignature<{ x: string }, { queue: "billing" | "tech"; urgency: number; only: "a"; none?: string }>
    >();
    expect(described.outputs).toEqual([
      { name: "queue", type: literal("billing", "tech"), description: "which desk" },
      { name: "urgency", type: { kind: "float", min: 0, max: 1 }, description: "0 is calm" },
      { name: "only", type: literal("a"), description: "one" },
      { name: "none", type: string, optional: true, description: "x" },
    ]);
    expect(signature('a -> b "in the text"', { descriptions: { b: "told" } }).outputs[0]?.description).toBe("told");
  });

  test("may be written over several lines", () => {
    const typed = signature(`
      question: str,
      context: list[str]
      ->
      answer: str
    `);
    expect([...typed.inputs, ...typed.outputs].map(({ name }) => name)).toEqual(["question", "context", "answer"]);
    expectTypeOf<InputsOf<"\n question: str,\n\t context: list[str]\n -> answer">>().toEqualTypeOf<{
      question: string;
      context: string[];
    }>();
  });

  test("that the compiler cannot see has unknown values", () => {
    const text: string = ["a", "b"].join(" -> ");
    const typed = signature(text);
    expect(typed.outputs).toEqual([{ name: "b", type: string }]);
    expectTypeOf<InputsOf<string>>().toEqualTypeOf<Record<string, unknown>>();
  });

  test("with a mistake is a compile error and a usage error", () => {
    const mistakes = [
      // @ts-expect-error an unknown type
      () => signature("question: strng -> answer"),
      // @ts-expect-error no arrow
      () => signature("question, answer"),
      // @ts-expect-error an arrow in quotes is none
      () => signature('question: "a -> b"'),
      // @ts-expect-error a comma too many
      () => signature("question, -> answer"),
      // @ts-expect-error no outputs
      () => signature("question -> "),
      // @ts-expect-error no comma
      () => signature("question context -> answer"),
      // @ts-expect-error two arrows
      () => signature("a->b->c"),
      // @ts-expect-error no name
      () => signature("first-name -> answer"),
      // @ts-expect-error a union of types
      () => signature("a -> b: int | float"),
      // @ts-expect-error a union of a quoted value and a type
      () => signature('a -> b: "x" | int'),
      // @ts-expect-error a quote without its end
      () => signature('a -> b: "x | "y"'),
      // @ts-expect-error a bar without a value
      () => signature('a -> b: "x" |'),
      // @ts-expect-error values without a bar
      () => signature('a -> b: "x" "y"'),
      // @ts-expect-error an unknown generic type
      () => signature("a -> b: set[int]"),
      // @ts-expect-error generic types are spelled as in Python
      () => signature("a -> b: optional[int]"),
      // @ts-expect-error a bracket without its end
      () => signature("a -> b: list[int"),
      // @ts-expect-error keys are texts
      () => signature("a -> b: dict[int, str]"),
      // @ts-expect-error a type within a list
      () => signature("a -> b: list[strng]"),
      // @ts-expect-error a value that is not quoted
      () => signature("a -> b: Literal[x]"),
      // @ts-expect-error a value that stands twice
      () => signature('a -> b: "x" | "x"'),
      // @ts-expect-error a name that stands twice
      () => signature("a -> b, a"),
      // @ts-expect-error a name of every object
      () => signature("a -> constructor"),
      // @ts-expect-error a letter that is none of a name
      () => signature("é -> b"),
      // @ts-expect-error None alone
      () => signature("a -> b: None"),
      // @ts-expect-error None is no text
      () => signature('a -> b: Literal["x", None]'),
      // @ts-expect-error a range without dots
      () => signature("a -> b: int(5)"),
      // @ts-expect-error a range without bounds
      () => signature("a -> b: int(..)"),
      // @ts-expect-error a bound that is no number
      () => signature("a -> b: float(low..high)"),
      // @ts-expect-error half a character
      () => signature("a -> b: string(..1.5)"),
      // @ts-expect-error a range of nothing that has a size
      () => signature("a -> b: bool(0..1)"),
      // @ts-expect-error a pattern of a number
      () => signature("a -> b: int(/^1/)"),
      // @ts-expect-error a pattern without its end
      () => signature("a -> b: string(/^1)"),
      // @ts-expect-error an empty pattern
      () => signature("a -> b: string(//)"),
      // @ts-expect-error two ranges
      () => signature("a -> b: int(0..)(..5)"),
      // @ts-expect-error two descriptions
      () => signature('a -> b: int "one" "two"'),
      // @ts-expect-error a description before the type
      () => signature('a -> b "one": int'),
      // @ts-expect-error a description without its end
      () => signature('a -> b: int "one'),
    ];
    for (const mistake of mistakes) expect(mistake).toThrow(UsageError);
  });

  test("gives a program its types", async () => {
    const triage = program({
      name: "triage",
      signature: signature('ticket -> queue: "billing" | "tech", urgency?: int'),
    });
    const model = scriptedModel(["[[ ## queue ## ]]\ntech"]);
    const { outputs } = await execute(triage, { ticket: "x" }, { model });
    expectTypeOf(outputs).toEqualTypeOf<{ queue: "billing" | "tech"; urgency?: number }>();
    // @ts-expect-error a typo in an input
    await expect(execute(triage, { tickt: "x" }, { model })).rejects.toThrow(UsageError);
    // @ts-expect-error an input of another type
    await expect(execute(triage, { ticket: 1 }, { model })).rejects.toThrow(UsageError);
  });
});

describe("what a signature tells", () => {
  test("its instructions are a sentence from its fields unless told", () => {
    expect(signature("question, context -> answer").instructions).toBe("Given question, context, produce answer.");
    expect(signature("a -> b", { instructions: "Do it." }).instructions).toBe("Do it.");
  });

  test("fields have descriptions by name, and a description of no field is refused", () => {
    const described = signature("a -> b", { descriptions: { b: "the answer" } });
    expect(described.outputs).toEqual([{ name: "b", type: string, description: "the answer" }]);
    expect(() => signature("a -> b", { descriptions: { c: "what?" } })).toThrow(
      new UsageError("signature: descriptions.c describes no field; fields are a, b"),
    );
  });

  test("it is plain data: equal after JSON", () => {
    const text = signature('a: list[int] -> b?: "x" | "y"', { descriptions: { b: "which" } });
    expect(JSON.parse(JSON.stringify(text))).toEqual(text);
  });

  test.each([undefined, 5, {}, { input: {} }, { input: z.object({}), output: {} }])("%o is no signature", (source) => {
    expect(() => signature(source as unknown as "a -> b")).toThrow(
      "signature: expected a text or { input, output } schemas",
    );
  });
});

describe("a signature from schemas", () => {
  const input = z.object({ ticket: z.string().describe("what the customer wrote"), tries: z.int().optional() });
  const output = z.object({
    queue: z.enum(["billing", "tech"]),
    confidence: z
      .number()
      .min(0)
      .max(1)
      .refine((value) => value !== 0.25, "no quarter"),
    tags: z.array(z.string()).optional(),
    spans: z.array(z.object({ from: z.int(), label: z.literal("name") })),
    rest: z.union([z.string(), z.number()]),
  });
  const schemas = signature({ input, output, instructions: "Route it." });

  test("has the schemas' types and their fields", async () => {
    expect(schemas.inputs).toEqual([
      { name: "ticket", type: string, description: "what the customer wrote" },
      { name: "tries", type: { kind: "int" }, optional: true },
    ]);
    expect(schemas.outputs).toMatchObject([
      { name: "queue", type: literal("billing", "tech") },
      { name: "confidence", type: { kind: "float", min: 0, max: 1 } },
      { name: "tags", type: { kind: "list", item: string }, optional: true },
      { name: "spans", type: { kind: "list", item: { kind: "object" } } },
      { name: "rest", type: { kind: "json" } },
    ]);
    const run = program({ name: "p", signature: schemas });
    type Outputs = Awaited<ReturnType<typeof execute<{ ticket: string }, z.output<typeof output>>>>["outputs"];
    expectTypeOf<Outputs>().toEqualTypeOf<z.output<typeof output>>();
    expect(run.signature.instructions).toBe("Route it.");
  });

  const answer = (confidence: number): string =>
    JSON.stringify({ queue: "tech", confidence, spans: [{ from: 1, label: "name" }], rest: 5 });
  const router = program({ name: "router", signature: schemas, configuration: { adapter: "json" } });

  test("checks the schemas' refinements at run time and shows them to the model", async () => {
    const model = scriptedModel([answer(0.25), answer(0.7)]);
    const { outputs } = await execute(router, { ticket: "x" }, { model });
    expect(outputs.confidence).toBe(0.7);
    expectTypeOf(outputs.queue).toEqualTypeOf<"billing" | "tech">();
    expect(model.calls[1]?.messages.at(-1)?.content).toContain("confidence: expected no quarter");
  });

  test("refuses outputs that never satisfy the refinements, and inputs likewise", async () => {
    const failure = execute(router, { ticket: "x" }, { model: scriptedModel([answer(7), answer(0.25)]) });
    await expect(failure).rejects.toThrow(ProgramError);
    const long = signature({ input: z.object({ word: z.string().max(3) }), output: z.object({ size: z.int() }) });
    const run = execute(program({ name: "long", signature: long }), { word: "four" }, { model: scriptedModel([]) });
    await expect(run).rejects.toThrow(/long: the inputs do not fit[\s\S]*word/);
  });

  test("its reasoning stage checks them too", async () => {
    const reasoned = program({ ...router, signature: schemas, pipeline: ["chain_of_thought"] });
    const model = scriptedModel([0.25, 0.5].map((value) => answer(value).replace("{", '{"reasoning":"because",')));
    const { outputs, history } = await execute(reasoned, { ticket: "x" }, { model });
    expect(outputs).not.toHaveProperty("reasoning");
    expect(history[0]?.outputs["reasoning"]).toBe("because");
    expect(model.calls).toHaveLength(2);
  });

  test("survives JSON with its field types and their limits, which go on being checked", async () => {
    const stored = JSON.parse(JSON.stringify(router)) as typeof router;
    expect(stored.signature.outputs).toEqual(router.signature.outputs);
    const model = scriptedModel([answer(7), answer(0.25)]);
    const { outputs } = await execute(stored, { ticket: "x" }, { model });
    expect(outputs.confidence).toBe(0.25);
    expect(model.calls[1]?.messages.at(-1)?.content).toContain("confidence: expected float (0 to 1), got 7");
    await expect(execute(stored, { ticket: 5 } as never, { model: scriptedModel([]) })).rejects.toThrow(UsageError);
  });

  test("awaits checks that take time", async () => {
    const slow = z.object({ word: z.string().refine(async (word) => word !== "bad", "a good word") });
    const typed = signature({ input: slow, output: z.object({ ok: z.boolean() }) });
    const run = execute(program({ name: "slow", signature: typed }), { word: "bad" }, { model: scriptedModel([]) });
    await expect(run).rejects.toThrow("word: expected a good word");
  });

  test.each<[what: string, make: () => unknown, message: string]>([
    ["one name on both sides", () => z.object({ x: z.string() }), 'signature: "x" is both an input and an output'],
    [
      "a name that cannot be marked",
      () => z.object({ "first name": z.string() }),
      'expected names of letters, digits and "_", got "first name"',
    ],
    [
      "a name of every object",
      () => z.object({ constructor: z.string() }),
      'expected names of letters, digits and "_", got "constructor"',
    ],
    ["no object", () => z.string(), "signature.output: expected the schema of an object"],
  ])("refuses %s", (_, make, message) => {
    expect(() => signature({ input: z.object({ x: z.string() }), output: make() as z.ZodObject })).toThrow(message);
  });

  test("refuses a schema that does not tell its JSON Schema, and says what to do", () => {
    const mute = { "~standard": { version: 1, vendor: "mute", validate: (value: unknown) => ({ value }) } } as const;
    expect(() => signature({ input: mute, output: mute })).toThrow(
      /mute does not. Pass \{ schema, jsonSchema \} or the field types as a signature text/,
    );
  });
});

test("the JSON Schema of fields describes them all and requires the ones that must be there", () => {
  const { outputs } = signature('x -> a: int, b?: "x" | "y", c: dict[str, list[float]], d: json', {
    descriptions: { a: "how many" },
  });
  expect(recordJsonSchema(outputs)).toEqual({
    type: "object",
    properties: {
      a: { type: "integer", description: "how many" },
      b: { enum: ["x", "y"] },
      c: { type: "object", additionalProperties: { type: "array", items: { type: "number" } } },
      d: {},
    },
    required: ["a", "c", "d"],
    additionalProperties: false,
  });
});

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { UsageError } from "#foundation";
import { signature } from "#programs";
import type { Field, FieldType, Signature } from "#programs";

const repository = join(import.meta.dirname, "../..");

const name = fc.constantFrom("a", "b2", "question", "_x", "Label", "é", "1st", "first-name", "toString", "");
const value = fc.constantFrom('"one"', "'two'", '"a, b"', "'it \"is\"'", '"->"', '"]"', '"(/"', "'x:y'", '""');
const plainType = fc
  .constantFrom(
    "str string text int integer float number bool boolean json any date image file history strng None ".split(" "),
  )
  .chain((types) => fc.constantFrom(...types));
const limit = fc
  .constantFrom(
    ["(0..1)", "(1..)", "( .. 80 )", "(-1.5..2e3)", "(..)", "(5)", "(a..b)", "(1..5", "(0x1..)"],
    ["(/^[A-Z]+$/)", '(/[,"]/)', "(//)", "(/a)", "(..3)(/b/)", "(/b/)(..3)", "( /b/)"],
  )
  .chain((limits) => fc.constantFrom(...limits));
const { type } = fc.letrec<{ type: string }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 2 },
    { weight: 6, arbitrary: plainType },
    { weight: 2, arbitrary: fc.array(value, { minLength: 1, maxLength: 4 }).map((values) => values.join(" | ")) },
    { weight: 1, arbitrary: fc.array(value, { maxLength: 3 }).map((values) => `Literal[${values.join(",")}]`) },
    { weight: 3, arbitrary: fc.tuple(plainType, limit).map((parts) => parts.join("")) },
    { weight: 1, arbitrary: fc.tuple(tie("type"), limit).map((parts) => parts.join(" ")) },
    { weight: 1, arbitrary: tie("type").map((inner) => `${inner}[]`) },
    { weight: 1, arbitrary: tie("type").map((inner) => `${inner} [ ]`) },
    { weight: 1, arbitrary: tie("type").map((inner) => `list[${inner}]`) },
    { weight: 1, arbitrary: tie("type").map((inner) => `List [ ${inner} ]`) },
    { weight: 1, arbitrary: tie("type").map((inner) => `dict[str, ${inner}]`) },
    { weight: 1, arbitrary: tie("type").map((inner) => `Dict[ ${inner} , int ]`) },
    { weight: 1, arbitrary: tie("type").map((inner) => `Optional[${inner}]`) },
    { weight: 1, arbitrary: tie("type").map((inner) => `set[${inner}]`) },
    { weight: 1, arbitrary: tie("type").map((inner) => `${inner} | None`) },
    { weight: 1, arbitrary: tie("type").map((inner) => `${inner}|null`) },
  ),
}));
const description = fc.constantFrom(
  "",
  "",
  "",
  ' "said"',
  " 'a, b: c -> d'",
  '"no end',
  ' "one" "two"',
  ' "it\'s [5]"',
);
const colon = fc.constantFrom(": ", ": ", ": ", " :", "\n:\t", "?: ", " ? :", "", "::", ":\u00a0", "\v: ");
const field = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(name, colon, type, description).map((parts) => parts.join("")) },
  { weight: 1, arbitrary: fc.tuple(name, fc.constantFrom("", "?"), description).map((parts) => parts.join("")) },
);
const side = fc.array(field, { minLength: 1, maxLength: 3 }).map((fields) => fields.join(", "));
const arrow = fc.constantFrom(" -> ", "->", "\n->\n", " - ", " -> x -> ");
const spelled = fc.tuple(side, fc.oneof({ weight: 9, arbitrary: fc.constant(" -> ") }, arrow), side);
/** Texts that are nearly right: one character may be missing or stand twice. */
const anyText = fc
  .tuple(spelled, fc.nat(), fc.constantFrom("whole", "whole", "whole", "missing", "twice"))
  .map(([parts, at, change]) => {
    const text = parts.join("");
    const index = at % text.length;
    if (change === "whole") return text;
    return text.slice(0, index) + (change === "twice" ? text.charAt(index).repeat(2) : "") + text.slice(index + 1);
  });

/** Texts without defects. */
const soundName = fc.stringMatching(/^[a-z_][A-Za-z0-9_]{2,6}$/).filter((text) => !(text in Object.prototype));
const soundText = fc
  .tuple(
    fc.uniqueArray(soundName, { minLength: 2, maxLength: 5 }),
    fc.array(fc.tuple(type, description), { minLength: 5, maxLength: 5 }),
  )
  .map(([names, rest]) => {
    const fields = names.map((text, index) => {
      const [written = "", said = ""] = rest[index] ?? [];
      return parsed(`q -> ${text}: ${written}${said}`) === undefined ? text : `${text}: ${written}${said}`;
    });
    return `${fields[0]} -> ${fields.slice(1).join(" ,\n")}`;
  });

/** Defects that chance seldom has alone. */
const rare = [
  'a -> b: "x" | "x"',
  "a -> b: Literal['x', \"x\"]",
  "a, b -> c, a",
  "a -> b, b",
  "a -> valueOf",
  "a -> b: None",
];

function parsed(text: string): Signature | undefined {
  try {
    return signature<string>(text);
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

/** The TypeScript type of a field's values. */
function written(fieldType: FieldType): string {
  const plain = writtenPlain(fieldType);
  return fieldType.nullable === true ? `(${plain} | null)` : plain;
}

function writtenPlain(fieldType: FieldType): string {
  switch (fieldType.kind) {
    case "int":
    case "float":
      return "number";
    case "bool":
      return "boolean";
    case "string":
    case "date":
      return "string";
    case "image":
    case "file":
      return "FileValue";
    case "history":
      return "(readonly Readonly<Record<string, unknown>>[])";
    case "literal":
      return `(${fieldType.values.map((text) => JSON.stringify(text)).join(" | ")})`;
    case "list":
      return `${written(fieldType.item)}[]`;
    case "map":
      return `Record<string, ${written(fieldType.value)}>`;
    case "object":
    case "json":
      return "unknown";
  }
}

function record(fields: readonly Field[]): string {
  return `{ ${fields.map((one) => `${one.name}${one.optional === true ? "?" : ""}: ${written(one.type)}`).join("; ")} }`;
}

/** One line of TypeScript that compiles if the compiler's verdict on the text is the parser's. */
function claim(text: string): string {
  const literal = JSON.stringify(text);
  const read = parsed(text);
  if (read === undefined) return `claim<Refused<${literal}>>(true);`;
  const types = `Same<InputsOf<S>, ${record(read.inputs)}>, Same<OutputsOf<S>, ${record(read.outputs)}>`;
  return `{ type S = ${literal}; claim<Refused<S>>(false); claim<All<[${types}]>>(true); }`;
}

const preamble = (typesFile: string): string => `
import type { CheckSignature, FileValue, InputsOf, OutputsOf } from ${JSON.stringify(typesFile)};
type Refused<S extends string> = unknown extends CheckSignature<S> ? false : true;
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type All<T> = T extends true[] ? true : false;
declare function claim<T>(verdict: T): void;
`;

/** The lines that the compiler does not believe. */
function disbelieved(lines: readonly string[]): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), "tutti-parity-"));
  try {
    const head = preamble(join(repository, "src/programs/index.ts"));
    writeFileSync(join(folder, "claims.ts"), `${head}${lines.join("\n")}\n`);
    const options = { extends: join(repository, "tsconfig.json"), include: ["claims.ts"] };
    const compilerOptions = {
      types: [],
      isolatedDeclarations: false,
      declaration: false,
      noUnusedLocals: false,
      rewriteRelativeImportExtensions: false,
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ ...options, compilerOptions }));
    const compiler = join(repository, "node_modules/typescript/bin/tsc");
    const first = head.split("\n").length;
    const complaints = run([compiler, "-p", folder, "--pretty", "false"]).matchAll(/^.*claims\.ts\((\d+),.*$/gm);
    return [...complaints].map(([complaint, line]) => `${lines[Number(line) - first] ?? ""}\n  ${complaint}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function run(args: readonly string[]): string {
  try {
    return execFileSync(process.execPath, args, { encoding: "utf8", stdio: "pipe" });
  } catch (error) {
    return String((error as { stdout?: unknown }).stdout);
  }
}

test("the compiler and the parser give one verdict on a text, and the same types", () => {
  const sample = { numRuns: 500, seed: 20 };
  const texts = [...fc.sample(anyText, sample), ...fc.sample(soundText, sample), ...rare];
  const accepted = texts.filter((text) => parsed(text) !== undefined).length;
  expect(accepted).toBeGreaterThan(500);
  expect(texts.length - accepted).toBeGreaterThan(300);
  expect(disbelieved(texts.map(claim))).toEqual([]);
  // The compiler was there, and looked.
  expect(disbelieved(['claim<Refused<"a -> b">>(true);'])).toHaveLength(1);
}, 60_000);

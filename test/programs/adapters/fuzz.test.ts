import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { isPlainObject, jsonDefect, pick, seededRng, integerBelow } from "#foundation";
import type { Rng } from "#foundation";
import { chat, execute, json, program, ProgramError, xml } from "#programs";
import type { Adapter, Field, FieldType, LanguageModel, Program } from "#programs";
import { anyFields, anyRecord } from "./any-record.ts";

/** As many replies as the project promises, through each adapter. */
const runs = 100_000;

const seed = 20;
const adapters: readonly Adapter[] = [chat, json, xml];

/** Programs of all types of outputs with records that fit them: what fast-check makes is drawn from by the thousand. */
const cases = fc.sample(
  anyFields.chain((fields) => fc.tuple(fc.constant(withLimits(fields)), anyRecord(fields, fc.string()))),
  { seed, numRuns: 300 },
);
/** Some fields are optional, nullable or bounded. */
function withLimits(fields: readonly Field[]): readonly Field[] {
  return fields.map((field, index) => {
    if (index === 1) return { ...field, optional: true };
    if (index === 2) return { ...field, type: { ...field.type, nullable: true } };
    return field.type.kind === "int" ? { ...field, type: { kind: "int", min: -5, max: 5 } } : field;
  });
}

const noise: readonly string[] = [
  ...fc.sample(fc.string({ maxLength: 40 }), { seed, numRuns: 300 }),
  ...fc.sample(fc.string({ unit: "binary", maxLength: 40 }), { seed, numRuns: 300 }),
  ...fc.sample(fc.string({ unit: "grapheme", maxLength: 20 }), { seed, numRuns: 200 }),
  ...fc.sample(fc.json({ maxDepth: 4 }), { seed, numRuns: 300 }),
];

/** What forms are made of, whole and broken. */
const tokens: readonly string[] = [
  ..."{ } [ ] : , \" ' \\ \\u \\u12 ` < > & # / - . 0 -1 1e999 9007199254740993 NaN null None true True".split(" "),
  ..."[[ ]] ## [[##field_0##]] <field_0> </field_0> <field_1 a='b'> <field_0/> </ <! <![CDATA[ ]]> &lt; &#0; &#9999999; &amp;".split(
    " ",
  ),
  ..."<think> </think> <reasoning> </reasoning> ```json ``` // /* */ __proto__ constructor toString field_0 inner".split(
    " ",
  ),
  "[[ ## field_0 ## ]]\n",
  "[[ ## field_1 ## ]]",
  "[[ ## completed ## ]]",
  '"field_0": ',
  "'field_1': '",
  '{"field_0": {"inner": ',
  "\n",
  "\r\n- ",
  "\u0000",
  "\ud83d",
  "\u2028",
  "2026-02-30",
];

function programOf(outputs: readonly Field[], adapter: string): Program {
  const signature = { instructions: "", inputs: [], outputs };
  return program({ name: "fuzzed", signature, configuration: { adapter, maxAttempts: 1 } });
}

function reply(rng: Rng, own: Adapter): { readonly index: number; readonly text: string } {
  const index = integerBelow(rng, cases.length);
  const [outputs, record] = cases[index] as (typeof cases)[number];
  const kind = rng.next();
  if (kind < 0.1) return { index, text: repeated(rng, () => pick(rng, noise)) };
  if (kind < 0.25) return { index, text: repeated(rng, () => pick(rng, tokens)) };
  if (kind < 0.2503) return { index, text: pick(rng, tokens).repeat(1 + integerBelow(rng, 20_000)) };
  const form = rng.next() < 0.7 ? own : pick(rng, adapters);
  let text = form.answer({ instructions: "", inputs: [], outputs }, record).content;
  for (let changes = integerBelow(rng, 5); changes > 0; changes--) text = changed(text, rng);
  return { index, text };
}

function repeated(rng: Rng, part: () => string): string {
  return Array.from({ length: integerBelow(rng, 12) }, part).join("");
}

const changes: readonly ((text: string, rng: Rng, at: number) => string)[] = [
  (text, _rng, at) => text.slice(0, at),
  (text, _rng, at) => text.slice(at),
  (text, rng, at) => text.slice(0, at) + text.slice(at + integerBelow(rng, 8)),
  (text, rng, at) => text.slice(0, at) + pick(rng, tokens) + text.slice(at),
  (text, rng, at) => text.slice(0, at) + pick(rng, noise) + text.slice(at),
  (text, _rng, at) => text + text.slice(at),
  (text) => `\`\`\`\n${text}\n\`\`\``,
  (text, rng) => `<think>${pick(rng, noise)}</think>${text}`,
  (text, rng) => `${pick(rng, noise)}\n${text}\n${pick(rng, noise)}`,
  (text) => text.toUpperCase(),
  (text) => text.replaceAll('"', "'"),
  (text) => text.replaceAll("\n", " "),
];

function changed(text: string, rng: Rng): string {
  return pick(rng, changes)(text, rng, integerBelow(rng, text.length + 1));
}

/** Written anew here: whether a value is of its type is not for the adapters to say. */
function fits(type: FieldType, value: unknown): boolean {
  if (value === null && type.nullable === true) return true;
  switch (type.kind) {
    case "string":
      return typeof value === "string";
    case "int":
      return Number.isSafeInteger(value) && Math.abs(Number(value)) <= (type.max ?? Infinity);
    case "float":
      return Number.isFinite(value);
    case "bool":
      return typeof value === "boolean";
    case "date":
      return typeof value === "string" && /^\d{4}-\d\d-\d\d/.test(value) && !Number.isNaN(Date.parse(value));
    case "literal":
      return type.values.includes(value as string);
    case "list":
      return Array.isArray(value) && value.every((item) => fits(type.item, item));
    case "map":
      return isPlainObject(value) && Object.values(value).every((item) => fits(type.value, item));
    case "object":
      return isPlainObject(value) && fitsAll(type.fields, value);
    case "json":
      return jsonDefect(value) === undefined;
    default:
      return false;
  }
}

function fitsAll(fields: readonly Field[], record: object): boolean {
  return (
    Object.keys(record).every((key) => fields.some(({ name }) => name === key)) &&
    fields.every(({ name, type, optional }) => {
      const value: unknown = Reflect.get(record, name);
      return (value === undefined && optional === true) || fits(type, value);
    })
  );
}

// Most replies end in an error whose stack nobody reads.
beforeAll(() => {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  return () => {
    Error.stackTraceLimit = stackTraceLimit;
  };
});

describe.each(adapters.map((adapter) => ({ adapter, name: adapter.name })))(
  "the $name adapter",
  ({ adapter, name }) => {
    test(`gives of ${runs} random replies what fits its types or what is wrong, and never throws`, async () => {
      const rng = seededRng(`${seed} ${name}`);
      let text = "";
      const model: LanguageModel = {
        id: "random",
        generate: () =>
          Promise.resolve({ text, finishReason: "stop", usage: { calls: 1, inputTokens: 0, outputTokens: 0, usd: 0 } }),
      };
      const programs = cases.map(([outputs]) => programOf(outputs, name));
      let usable = 0;
      for (let run = 0; run < runs; run++) {
        const random = reply(rng, adapter);
        ({ text } = random);
        const source = programs[random.index] as Program;
        const { outputs: fields } = source.signature;
        const came = await execute(source, {}, { model }).catch((thrown: unknown) => thrown);
        if (came instanceof ProgramError) {
          if (came.code !== "unusable_reply" || came.raw !== text) expect.fail(failure(text, fields, came.message));
        } else if (isPlainObject(came) && fitsAll(fields, came["outputs"] as object)) usable++;
        else expect.fail(failure(text, fields, came));
        const partial = adapter.readPartial(text.slice(0, integerBelow(rng, text.length + 1)), fields);
        if (!fitsSoFar(fields, partial)) expect.fail(failure(text, fields, partial));
      }
      // Neither all nothing nor all well: the replies are worth reading.
      expect(usable / runs).toBeGreaterThan(0.1);
      expect(usable / runs).toBeLessThan(0.9);
    }, 120_000);
  },
);

/** Each value that is there is of its type, but for bounds, which texts and lists reach only when they are done. */
function fitsSoFar(fields: readonly Field[], partial: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(partial).every(([key, value]) => {
    const field = fields.find(({ name }) => name === key);
    return field !== undefined && value !== undefined && fits(field.type, value);
  });
}

function failure(text: string, fields: readonly Field[], came: unknown): string {
  return `${JSON.stringify(text)} as ${JSON.stringify(fields)} gave ${came instanceof Error ? String(came.stack) : JSON.stringify(came)}`;
}

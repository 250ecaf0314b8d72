import { isPlainObject } from "#foundation";
import type { Json, JsonObject } from "#foundation";
import type { Field, FieldType, Message, ModelRequest } from "#programs";
import { readLiteral, wholeLiteral } from "./python-literal.ts";
import { readPythonType } from "./python-type.ts";
import { narrowed, schemaBounds } from "./schema-fields.ts";
import { untold } from "./task.ts";
import type { Bounds, Demo, Task } from "./task.ts";
import { turns } from "./turns.ts";

const inputsLine = "Your input fields are:";
const outputsLine = "Your output fields are:";
const structureLine = "All interactions will be structured in the following way";
const objectiveLine = "In adhering to this structure, your objective is:";

/** What marks the three dialects of DSPy's adapters in the system message. */
export type DspyForm = "chat" | "json" | "xml";

/** The form that a DSPy prompt is written in; `undefined` for another prompt. */
export function dspyForm(messages: readonly Message[]): DspyForm | undefined {
  const { system, question } = turns(messages);
  if (!system.includes(inputsLine) || !system.includes(outputsLine) || !system.includes(structureLine))
    return undefined;
  if (system.includes("Outputs will be a JSON object with the following fields")) return "json";
  return question.includes("wrapped in XML tags") || !system.includes("[[ ## ") ? "xml" : "chat";
}

/** How a form writes the sections of inputs and outputs. */
export interface DspySections {
  /** The text of each section, by name. */
  readonly inputs: (text: string, fields: readonly Field[]) => ReadonlyMap<string, string>;
  /** The values of an answer; none when it does not keep the form. */
  readonly outputs: (text: string, fields: readonly Field[]) => ReadonlyMap<string, Json> | undefined;
}

/** Reads a prompt of DSPy's adapters: fields, objective, demonstrations, inputs. */
export function parseDspy({ messages, responseFormat }: ModelRequest, sections: DspySections): Task {
  const { system, answered, question } = turns(messages);
  const inputs = readFields(between(system, inputsLine, outputsLine), system).map(({ field }) => field);
  const stated = readFields(between(system, outputsLine, structureLine), system);
  const outputs = stated.map(({ field }) => narrowed(field, responseFormat?.schema));
  return {
    instruction: dedented(system.slice(system.indexOf(objectiveLine) + objectiveLine.length)),
    inputs,
    outputs,
    input: sections.inputs(question.replace(closingRequest, ""), inputs),
    bounds: new Map([
      ...stated.map(({ field, bounds }) => [field.name, bounds] as const),
      ...schemaBounds(responseFormat?.schema),
    ]),
    demos: answered.map(({ user, assistant, at }): Demo => {
      const values = sections.outputs(assistant, outputs);
      return {
        inputs: sections.inputs(user, inputs),
        outputs: supplied(values ?? new Map(), outputs),
        broken: values === undefined,
        at,
      };
    }),
  };
}

const closingRequest = /\n\nRespond with (?:the corresponding output fields|a JSON object)[\s\S]*$/;
const notSupplied = /^\s*Not supplied for this /;

/** The values that a demonstration has: some are marked as missing, and of an optional output None is none. */
function supplied(values: ReadonlyMap<string, Json>, fields: readonly Field[]): Map<string, Json> {
  const optional = new Set(fields.filter((field) => field.optional === true).map(({ name }) => name));
  return new Map(
    [...values].filter(([name, value]) => {
      if (optional.has(name) && (value === null || value === "None")) return false;
      return typeof value !== "string" || !notSupplied.test(value);
    }),
  );
}

function between(text: string, from: string, to: string): string {
  const start = text.indexOf(from) + from.length;
  const end = text.indexOf(to, start);
  return text.slice(start, end < 0 ? text.length : end);
}

function dedented(text: string): string {
  return text
    .split("\n")
    .map((line) => line.replace(/^ {8}/, ""))
    .join("\n")
    .trim();
}

interface StatedField {
  readonly field: Field;
  readonly bounds: Bounds;
}

/** "1. `name` (annotation): description", the description possibly over several lines. */
function readFields(text: string, system: string): StatedField[] {
  return text.split(/\n(?=\d+\. `)/).flatMap((block) => {
    const { name, annotation, description = "" } = fieldLine.exec(block.trim())?.groups ?? {};
    if (name === undefined || annotation === undefined) return [];
    const { type: annotated, optional } = readPythonType(annotation, notedSchema(name, system));
    const type = annotated.kind === "json" ? (notedElements(name, system) ?? annotated) : annotated;
    const told = description.trim();
    const bounds = {
      ...limit("minimum", /greater than or equal to: (-?[\d.]+)/.exec(told)?.[1]),
      ...limit("maximum", /less than or equal to: (-?[\d.]+)/.exec(told)?.[1]),
    };
    const field = { name, type, ...(optional ? { optional } : {}), ...(told === "" ? {} : { description: told }) };
    return [{ field, bounds }];
  });
}

const fieldLine = /^\d+\. `(?<name>[^`]+)` \((?<annotation>[\s\S]*?)\):(?:\s(?<description>[\s\S]*))?$/;

function limit(name: "minimum" | "maximum", digits: string | undefined): Bounds {
  return digits === undefined ? {} : { [name]: Number(digits) };
}

/** The JSON Schema that the structure notes for a field, plain or inside JSON text. */
function notedSchema(name: string, system: string): JsonObject | undefined {
  const at = system.indexOf(`{${name}}        # note:`);
  const end = system.indexOf("\n", at);
  const line = at < 0 ? "" : system.slice(at, end < 0 ? undefined : end);
  const [, noted] = line.split("adhere to the JSON schema: ");
  if (noted === undefined) return undefined;
  const plain = noted.startsWith('{\\"') ? noted.replaceAll('\\"', '"').replaceAll("\\\\", "\\") : noted;
  const schema = readLiteral(plain)?.value;
  return isPlainObject(schema) ? schema : undefined;
}

/** A record that the XML form shows as `<name><city>...</city></name>`; the types inside are not told. */
function notedElements(name: string, system: string): FieldType | undefined {
  const start = system.indexOf(`\n<${name}><`);
  const inner = start < 0 ? "" : system.slice(start + name.length + 3, system.indexOf(`</${name}>`, start));
  const fields = [...inner.matchAll(/<([\w.-]+)>\.\.\.<\/\1>/g)].map(([, field = ""]) => field);
  if (fields.length === 0 || fields[0] === "item") return undefined;
  return { kind: "object", fields: fields.map((field) => ({ name: field, type: { kind: "string", format: untold } })) };
}

/** A value as DSPy shows it in a section: texts as they are, the rest as Python or JSON writes it. */
export function readSection(text: string, type: FieldType): Json {
  if (type.kind === "string" || type.kind === "literal") return text;
  return wholeLiteral(text) ?? text;
}

/** A value as DSPy's parsers want it. */
export function sectionText(value: Json): string {
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return value ? "True" : "False";
  return value === null ? "None" : JSON.stringify(value);
}

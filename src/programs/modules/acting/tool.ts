import { describe, isPlainObject, UsageError } from "#foundation";
import type { JsonObject } from "#foundation";
import { checkFields } from "../../checked.ts";
import type { Checked } from "../../checked.ts";
import { readRecord, recordJsonSchema } from "../../signatures/field-type.ts";
import type { Field } from "../../signatures/field-type.ts";
import type { StageOptions } from "../../stage.ts";
import { parseSignature } from "../../signatures/signature-grammar.ts";
import type { InputsOf } from "../../signatures/signature-types.ts";
import type { Signature } from "../../signatures/signature.ts";
import { fieldsOfSchema, isSchemaSource, withJsonSchema } from "../../signatures/standard-schema.ts";
import type { SchemaOutput, SchemaPair, StandardSchema } from "../../signatures/standard-schema.ts";
import { broughtStage } from "../brought-stage.ts";
import type { BroughtStage } from "../brought-stage.ts";
import { boundedJson } from "./bounded-json.ts";

/** What a model may have done: a name, what it takes and the code. It is a stage as well. */
export interface Tool extends BroughtStage {
  readonly description: string;
  /** What it takes, as models are told. */
  readonly inputSchema: JsonObject;
  /** What it takes, in words: `query: string, limit?: int`. Empty where only the schema tells. */
  readonly inputs: readonly Field[];
  /** Whether the same call may give something else, or do something again. */
  readonly repeats?: boolean;
  /** Checks the input and does it. Rejects with what the tool throws; a wrong input is a `ToolInputError`. */
  call(input: unknown, options?: ToolCallOptions): Promise<unknown>;
}

export interface ToolCallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** What a tool takes: a schema, a signature's inputs, or a text of field types (`"query: string, limit?: int"`). */
export type ToolInput = StandardSchema | SchemaPair | Signature | string;

/** The values that a tool gets. */
export type ToolInputOf<S> = S extends string
  ? InputsOf<`${S} -> result`>
  : S extends Signature<infer I>
    ? I
    : SchemaOutput<S>;

export interface ToolOptions<S extends ToolInput> extends StageOptions {
  readonly name: string;
  /** When to use it and what it gives, to the model. */
  readonly description: string;
  readonly input: S;
  /**
   * What it does. The signal aborts with the call's program, and when the tool's time is over. What it gives is made JSON.
   * What it throws is told to a model that called it, and is the failure of its stage.
   */
  readonly execute: (input: ToolInputOf<S>, options: ToolCallOptions) => unknown;
  /** Whether the same call may give something else, or do something again. Unless told, `react` makes it once. */
  readonly repeats?: boolean;
  /** How long the JSON text of what it gives may be, in characters; 1,048,576 unless told. More is a failure. */
  readonly maxOutputChars?: number;
}

/** The caller of a tool, most likely a model, gave it something else than it takes. */
export class ToolInputError extends Error {
  override readonly name = "ToolInputError";
}

/**
 * A tool. As a stage it takes the values that have the names of its fields; an object that it gives is the stage's
 * outputs, anything else the one output with the tool's name.
 */
export function tool<const S extends ToolInput>(options: ToolOptions<S>): Tool {
  const { name, description, execute, maxOutputChars = 2 ** 20 } = options;
  if (typeof name !== "string" || !/^[A-Za-z_][\w-]{0,63}$/.test(name))
    throw new UsageError(`tool.name: expected a name of letters, digits, "_" and "-", got ${describe(name)}`);
  if (typeof description !== "string" || description.trim() === "")
    throw new UsageError(`tool ${name}.description: expected words for the model, got ${describe(description)}`);
  if (typeof execute !== "function")
    throw new UsageError(`tool ${name}.execute: expected a function, got ${describe(execute)}`);
  const { fields, schema, jsonSchema } = sourceOf(options.input, `tool ${name}.input`);
  const call = async (input: unknown, { signal }: ToolCallOptions = {}): Promise<unknown> => {
    const checked = await checkedInput(fields, schema, input);
    if (!checked.ok) throw inputError(checked);
    const given: unknown = await execute(checked.values as ToolInputOf<S>, { signal });
    return boundedJson(given, maxOutputChars);
  };
  const stage = broughtStage({
    usualName: name,
    options: { ...options, name },
    configuration: {},
    settings: [],
    async run(context, { signal }) {
      const values = { ...context.inputs, ...context.outputs };
      const taken = fields.filter((field) => Object.hasOwn(values, field.name));
      const given = await call(Object.fromEntries(taken.map((field) => [field.name, values[field.name]])), { signal });
      return { outputs: isPlainObject(given) ? given : { [name]: given } };
    },
  });
  return { ...stage, description, inputSchema: jsonSchema, inputs: fields, repeats: options.repeats === true, call };
}

interface InputSource {
  readonly fields: readonly Field[];
  readonly schema: StandardSchema | undefined;
  readonly jsonSchema: JsonObject;
}

function sourceOf(input: ToolInput, where: string): InputSource {
  if (typeof input === "string") {
    if (input.includes("->"))
      throw new UsageError(`${where}: expected inputs alone, without "->", got ${describe(input)}`);
    const { inputs } = parseSignature(`${input} -> result_of_the_tool`);
    return { fields: inputs, schema: undefined, jsonSchema: recordJsonSchema(inputs) };
  }
  // A signature is a schema of its inputs too; its fields say more.
  if (isPlainObject(input) && Array.isArray(input["inputs"])) {
    const { inputs } = input as unknown as Signature;
    return {
      fields: inputs,
      schema: isSchemaSource(input) ? (input as StandardSchema) : undefined,
      jsonSchema: recordJsonSchema(inputs),
    };
  }
  if (!isSchemaSource(input))
    throw new UsageError(`${where}: expected a schema, a signature or field types as a text, got ${describe(input)}`);
  const { schema, jsonSchema } = withJsonSchema(input, where);
  return { fields: fieldsOfSchema(jsonSchema, where), schema, jsonSchema };
}

/** Texts that mean what a field wants are read so: models write numbers as texts. */
function checkedInput(
  fields: readonly Field[],
  schema: StandardSchema | undefined,
  input: unknown,
): Checked | Promise<Checked> {
  if (!isPlainObject(input))
    return { ok: false, issues: [{ path: "", expected: "an object", received: describe(input) }] };
  const unknown = Object.keys(input).filter((key) => !fields.some(({ name }) => name === key));
  const read = readRecord(fields, input);
  const foreign = Object.fromEntries(unknown.map((key) => [key, input[key]]));
  return checkFields(fields, schema, { ...read, ...foreign });
}

function inputError({ issues }: Extract<Checked, { ok: false }>): ToolInputError {
  const words = issues.map(
    ({ path, expected, received }) => `${path === "" ? "" : `${path}: `}expected ${expected}, got ${received}`,
  );
  return new ToolInputError(`the input does not fit: ${words.join("; ")}`);
}

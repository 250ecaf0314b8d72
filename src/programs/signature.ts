import { describe, isPlainObject, UsageError } from "#foundation";
import { checkRecord } from "./field-type.ts";
import type { Field, ValueIssue } from "./field-type.ts";
import { fieldsOfSchema } from "./schema-fields.ts";
import { parseSignature } from "./signature-grammar.ts";
import type { CheckSignature, InputsOf, OutputsOf } from "./signature-types.ts";
import { isStandardSchema, issuePath, jsonSchemaOf } from "./standard-schema.ts";
import type { SchemaOutput, StandardSchema } from "./standard-schema.ts";

declare const recordTypes: unique symbol;
const liveSchemas: unique symbol = Symbol("schemas");

/**
 * What goes in, what comes out and what to do, as plain data. `I` and `O` exist for the compiler only. A signature
 * made from schemas remembers them for their finer checks as long as it lives; its JSON keeps the field types.
 */
export interface Signature<I extends object = object, O extends object = object> {
  readonly instructions: string;
  readonly inputs: readonly Field[];
  readonly outputs: readonly Field[];
  readonly [recordTypes]?: { readonly inputs: I; readonly outputs: O };
  readonly [liveSchemas]?: { readonly input: StandardSchema; readonly output: StandardSchema };
}

export interface SignatureOptions {
  /** What the model is told to do. By default a sentence made from the fields' names. */
  readonly instructions?: string;
  /** What single fields mean, by name. */
  readonly descriptions?: Readonly<Record<string, string>>;
}

export interface SchemaSignatureOptions<Input extends StandardSchema, Output extends StandardSchema> {
  readonly input: Input;
  readonly output: Output;
  readonly instructions?: string;
}

/**
 * A signature from a text (`'ticket -> queue: "billing" | "tech", urgency: float'`) or from two Standard Schemas. The
 * text is checked by the compiler and again at run time, where `UsageError` names the column.
 */
export function signature<Input extends StandardSchema, Output extends StandardSchema>(
  schemas: SchemaSignatureOptions<Input, Output>,
): Signature<SchemaOutput<Input> & object, SchemaOutput<Output> & object>;
export function signature<const S extends string>(
  text: S & CheckSignature<S>,
  options?: SignatureOptions,
): Signature<InputsOf<S>, OutputsOf<S>>;
export function signature(
  source: string | SchemaSignatureOptions<StandardSchema, StandardSchema>,
  options: SignatureOptions = {},
): Signature {
  if (typeof source === "string") return fromText(source, options);
  if (isPlainObject(source) && isStandardSchema(source.input) && isStandardSchema(source.output))
    return fromSchemas(source);
  throw new UsageError(`signature: expected a text or { input, output } schemas, got ${describe(source)}`);
}

/** What keeps values from being the signature's inputs. */
export function checkInputs(
  signature: Signature,
  values: unknown,
): Promise<readonly ValueIssue[]> | readonly ValueIssue[] {
  return checkSide(signature.inputs, signature[liveSchemas]?.input, values);
}

/** What keeps values from being the signature's outputs. */
export function checkOutputs(
  signature: Signature,
  values: unknown,
): Promise<readonly ValueIssue[]> | readonly ValueIssue[] {
  return checkSide(signature.outputs, signature[liveSchemas]?.output, values);
}

/** Whether `checkOutputs` looks at more than the fields' types. */
export function hasFinerChecks(signature: Signature): boolean {
  return signature[liveSchemas] !== undefined;
}

/** The same signature with other instructions. */
export function withInstructions<S extends Signature>(signature: S, instructions: string): S {
  return { ...signature, instructions };
}

/** The same fields with further outputs before them; a schema's finer checks stay with the original. */
export function withLeadingOutputs({ instructions, inputs, outputs }: Signature, fields: readonly Field[]): Signature {
  return { instructions, inputs, outputs: [...fields, ...outputs] };
}

function fromText(text: string, { instructions, descriptions = {} }: SignatureOptions): Signature {
  const { inputs, outputs } = parseSignature(text);
  const fields = [...inputs, ...outputs].map(({ name }) => name);
  for (const name of Object.keys(descriptions))
    if (!fields.includes(name))
      throw new UsageError(`signature: descriptions.${name} describes no field; fields are ${fields.join(", ")}`);
  const describeField = (field: Field): Field => {
    const description = descriptions[field.name];
    return description === undefined ? field : { ...field, description };
  };
  return complete(inputs.map(describeField), outputs.map(describeField), instructions);
}

function fromSchemas({
  input,
  output,
  instructions,
}: SchemaSignatureOptions<StandardSchema, StandardSchema>): Signature {
  const inputs = fieldsOfSchema(jsonSchemaOf(input, "signature.input"), "signature.input");
  const outputs = fieldsOfSchema(jsonSchemaOf(output, "signature.output"), "signature.output");
  checkNames(inputs, outputs);
  return { ...complete(inputs, outputs, instructions), [liveSchemas]: { input, output } };
}

/** A schema's properties may be called anything; adapters mark fields by names like the ones in a signature text. */
function checkNames(inputs: readonly Field[], outputs: readonly Field[]): void {
  for (const { name } of [...inputs, ...outputs])
    if (!/^[A-Za-z_]\w*$/.test(name) || name in Object.prototype)
      throw new UsageError(`signature: expected names of letters, digits and "_", got ${describe(name)}`);
  const both = inputs.find(({ name }) => outputs.some((output) => output.name === name));
  if (both !== undefined) throw new UsageError(`signature: "${both.name}" is both an input and an output`);
}

function complete(inputs: readonly Field[], outputs: readonly Field[], instructions?: string): Signature {
  const names = (fields: readonly Field[]): string => fields.map(({ name }) => name).join(", ");
  return { instructions: instructions ?? `Given ${names(inputs)}, produce ${names(outputs)}.`, inputs, outputs };
}

function checkSide(
  fields: readonly Field[],
  schema: StandardSchema | undefined,
  values: unknown,
): Promise<readonly ValueIssue[]> | readonly ValueIssue[] {
  if (!isPlainObject(values)) return [{ path: "", expected: "an object", received: describe(values) }];
  const issues = checkRecord(fields, values);
  return issues.length > 0 || schema === undefined ? issues : checkSchema(schema, values);
}

async function checkSchema(schema: StandardSchema, values: unknown): Promise<readonly ValueIssue[]> {
  const { issues = [] } = await schema["~standard"].validate(values);
  return issues.map((issue) => ({ path: issuePath(issue), expected: issue.message, received: "another value" }));
}

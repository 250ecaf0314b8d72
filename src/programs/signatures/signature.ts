import { describe, isPlainObject, present, UsageError } from "#foundation";
import { checkAssertions } from "../assertion.ts";
import type { Assertion } from "../assertion.ts";
import { checkAnswer, checkFields, schemaOf } from "../checked.ts";
import type { Checked } from "../checked.ts";
import { checkRecord } from "./field-type.ts";
import type { Field, ValueIssue } from "./field-type.ts";
import { parseSignature } from "./signature-grammar.ts";
import type { ParsedSignature } from "./signature-grammar.ts";
import type { CheckSignature, InputsOf, OutputsOf } from "./signature-types.ts";
import { fieldsOfSchema, isSchemaSource, withJsonSchema } from "./standard-schema.ts";
import type { JsonStandardSchema, SchemaPair, SchemaRecord, StandardSchema } from "./standard-schema.ts";

declare const recordTypes: unique symbol;
const liveChecks: unique symbol = Symbol("live checks");

/**
 * What goes in, what comes out and what to do, as plain data. `I` and `O` exist for the compiler only. The schemas that a
 * signature was made from, and its assertions, are remembered as long as it lives; its JSON keeps the field types.
 */
export interface Signature<I extends object = object, O extends object = object> {
  readonly instructions: string;
  readonly inputs: readonly Field[];
  readonly outputs: readonly Field[];
  readonly [recordTypes]?: { readonly inputs: I; readonly outputs: O };
  readonly [liveChecks]?: LiveChecks;
}

/** What a signature checks beyond its fields' types. */
interface LiveChecks {
  readonly input?: StandardSchema;
  readonly output?: StandardSchema;
  readonly ensure: readonly Assertion[];
}

/**
 * A signature that is a Standard Schema of its inputs, with their JSON Schema: it can be handed to AI SDK tools and MCP
 * servers as it is. `~standard` is not enumerable: the signature's JSON and its copies are those of the plain data.
 */
export interface SchemaSignature<I extends object = object, O extends object = object>
  extends Signature<I, O>, JsonStandardSchema<I> {}

export interface SignatureOptions<I extends object = object, O extends object = object> {
  /** What the model is told to do. By default a sentence made from the fields' names. */
  readonly instructions?: string;
  /** What single fields mean, by name; they win over those in the text. */
  readonly descriptions?: Readonly<Record<string, string>>;
  /** What the outputs must satisfy beyond their types. */
  readonly ensure?: readonly Assertion<O, I>[];
}

/** What `signature` takes for a side: a schema, or one with its JSON Schema beside it. */
export type SchemaSource = StandardSchema | SchemaPair;

export interface SchemaSignatureOptions<
  Input extends SchemaSource = SchemaSource,
  Output extends SchemaSource = SchemaSource,
> {
  /** What goes in. What the schema makes of it (defaults, transforms) is what the program works with. */
  readonly input: Input;
  /** What the model is to write. What the schema makes of it is what the caller gets. */
  readonly output: Output;
  readonly instructions?: string;
}

/**
 * A signature from a text (`'ticket "as it came" -> queue: "billing" | "tech", urgency: float(0..1)'`) or from two
 * Standard Schemas. The text is checked by the compiler and again at run time, where `UsageError` names the column.
 */
export function signature<const S extends string | SchemaSignatureOptions>(
  source: S & CheckSource<S>,
  options?: SignatureOptions<TakenBy<S>, GivenBy<S>>,
): SignatureFrom<S>;
export function signature(
  source: string | SchemaSignatureOptions,
  options: SignatureOptions<never, never> = {},
): object {
  if (typeof source === "string") return fromText(source, options as SignatureOptions);
  if (isPlainObject(source) && isSchemaSource(source.input) && isSchemaSource(source.output))
    return fromSchemas(source, options as SignatureOptions);
  throw new UsageError(`signature: expected a text or { input, output } schemas, got ${describe(source)}`);
}

// One signature with conditional types: of two, the compiler would type an assertion by the one that does not apply.
type CheckSource<S> = S extends string ? CheckSignature<S> : unknown;
type TakenBy<S> = S extends string
  ? InputsOf<S>
  : S extends { readonly input: infer I }
    ? SchemaRecord<I, "output">
    : never;
type GivenBy<S> = S extends string
  ? OutputsOf<S>
  : S extends { readonly output: infer O }
    ? SchemaRecord<O, "output">
    : never;

/** The signature that `signature` makes of a text or of schemas. */
export type SignatureFrom<S> = S extends string
  ? SchemaSignature<InputsOf<S>, OutputsOf<S>>
  : S extends { readonly input: infer I; readonly output: infer O }
    ? SchemaSignature<SchemaRecord<I, "input">, SchemaRecord<O, "output">>
    : never;

/** Values as the signature's inputs: what its schema makes of them, or what keeps them from being its inputs. */
export function checkInputs(signature: Signature, values: unknown): Checked | Promise<Checked> {
  const turns = isPlainObject(values) ? turnIssues(signature, values) : [];
  if (turns.length > 0) return { ok: false, issues: turns };
  return checkFields(signature.inputs, signature[liveChecks]?.input, values);
}

/**
 * Values as the signature's outputs: what its schema makes of them, or what keeps them from being its outputs, be it an
 * assertion that does not hold for them and the inputs.
 */
export function checkOutputs(
  signature: Signature,
  values: unknown,
  inputs: Readonly<Record<string, unknown>> = {},
): Checked | Promise<Checked> {
  const live = signature[liveChecks];
  const checked = checkFields(signature.outputs, live?.output, values);
  return live === undefined || live.ensure.length === 0 ? checked : checkAnswer(live.ensure, checked, inputs);
}

/** Whether `checkOutputs` looks at more than the fields' types. */
export function hasFinerChecks(signature: Signature): boolean {
  return signature[liveChecks] !== undefined;
}

/** A signature's inputs as a Standard Schema with their JSON Schema: also those of a signature that was stored. */
export function inputSchema<I extends object>(signature: Signature<I>): JsonStandardSchema<I> {
  return schemaOf<I>(signature.inputs, (values) => checkInputs(signature, values));
}

/** Its outputs likewise. Assertions are left out: they look at the inputs as well. */
export function outputSchema<O extends object>(signature: Signature<object, O>): JsonStandardSchema<O> {
  const schema = signature[liveChecks]?.output;
  return schemaOf<O>(signature.outputs, (values) => checkFields(signature.outputs, schema, values));
}

/** The same signature with other instructions. */
export function withInstructions<S extends Signature>(signature: S, instructions: string): S {
  return asSchema({ ...signature, instructions });
}

/** The same fields with further outputs before them; finer checks stay with the original. */
export function withLeadingOutputs({ instructions, inputs, outputs }: Signature, fields: readonly Field[]): Signature {
  return asSchema({ instructions, inputs, outputs: [...fields, ...outputs] });
}

function asSchema<S extends Signature>(signature: S): S & JsonStandardSchema<object> {
  const get = (): JsonStandardSchema<object>["~standard"] => inputSchema(signature)["~standard"];
  return Object.defineProperty(signature, "~standard", { get, enumerable: false }) as S & JsonStandardSchema<object>;
}

function fromText(text: string, options: SignatureOptions): SchemaSignature {
  return complete(parseSignature(text), options, {});
}

function fromSchemas(schemas: SchemaSignatureOptions, options: SignatureOptions): SchemaSignature {
  const input = withJsonSchema(schemas.input, "signature.input");
  const output = withJsonSchema(schemas.output, "signature.output");
  const sides: ParsedSignature = {
    inputs: fieldsOfSchema(input.jsonSchema, "signature.input"),
    outputs: fieldsOfSchema(output.jsonSchema, "signature.output"),
  };
  checkNames(sides);
  return complete(
    sides,
    { ...present({ instructions: schemas.instructions }), ...options },
    {
      input: input.schema,
      output: output.schema,
    },
  );
}

/** A schema's properties may be called anything; adapters mark fields by names like the ones in a signature text. */
function checkNames({ inputs, outputs }: ParsedSignature): void {
  for (const { name } of [...inputs, ...outputs])
    if (!/^[A-Za-z_]\w*$/.test(name) || name in Object.prototype)
      throw new UsageError(`signature: expected names of letters, digits and "_", got ${describe(name)}`);
  const both = inputs.find(({ name }) => outputs.some((output) => output.name === name));
  if (both !== undefined) throw new UsageError(`signature: "${both.name}" is both an input and an output`);
}

function complete(
  sides: ParsedSignature,
  { instructions, descriptions = {}, ensure = [] }: SignatureOptions,
  schemas: Omit<LiveChecks, "ensure">,
): SchemaSignature {
  checkAssertions(ensure);
  const names = (fields: readonly Field[]): string => fields.map(({ name }) => name).join(", ");
  const fields = [...sides.inputs, ...sides.outputs];
  for (const name of Object.keys(descriptions))
    if (!fields.some((field) => field.name === name))
      throw new UsageError(`signature: descriptions.${name} describes no field; fields are ${names(fields)}`);
  const described = (field: Field): Field => {
    const description = Object.hasOwn(descriptions, field.name) ? descriptions[field.name] : undefined;
    return description === undefined ? field : { ...field, description };
  };
  const data: Signature = {
    instructions: instructions ?? usualInstructions(sides),
    inputs: sides.inputs.map(described),
    outputs: sides.outputs.map(described),
  };
  const isPlain = schemas.output === undefined && ensure.length === 0;
  return asSchema(isPlain ? data : { ...data, [liveChecks]: { ...schemas, ensure } });
}

/** Of earlier turns nothing is said: they come as a conversation, and no case has a field with them. */
function usualInstructions({ inputs, outputs }: ParsedSignature): string {
  const names = (fields: readonly Field[]): string => fields.map(({ name }) => name).join(", ");
  const given = inputs.filter((field) => !isHistory(field));
  return given.length === 0 ? `Produce ${names(outputs)}.` : `Given ${names(given)}, produce ${names(outputs)}.`;
}

/** Earlier turns are records of the signature's other fields, some of which may be left out. */
function turnIssues({ inputs, outputs }: Signature, values: Readonly<Record<string, unknown>>): readonly ValueIssue[] {
  if (!inputs.some(isHistory)) return [];
  const fields = [...inputs, ...outputs]
    .filter((field) => !isHistory(field))
    .map((field): Field => ({ ...field, optional: true }));
  return inputs.filter(isHistory).flatMap(({ name }) => {
    const turns = Object.hasOwn(values, name) ? values[name] : undefined;
    if (!Array.isArray(turns)) return [];
    return turns.flatMap((turn, index) => (isPlainObject(turn) ? checkRecord(fields, turn, `${name}[${index}]`) : []));
  });
}

function isHistory({ type }: Field): boolean {
  return type.kind === "history";
}

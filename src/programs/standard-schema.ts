import { UsageError } from "#foundation";
import type { JsonObject } from "#foundation";

/**
 * A schema of any library that speaks Standard Schema v1 (zod, valibot, arktype), by shape: tutti depends on none.
 * https://standardschema.dev
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
    readonly jsonSchema?:
      | { readonly input: (options: { readonly target: string }) => Record<string, unknown> }
      | undefined;
  };
}

export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

export interface StandardIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What a schema gives out. */
export type SchemaOutput<S extends StandardSchema> = NonNullable<S["~standard"]["types"]>["output"];

/** Whether a value is a Standard Schema. Some libraries' schemas are functions. */
export function isStandardSchema(value: unknown): value is StandardSchema {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return false;
  const standard: unknown = Reflect.get(value, "~standard");
  return typeof standard === "object" && standard !== null && Reflect.get(standard, "version") === 1;
}

/** The JSON Schema that a schema tells of itself. Throws `UsageError` when its library does not provide one. */
export function jsonSchemaOf(schema: StandardSchema, what: string): JsonObject {
  const { vendor, jsonSchema } = schema["~standard"];
  if (jsonSchema === undefined)
    throw new UsageError(
      `${what}: expected a schema that provides its JSON Schema (~standard.jsonSchema), as zod 4 and arktype 2 do; ${vendor} does not. Pass the field types as a signature text instead`,
    );
  return jsonSchema.input({ target: "draft-2020-12" }) as JsonObject;
}

/** An issue's path as text: `items[2].name`. */
export function issuePath({ path = [] }: StandardIssue): string {
  return path
    .map((part) => (typeof part === "object" ? part.key : part))
    .reduce<string>(
      (text, key) =>
        typeof key === "number" ? `${text}[${key}]` : text === "" ? String(key) : `${text}.${String(key)}`,
      "",
    );
}

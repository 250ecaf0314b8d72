import { describe, isPlainObject, UsageError } from "#foundation";
import { failedAssertions } from "./assertion.ts";
import type { Assertion } from "./assertion.ts";
import { checkRecord, recordJsonSchema } from "./signatures/field-type.ts";
import type { Field, ValueIssue } from "./signatures/field-type.ts";
import { issueKeys, issuePath } from "./signatures/standard-schema.ts";
import type {
  JsonStandardSchema,
  StandardIssue,
  StandardResult,
  StandardSchema,
} from "./signatures/standard-schema.ts";

/** Values that were checked: as their schema gives them out, or why they are none. */
export type Checked =
  | { readonly ok: true; readonly values: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly issues: readonly ValueIssue[] };

/** Values as the fields' and the schema's. The schema is asked only for values of the fields' types. */
export function checkFields(
  fields: readonly Field[],
  schema: StandardSchema | undefined,
  values: unknown,
): Checked | Promise<Checked> {
  if (!isPlainObject(values))
    return { ok: false, issues: [{ path: "", expected: "an object", received: describe(values) }] };
  const issues = checkRecord(fields, values);
  if (issues.length > 0) return { ok: false, issues };
  return schema === undefined ? { ok: true, values } : checkSchema(schema, values);
}

async function checkSchema(schema: StandardSchema, values: Readonly<Record<string, unknown>>): Promise<Checked> {
  const result = await schema["~standard"].validate(values);
  if (result.issues === undefined) {
    if (typeof result.value === "object" && result.value !== null)
      return { ok: true, values: result.value as Readonly<Record<string, unknown>> };
    throw new UsageError(`signature: expected a schema that gives out an object, got ${describe(result.value)}`);
  }
  const issues = result.issues.map((issue) => ({
    path: issuePath(issue),
    expected: issue.message,
    received: "another value",
  }));
  return { ok: false, issues };
}

/** Outputs as they were checked, if the assertions hold for them and the inputs. */
export async function checkAnswer(
  assertions: readonly Assertion[],
  outputs: Checked | Promise<Checked>,
  inputs: Readonly<Record<string, unknown>>,
): Promise<Checked> {
  const checked = await outputs;
  if (!checked.ok) return checked;
  const issues = await failedAssertions(assertions, checked.values, inputs);
  return issues.length === 0 ? checked : { ok: false, issues };
}

/** The dialects of JSON Schema in which what we write means the same. */
const targets: readonly string[] = ["draft-2020-12", "draft-07"];

/** What checks values of these fields, as a Standard Schema with their JSON Schema. */
export function schemaOf<T>(
  fields: readonly Field[],
  check: (values: unknown) => Checked | Promise<Checked>,
): JsonStandardSchema<T> {
  const jsonSchema = ({ target }: { readonly target: string }): Record<string, unknown> => {
    if (targets.includes(target)) return { ...recordJsonSchema(fields) };
    throw new UsageError(`signature: expected the JSON Schema target ${targets.join(" or ")}, got ${describe(target)}`);
  };
  const result = (checked: Checked): StandardResult<T> =>
    checked.ok ? { value: checked.values as T } : { issues: checked.issues.map(standardIssue) };
  return {
    "~standard": {
      version: 1,
      vendor: "tutti",
      validate: (values) => {
        const checked = check(values);
        return checked instanceof Promise ? checked.then(result) : result(checked);
      },
      jsonSchema: { input: jsonSchema, output: jsonSchema },
    },
  };
}

function standardIssue({ path, expected, received }: ValueIssue): StandardIssue {
  return { message: `expected ${expected}, got ${received}`, path: issueKeys(path) };
}

import { describe, isPlainObject, jsonDefect, UsageError } from "#foundation";
import type { Json, JsonObject } from "#foundation";
import { checkRecord, readRecord } from "./signatures/field-type.ts";
import type { Signature } from "./signatures/signature.ts";

/** One case: what goes in and what is known of the right outputs. Plain JSON. */
export interface Example<I extends object = object, O extends object = object> {
  readonly inputs: I;
  /** May lack outputs, or all of them, where the metric needs none. */
  readonly expected: Partial<O>;
}

/** A record that could not become an example: which one, counted from 1, and what is wrong with it. */
interface RecordDefect {
  readonly record: number;
  readonly message: string;
}

/**
 * Flat records (the lines of a JSONL or CSV file) as examples: keys named like inputs go in, keys named like outputs
 * are expected, others are left out. Texts are read as the field's type wants them. Throws `UsageError` that lists the
 * defective records (the first ten); `where` names the record in it: `"tickets.jsonl:17"`.
 */
export function examplesFromRecords<I extends object, O extends object>(
  signature: Signature<I, O>,
  records: readonly unknown[],
  where: (record: number) => string = (record) => `record ${record}`,
): Example<I, O>[] {
  const defects: RecordDefect[] = [];
  const examples = records.map((record, index) => {
    const example = exampleFromRecord(signature, record);
    if (typeof example === "string") defects.push({ record: index + 1, message: example });
    return example as Example<I, O>;
  });
  if (defects.length === 0) return examples;
  const more = defects.length > 10 ? [`and ${defects.length - 10} more`] : [];
  const lines = defects.slice(0, 10).map(({ record, message }) => `${where(record)}: ${message}`);
  throw new UsageError(`${defects.length} of ${records.length} records are no examples`, [...lines, ...more]);
}

/**
 * Throws `UsageError` that lists the examples (the first ten) whose inputs do not fit the signature or whose expected
 * outputs are no plain JSON: what is stored must be what was given.
 */
export function checkExamples({ inputs }: Signature, examples: readonly Example[], name: string): void {
  const defects = examples.flatMap((example, index) => {
    const given: unknown = example?.inputs;
    if (!isPlainObject(given)) return [`${name}[${index}]: expected { inputs, expected }, got ${describe(example)}`];
    const [issue] = checkRecord(inputs, given);
    if (issue !== undefined)
      return [`${name}[${index}].${issue.path}: expected ${issue.expected}, got ${issue.received}`];
    const defect = jsonDefect(example.expected ?? {}, "expected");
    return defect === undefined ? [] : [`${name}[${index}]: expected plain JSON, but ${defect}`];
  });
  if (defects.length === 0) return;
  throw new UsageError(`${defects.length} of ${examples.length} ${name} examples do not fit`, defects.slice(0, 10));
}

function exampleFromRecord({ inputs, outputs }: Signature, record: unknown): Example | string {
  if (!isPlainObject(record)) return `expected an object, got ${describe(record)}`;
  const given = readRecord(inputs, record);
  const expected = readRecord(outputs, record);
  const present = outputs.filter(({ name }) => Object.hasOwn(expected, name));
  const issues = [...checkRecord(inputs, given), ...checkRecord(present, expected)];
  if (issues.length === 0) return { inputs: given, expected };
  return issues
    .map(({ path, expected: wanted, received }) => `${path}: expected ${wanted}, got ${received}`)
    .join("; ");
}

/** An example as the demonstration it can serve as. */
export function demoOf({ inputs, expected }: Example): { readonly inputs: JsonObject; readonly outputs: JsonObject } {
  return { inputs: inputs as JsonObject, outputs: expected as { readonly [key: string]: Json } };
}

import { text as readAll } from "node:stream/consumers";
import { isPlainObject, messageOf, UsageError, describe } from "#foundation";
import { examplesFromRecords } from "#programs";
import type { Signature } from "#programs";

export interface InputOptions {
  /** `name=value`, each. */
  readonly input?: readonly string[];
  readonly jsonInput?: string;
}

/** The inputs of one execution: from `--input`, from `--json-input`, or a JSON object on stdin. */
export async function readInputs(signature: Signature, options: InputOptions): Promise<object> {
  const { input = [], jsonInput } = options;
  if (input.length > 0 && jsonInput !== undefined)
    throw new UsageError("give the inputs by --input or by --json-input, not by both");
  if (input.length > 0) return namedInputs(signature, input);
  if (jsonInput !== undefined) return parseInputs(jsonInput, "--json-input");
  const names = signature.inputs.map(({ name }) => name);
  const how = `give them by ${names.map((name) => `--input ${name}=…`).join(" ")}, --json-input '{…}', or JSON on stdin`;
  const missing = new UsageError(`the program needs its inputs ${names.join(", ")}: ${how}`);
  if (process.stdin.isTTY) throw missing;
  const content = await readAll(process.stdin);
  if (content.trim() === "") throw missing;
  return parseInputs(content, "stdin");
}

/** Texts, read as the fields' types want them. */
function namedInputs(signature: Signature, pairs: readonly string[]): object {
  const names = signature.inputs.map(({ name }) => name);
  const given: Record<string, string> = {};
  for (const pair of pairs) {
    const at = pair.indexOf("=");
    const name = pair.slice(0, Math.max(0, at)).trim();
    if (at < 1) throw new UsageError(`--input: expected name=value, got "${pair}"`);
    if (!names.includes(name)) throw new UsageError(`--input ${name}: not an input; inputs are ${names.join(", ")}`);
    if (Object.hasOwn(given, name)) throw new UsageError(`--input ${name}: given twice`);
    given[name] = pair.slice(at + 1);
  }
  return typedInputs(signature, given);
}

function typedInputs(signature: Signature, given: Readonly<Record<string, string>>): object {
  const inputsOnly: Signature = { ...signature, outputs: [] };
  try {
    const [example] = examplesFromRecords(inputsOnly, [given], () => "--input");
    return example?.inputs ?? {};
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError("the inputs do not fit the program", error.issues.map(inputIssue));
  }
}

/** `--input: n: expected int, got "3.5"` as the option reads. */
function inputIssue(issue: string): string {
  return issue.replace(/^--input: /, "--input ").replaceAll("; ", "; --input ");
}

function parseInputs(content: string, where: string): object {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (error) {
    throw new UsageError(`${where}: expected a JSON object of inputs: ${messageOf(error)}`);
  }
  if (!isPlainObject(value)) throw new UsageError(`${where}: expected a JSON object of inputs, got ${describe(value)}`);
  return value;
}

import { describe, jsonDefect } from "../json.ts";
import type { Json } from "../json.ts";
import { UsageError } from "../error.ts";

/** Code and what to call it with. */
export interface SandboxProgram {
  /** A JavaScript expression that evaluates to a function, such as `(a, b) => a + b`. Not a module, not async. */
  readonly source: string;
  /** One list of arguments for each call. */
  readonly inputs: readonly (readonly Json[])[];
}

/** The JSON text of the inputs. Throws `UsageError` when they are no lists of JSON or their text is too long. */
export function inputText(inputs: SandboxProgram["inputs"], maxChars: number): string {
  if (!Array.isArray(inputs)) throw new UsageError(`Sandbox.run: expected lists of arguments, got ${describe(inputs)}`);
  for (const [index, list] of inputs.entries()) {
    const defect = Array.isArray(list) ? jsonDefect(list, "", maxDepth + 1) : `expected a list, got ${describe(list)}`;
    if (defect !== undefined) throw new UsageError(`Sandbox.run: inputs[${index}] is not a list of JSON: ${defect}`);
  }
  const text = JSON.stringify(inputs);
  if (text.length > maxChars)
    throw new UsageError(`Sandbox.run: expected inputs of at most ${maxChars} characters, got ${text.length}`);
  return text;
}

/** How deep a value may be nested, on the way in and out. */
export const maxDepth = 64;

/** Every way to write a dynamic import, and a few that are none: a keyword has no other spelling. */
const dynamicImport = /\bimport\b\s*(?:\(|\/[*/]|<!--|-->|\.\s*(?:source|defer|meta|\/[*/]|<!--|-->))/;

/** What can be told of a source without running it. */
export function sourceDefect(source: string, maxChars: number): string | undefined {
  if (source.length > maxChars) return `the source has ${source.length} characters, more than ${maxChars}`;
  return dynamicImport.test(source) ? "import is not available" : undefined;
}

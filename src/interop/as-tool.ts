import { describe, UsageError } from "#foundation";
import { execute, inputSchema, outputSchema } from "#programs";
import type { JsonStandardSchema, Program } from "#programs";
import { runnable } from "./run-options.ts";
import type { RunOptions } from "./run-options.ts";

/** A program as a tool: what `tool()` of the AI SDK takes as it is, and `createTool` of Mastra with its name as `id`. */
export interface ProgramTool<I extends object = object, O extends object = object> {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: JsonStandardSchema<I>;
  readonly outputSchema: JsonStandardSchema<O>;
  /** Runs the program. Rejects as `execute` does; an aborted signal ends the model call under way. */
  execute(this: void, input: I, call?: ToolCallContext): Promise<O>;
}

/** What the caller says beside the input, by shape. */
export interface ToolCallContext {
  readonly abortSignal?: AbortSignal | undefined;
}

export interface ToolOptions extends RunOptions {
  /** What models call it: the program's name, with "_" for what tools may not be called by, unless told. */
  readonly name?: string;
  /** What it does and when to use it, to the model: the signature's instructions unless told. */
  readonly description?: string;
}

/** What all providers take as a tool's name. */
const namePattern = /^[A-Za-z_][\w-]{0,63}$/;

/**
 * A program as a tool. Throws `UsageError` for a program that could not run, and for a name that is none. What it is
 * called with is checked, and shown to the model as an error where it does not fit.
 */
export function asTool<I extends object, O extends object>(
  program: Program<I, O>,
  options: ToolOptions = {},
): ProgramTool<I, O> {
  const executing = runnable("asTool", program, options);
  const { signature } = program;
  // The fields alone: a schema of the program's own changes inputs, and the program asks it once. It may be async, too,
  // which Mastra does not take.
  const { instructions, inputs, outputs } = signature;
  const name = toolName(program, options.name);
  return {
    name,
    description: descriptionOf(program, options.description),
    inputSchema: inputSchema<I>({ instructions, inputs, outputs }),
    outputSchema: passing(outputSchema(signature)),
    async execute(input, { abortSignal } = {}) {
      const execution = await execute(program, input, { ...executing, signal: abortSignal });
      return execution.outputs;
    },
  };
}

function toolName(program: Program, told: string | undefined): string {
  const name = told ?? program.name.trim().replaceAll(/[^\w-]+/g, "_");
  // A name of nothing but "_" is one that had no letter that tools may have.
  if (typeof name === "string" && namePattern.test(name) && /[A-Za-z0-9]/.test(name)) return name;
  const form = 'at most 64 letters, digits, "_" and "-", not beginning with a digit or "-"';
  throw new UsageError(
    told === undefined
      ? `asTool: program ${describe(program.name)} cannot be a tool's name; pass { name } of ${form}`
      : `asTool.name: expected ${form}, got ${describe(told)}`,
  );
}

function descriptionOf({ signature }: Program, told: string | undefined): string {
  if (told === undefined) return signature.instructions;
  if (typeof told === "string" && told.trim() !== "") return told;
  throw new UsageError(`asTool.description: expected words for the model, got ${describe(told)}`);
}

/** Tells the form of what the program has checked; its schema may have made something else of what the model wrote. */
function passing<T>(schema: JsonStandardSchema<T>): JsonStandardSchema<T> {
  return { "~standard": { ...schema["~standard"], validate: (value) => ({ value: value as T }) } };
}

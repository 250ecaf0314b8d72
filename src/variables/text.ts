import { describe, pick, UsageError } from "#foundation";
import { oneOf } from "./choice.ts";
import { defined, definitionOptions } from "./definition.ts";
import type { Definition, DefinitionOptions, VariableKind } from "./definition.ts";

/** A text that optimisers write: an instruction, a rule. */
export interface TextVariable extends Definition, TextOptions {
  readonly kind: "text";
}

export interface TextOptions extends DefinitionOptions {
  /** What stands there before anyone optimises. Empty unless told. */
  readonly default?: string;
  /** Texts to draw from when sampling; without them a sample is the default. Other texts are valid too. */
  readonly candidates?: readonly string[];
  /** The longest valid text in tokens, estimated as a quarter of its characters. 2,000 unless told. */
  readonly maxTokens?: number;
}

const defaultMaxTokens = 2000;

/** A text: `text("instructions", { candidates: ["Route the ticket.", "You are a dispatcher. …"] })`. */
export function text(name: string, options: TextOptions = {}): TextVariable {
  const variable: TextVariable = { kind: "text", ...defined(name, options) };
  const { maxTokens, candidates } = variable;
  if (maxTokens !== undefined && !(Number.isInteger(maxTokens) && maxTokens > 0))
    throw new UsageError(`variable ${name}.maxTokens: expected a whole number above 0, got ${describe(maxTokens)}`);
  if (candidates !== undefined && (!Array.isArray(candidates) || candidates.length === 0))
    throw new UsageError(`variable ${name}.candidates: expected at least one text, got ${describe(candidates)}`);
  for (const candidate of [...(candidates ?? []), variable.default ?? ""]) {
    const expected = expectation(variable, candidate);
    if (expected !== undefined) throw new UsageError(`variable ${name}: ${expected}, got ${describe(candidate)}`);
  }
  return variable;
}

export const textKind: VariableKind<TextVariable> = {
  parse: (definition) => text(definition["name"] as string, definitionOptions(definition)),
  default: (variable) => variable.default ?? "",
  expected: expectation,
  sample: (variable, rng) => pick(rng, candidatesOf(variable)),
  // Only candidates are known to be sensible: without them a text stays as it is, and whoever can write writes another.
  mutate(variable, value, rng) {
    const others = (variable.candidates ?? []).filter((candidate) => candidate !== value);
    return others.length === 0 ? value : pick(rng, others);
  },
  jsonSchema: ({ maxTokens = defaultMaxTokens }) => ({ type: "string", maxLength: maxTokens * 4 }),
  ...oneOf<TextVariable>({
    drawn: (variable) => [...new Set(candidatesOf(variable))],
    known: (variable) => [...new Set([...candidatesOf(variable), variable.default ?? ""])],
  }),
};

function candidatesOf({ candidates, default: told = "" }: TextVariable): readonly string[] {
  return candidates ?? [told];
}

function expectation({ maxTokens = defaultMaxTokens }: TextVariable, value: unknown): string | undefined {
  if (typeof value === "string" && value.length <= maxTokens * 4) return undefined;
  return `expected a text of at most ${maxTokens} tokens (${maxTokens * 4} characters)`;
}

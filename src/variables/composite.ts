import { jsonDefect } from "#foundation";
import type { JsonObject } from "#foundation";
import { defined } from "./definition.ts";
import type { Definition, DefinitionOptions, VariableKind } from "./definition.ts";
import { checkExpression, evaluate, pathsOf, renamedExpression } from "./expression.ts";
import type { Expression } from "./expression.ts";

/** A value that is computed from others: never sampled, mutated or encoded, and always what it computes to. */
export interface CompositeVariable extends Definition, CompositeOptions {
  readonly kind: "composite";
}

export interface CompositeOptions extends DefinitionOptions {
  /** What it is. What it needs follows: `{ template: "{role} for {audience}" }` needs `role` and `audience`. */
  readonly compute: Expression;
}

/**
 * A computed value: `composite("tokens", { compute: { product: ["steps", "tokensPerStep"] } })`. Where its inputs leave
 * nothing to compute it is absent.
 */
export function composite(name: string, options: CompositeOptions): CompositeVariable {
  const variable: CompositeVariable = { kind: "composite", ...defined(name, options) };
  checkExpression(`variable ${name}.compute`, variable.compute);
  return variable;
}

export const compositeKind: VariableKind<CompositeVariable> = {
  parse({ kind: _kind, name, ...options }: JsonObject) {
    return composite(name as string, options as unknown as CompositeOptions);
  },
  computed: {
    inputs: ({ compute }) => pathsOf(compute),
    compute: ({ compute }, values) => evaluate(compute, values),
    renamed: (variable, rename) => ({ ...variable, compute: renamedExpression(variable.compute, rename) }),
  },
  default: () => null,
  // Alone it may be anything in JSON; in a configuration it is compared with what it computes to.
  expected: (_, value) => (jsonDefect(value) === undefined ? undefined : "expected a value in JSON"),
  sample: () => null,
  mutate: (_, value) => value,
  canInclude: () => true,
  jsonSchema: () => ({}),
  size: () => 1,
  values: () => [],
  neighbours: () => [],
  shares: () => 0,
  draw: () => null,
  width: () => 0,
  encode: () => [],
  decode: () => null,
};

import { describe, isPlainObject, UsageError } from "#foundation";
import type { JsonObject } from "#foundation";
import { choiceKind, moduleKind } from "./choice.ts";
import type { ChoiceVariable, ModuleVariable } from "./choice.ts";
import { compositeKind } from "./composite.ts";
import type { CompositeVariable } from "./composite.ts";
import type { VariableKind } from "./definition.ts";
import { demosKind } from "./demos.ts";
import type { DemosVariable } from "./demos.ts";
import { floatKind, integerKind } from "./number.ts";
import type { FloatVariable, IntegerVariable } from "./number.ts";
import { permutationKind } from "./permutation.ts";
import type { PermutationVariable } from "./permutation.ts";
import { subsetKind } from "./subset.ts";
import type { SubsetVariable } from "./subset.ts";
import { textKind } from "./text.ts";
import type { TextVariable } from "./text.ts";

/** Whatever may change about a program, as plain data. */
export type Variable =
  | FloatVariable
  | IntegerVariable
  | ChoiceVariable
  | ModuleVariable
  | SubsetVariable
  | PermutationVariable
  | TextVariable
  | DemosVariable
  | CompositeVariable;

// One entry per member of the union: the name decides the type, so an entry of the wrong kind does not compile.
const kinds: { readonly [K in Variable["kind"]]: VariableKind<Extract<Variable, { kind: K }>> } = {
  float: floatKind,
  integer: integerKind,
  choice: choiceKind,
  module: moduleKind,
  subset: subsetKind,
  permutation: permutationKind,
  text: textKind,
  demos: demosKind,
  composite: compositeKind,
};

/** The behaviour of a variable's kind. */
export function kindOf<V extends Variable>(variable: V): VariableKind<Variable> {
  // The table's type pairs each name with its own variable type; looking it up by the same variable keeps the pair.
  return kinds[variable.kind] as unknown as VariableKind<Variable>;
}

/** A variable from foreign JSON. Throws `UsageError` that says what is wrong and where. */
export function parseVariable(definition: unknown, path = "variable"): Variable {
  if (!isPlainObject(definition)) throw new UsageError(`${path}: expected an object, got ${describe(definition)}`);
  const kind = definition["kind"];
  if (typeof kind !== "string" || !Object.hasOwn(kinds, kind))
    throw new UsageError(`${path}.kind: expected one of ${Object.keys(kinds).join(", ")}, got ${describe(kind)}`);
  const { description } = definition;
  if (description !== undefined && typeof description !== "string")
    throw new UsageError(`${path}.description: expected a text, got ${describe(description)}`);
  return kinds[kind as Variable["kind"]].parse(definition as JsonObject);
}

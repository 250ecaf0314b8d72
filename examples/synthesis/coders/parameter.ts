import { UsageError, describe } from "tutti/foundation";
import type { Json, JsonObject } from "tutti/foundation";
import { coderParameters } from "./coder-parameters.ts";
import type { CoderId, CoderParameter } from "./coder-parameters.ts";

interface Wanted {
  readonly parameters: JsonObject;
  readonly name: string;
}

/** The value of a coder's parameter, or its default. A value outside the range throws `UsageError`. */
export function parameter(coder: CoderId, { parameters, name }: Wanted): Json {
  const declared = coderParameters[coder].find((other) => other.name === name);
  if (declared === undefined) throw new UsageError(`${coder} has no parameter ${name}`);
  const value = parameters[name] ?? declared.default;
  if (!isAllowed(declared, value)) {
    throw new UsageError(`${coder}.${name} must be ${rangeOf(declared)}, got ${describe(value)}`);
  }
  return value;
}

/** The same for a parameter that is a number. */
export function numberParameter(coder: CoderId, wanted: Wanted): number {
  return Number(parameter(coder, wanted));
}

function isAllowed(declared: CoderParameter, value: Json): boolean {
  if (declared.kind === "choice") return declared.options.includes(value);
  if (typeof value !== "number" || (declared.kind === "integer" && !Number.isInteger(value))) return false;
  return value >= declared.min && value <= declared.max;
}

function rangeOf(declared: CoderParameter): string {
  if (declared.kind === "choice") return `one of ${declared.options.join(", ")}`;
  return `${declared.kind === "integer" ? "a whole number" : "a number"} in [${declared.min}, ${declared.max}]`;
}

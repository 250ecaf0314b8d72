import { canonicalJson } from "#foundation";
import type { Json } from "#foundation";
import type { Example } from "./example.ts";

/** How good outputs are for an example; larger is better. */
export type Metric<I extends object = object, O extends object = object> = (
  outputs: O,
  example: Example<I, O>,
) => Score | Promise<Score>;

/** A number, or a number with what an optimiser can learn from. */
export type Score = number | DetailedScore;

export interface DetailedScore {
  readonly score: number;
  /** What was wrong and how to do better, for optimisers that read. */
  readonly feedback?: string;
  /** Further goals by name, larger is better. */
  readonly objectives?: Readonly<Record<string, number>>;
}

/** 1 when all these outputs (all expected ones unless named) equal the expected values, else 0. */
export function exactMatch<I extends object, O extends object>(...fields: readonly (keyof O & string)[]): Metric<I, O> {
  return (outputs, { expected }) => {
    const names = fields.length === 0 ? Object.keys(expected) : fields;
    const equal = (name: string): boolean => sameValue(Reflect.get(outputs, name), Reflect.get(expected, name));
    return names.length > 0 && names.every(equal) ? 1 : 0;
  };
}

function sameValue(a: unknown, b: unknown): boolean {
  if (typeof a === "string" && typeof b === "string") return a.trim() === b.trim();
  return canonicalJson(a as Json) === canonicalJson(b as Json);
}

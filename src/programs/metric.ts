import { canonicalJson, describe, UsageError } from "#foundation";
import type { Json } from "#foundation";
import type { Example } from "./example.ts";
import type { Signature } from "./signatures/signature.ts";

/** How good outputs are for an example; larger is better. */
export interface Metric<I extends object = object, O extends object = object> {
  (outputs: O, example: Example<I, O>): Score | Promise<Score>;
  /** The outputs that it looks at, where it tells them: a name that is none of the signature's is refused. */
  readonly outputs?: readonly string[];
}

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
  const match: Metric<I, O> = (outputs, { expected }) => {
    const names = fields.length === 0 ? Object.keys(expected) : fields;
    const equal = (name: string): boolean => sameValue(Reflect.get(outputs, name), Reflect.get(expected, name));
    return names.length > 0 && names.every(equal) ? 1 : 0;
  };
  return Object.assign(match, { outputs: fields });
}

/** Throws `UsageError` when a metric looks at outputs that the signature does not have. */
export function checkMetric({ outputs }: Signature, metric: Metric): void {
  if (typeof metric !== "function") throw new UsageError(`metric: expected a function, got ${describe(metric)}`);
  const known = outputs.map(({ name }) => name);
  for (const name of metric.outputs ?? [])
    if (!known.includes(name))
      throw new UsageError(`metric: there is no output ${name}; outputs are ${known.join(", ")}`);
}

function sameValue(a: unknown, b: unknown): boolean {
  if (typeof a === "string" && typeof b === "string") return a.trim() === b.trim();
  return canonicalJson(a as Json) === canonicalJson(b as Json);
}

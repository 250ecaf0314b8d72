import { choice, float, integer, space } from "#variables";
import type { Configuration, Space, Variable } from "#variables";

/** A problem of bbo-suite.json, as it stands there. */
export interface SuiteProblem {
  readonly id: string;
  readonly function: string;
  readonly direction: "minimize" | "maximize";
  readonly noise_sigma: number;
  readonly params: readonly SuiteParameter[];
  readonly coefficients: Coefficients;
  readonly optimum: { readonly value: number; readonly params: Values };
  readonly test_vectors: readonly {
    readonly params: Values;
    readonly value: number;
    readonly observed_seed3_k17: number;
  }[];
}

/** Tables of numbers, nested as deep as their indices need. */
export type Table = number | readonly Table[];
export type Coefficients = Readonly<Record<string, Table>>;

/** Categorical values are places in `choices`; what a condition switches off is absent. */
export type Values = Readonly<Record<string, number>>;

interface SuiteParameter {
  readonly name: string;
  readonly type: "float" | "int" | "categorical";
  readonly low?: number;
  readonly high?: number;
  readonly log?: boolean;
  readonly choices?: readonly string[];
  readonly condition?: { readonly param: string; readonly in: readonly number[] };
}

/** The problem's parameters as a space; a categorical one is a choice of its places. */
export function spaceOf({ params }: SuiteProblem): Space {
  const conditional = params.flatMap(({ name, condition }) =>
    condition === undefined ? [] : [[name, { [condition.param]: { oneOf: condition.in } }] as const],
  );
  return space(params.map(variableOf), { when: Object.fromEntries(conditional) });
}

/** A configuration of that space as the formulas read it. */
export function valuesOf(configuration: Configuration): Values {
  return configuration as Values;
}

function variableOf({ name, type, low, high, log, choices }: SuiteParameter): Variable {
  if (type === "categorical") return choice(name, [...(choices ?? []).keys()]);
  const range = { min: low ?? Number.NaN, max: high ?? Number.NaN, ...(log === true ? { log } : {}) };
  return type === "int" ? integer(name, range) : float(name, range);
}

import {
  canonicalJson,
  describe,
  integerBelow,
  isPlainObject,
  jsonDefect,
  pick,
  sampleItems,
  UsageError,
} from "#foundation";
import type { Json, JsonObject, Rng } from "#foundation";
import { defined, definitionOptions } from "./definition.ts";
import type { Definition, DefinitionOptions, VariableKind } from "./definition.ts";
import { indexOfValue, isSameValue } from "./distinct-values.ts";
import { memberMoves } from "./item-list.ts";
import type { Limits } from "./item-list.ts";
import { itemOrder } from "./permutation.ts";

/** One worked case shown to the model: what came in and what was answered. Outputs may lack fields. */
export interface Demo {
  readonly inputs: JsonObject;
  readonly outputs: JsonObject;
}

/** The demonstrations in a prompt. The value holds the demos themselves, so that a configuration stands alone. */
export interface DemosVariable extends Definition, DemosOptions {
  readonly kind: "demos";
}

export interface DemosOptions extends DefinitionOptions {
  /** Demos to draw from when sampling. Other demos (bootstrapped ones) are valid too. */
  readonly pool?: readonly Demo[];
  /** The fewest demos; 0 unless told. */
  readonly min?: number;
  /** The most demos; 16 unless told. */
  readonly max?: number;
  /** None unless told. */
  readonly default?: readonly Demo[];
}

/** Demonstrations: `demos("predict.demos", { pool: train, max: 8 })`. */
export function demos(name: string, options: DemosOptions = {}): DemosVariable {
  const variable: DemosVariable = { kind: "demos", ...defined(name, options) };
  const { min, max } = limits(variable);
  if (!Number.isInteger(min) || !Number.isInteger(max) || min < 0 || max < min)
    throw new UsageError(`variable ${name}: expected whole numbers 0 ≤ min ≤ max, got min ${min}, max ${max}`);
  const defect = variable.pool === undefined ? undefined : demosDefect(variable.pool);
  if (defect !== undefined) throw new UsageError(`variable ${name}.pool: ${defect}`);
  if (variable.pool !== undefined && variable.pool.length < min)
    throw new UsageError(`variable ${name}.pool: expected at least ${min} demos, got ${variable.pool.length}`);
  if (min > 0 && variable.pool === undefined && variable.default === undefined)
    throw new UsageError(`variable ${name}: expected a pool or a default with at least ${min} demos, got neither`);
  if (variable.default !== undefined) {
    const expected = expectation(variable, variable.default);
    if (expected !== undefined) throw new UsageError(`variable ${name}.default: ${expected}`);
  }
  return variable;
}

export const demosKind: VariableKind<DemosVariable> = {
  parse: (definition) => demos(definition["name"] as string, definitionOptions(definition)),
  default: (variable) => (variable.default ?? variable.pool?.slice(0, limits(variable).min) ?? []) as unknown as Json,
  expected: expectation,
  sample(variable, rng) {
    const { min, max } = limits(variable);
    const pool = poolOf(variable);
    const most = Math.min(max, pool.length);
    return sampleItems(rng, pool, min + integerBelow(rng, Math.max(0, most - min) + 1));
  },
  // A demo that stands in the pool twice is added once: shown again, it tells the model nothing new.
  mutate(variable, value, rng) {
    const list = value as readonly Json[];
    const shown = new Set(list.map(canonicalJson));
    const texts = textsOf(poolOf(variable));
    const spare = poolOf(variable).filter((_, place) => !shown.has(texts[place] ?? ""));
    const moves = memberMoves(list, { ...limits(variable), spare });
    return moves.length === 0 ? reordered(list, rng) : pick(rng, moves)(list, rng);
  },
  canInclude: (_, item) => demosDefect([item]) === undefined,
  jsonSchema(variable) {
    const { min, max } = limits(variable);
    const record = { type: "object" };
    const demo = { type: "object", properties: { inputs: record, outputs: record }, required: ["inputs", "outputs"] };
    return { type: "array", items: demo, minItems: min, maxItems: max };
  },
  ...itemOrder<DemosVariable>({
    drawn: poolOf,
    limits: (variable) => limitsAmong(variable, poolOf(variable).length),
    known(variable) {
      const items = knownDemos(variable);
      return { items, limits: limitsAmong(variable, items.length) };
    },
  }),
};

function limits({ min = 0, max = 16 }: DemosOptions): Limits {
  return { min, max };
}

/** As many as may be, of that many that there are. */
function limitsAmong(variable: DemosVariable, count: number): Limits {
  const { min, max } = limits(variable);
  return { min, max: Math.max(min, Math.min(max, count)) };
}

/** The pool, and what only the default has. */
function knownDemos(variable: DemosVariable): readonly Json[] {
  const known = [...poolOf(variable)];
  const unclaimed = [...known];
  for (const demo of (variable.default ?? []) as unknown as readonly Json[]) {
    const index = indexOfValue(unclaimed, demo);
    if (index < 0) known.push(demo);
    else unclaimed.splice(index, 1);
  }
  return known;
}

function poolOf({ pool, default: told }: DemosVariable): readonly Json[] {
  return (pool ?? told ?? []) as unknown as readonly Json[];
}

/** The demos of a pool as canonical JSON. */
function textsOf(pool: readonly Json[]): readonly string[] {
  const known = poolTexts.get(pool) ?? pool.map(canonicalJson);
  poolTexts.set(pool, known);
  return known;
}

/** A pool never changes, and searches move one a thousand times for each configuration they ask for. */
const poolTexts = new WeakMap<readonly Json[], readonly string[]>();

/** The list with two different demos exchanged: all that is left where no demo can come or go. */
function reordered(list: readonly Json[], rng: Rng): readonly Json[] {
  const [first] = list;
  const others =
    first === undefined
      ? []
      : list
          .keys()
          .toArray()
          .filter((at) => !isSameValue(first, list[at] as Json));
  if (first === undefined || others.length === 0) return list;
  const other = pick(rng, others);
  return list.with(0, list[other] as Json).with(other, first);
}

function expectation(variable: DemosVariable, value: unknown): string | undefined {
  const { min, max } = limits(variable);
  const defect = demosDefect(value);
  if (defect !== undefined) return `expected ${min} to ${max} demos, but ${defect}`;
  const count = (value as readonly Demo[]).length;
  return count >= min && count <= max ? undefined : `expected ${min} to ${max} demos`;
}

/** Why a value is no list of demos, or `undefined` when it is one. */
function demosDefect(value: unknown): string | undefined {
  if (!Array.isArray(value)) return `${describe(value)} came`;
  for (const [index, demo] of value.entries()) {
    const shaped = isPlainObject(demo) && isPlainObject(demo["inputs"]) && isPlainObject(demo["outputs"]);
    if (!shaped) return `[${index}] is not { inputs, outputs } but ${describe(demo)}`;
    const defect = jsonDefect(demo, `[${index}]`);
    if (defect !== undefined) return defect;
  }
  return undefined;
}

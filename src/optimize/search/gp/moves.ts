import { canonicalJson, integerBelow, sampleItems } from "#foundation";
import type { Json, Rng } from "#foundation";
import { settleConfiguration, space as spaceOfVariables } from "#variables";
import { mutateConfiguration } from "#variables/search";
import type { Configuration, FloatVariable, IntegerVariable, Space, Variable } from "#variables";
import { gaussian } from "../normal-distribution.ts";
import { unitScale } from "../unit-scale.ts";
import type { UnitScale } from "../unit-scale.ts";

/** The ways in which one variable of a configuration can change. */
export interface Move {
  readonly variable: Variable;
  /** The column that it has among the features. */
  readonly column: number;
  /** The scale of a number that can have any value between two others: one that a slope can lead to. */
  readonly scale: UnitScale | undefined;
  /** Other values, a few of those nearby and a few from anywhere. */
  others(value: Json, rng: Rng): readonly Json[];
  /** The configuration with another value; what that activates is sampled. */
  moved(configuration: Configuration, value: Json, rng: Rng): Configuration;
}

/** How many options of a variable are tried at most. */
const maxOptions = 12;

/** How many steps away a number is tried, as shares of its range. */
const strides = [0.3, 0.1, 0.03, 0.01];

/** The moves of every variable that is not computed. */
export function movesOf(space: Space): readonly Move[] {
  const asked = askedPaths(space);
  return space.variables
    .filter(({ kind }) => kind !== "composite")
    .map((variable, column) => {
      const { name } = variable;
      const isFree = !asked.has(name);
      const hasDigits = variable.kind === "float" && variable.precision !== undefined;
      const isContinuous = variable.kind === "float" && variable.step === undefined && !hasDigits;
      return {
        variable,
        column,
        scale: isFree && isContinuous ? unitScale(variable) : undefined,
        others: othersOf(variable),
        moved(configuration, value, rng) {
          const moved = { ...configuration, [name]: value };
          return isFree && !hasDigits ? moved : settleConfiguration(space, moved, rng);
        },
      };
    });
}

/** The variables that others depend on: all whose names stand in conditions, constraints and computations. */
function askedPaths({ variables, when = {}, constraints = [] }: Space): ReadonlySet<string> {
  const names = new Set(variables.map(({ name }) => name));
  const asked = new Set(Object.values(when).flatMap((conditions) => Object.keys(conditions)));
  const look = (part: unknown): void => {
    if (typeof part === "string")
      for (const path of part.match(/[\w./-]+/g) ?? []) if (names.has(path)) asked.add(path);
    if (typeof part === "object" && part !== null) for (const inner of Object.entries(part).flat()) look(inner);
  };
  look(constraints);
  for (const variable of variables) if (variable.kind === "composite") look(variable.compute);
  return asked;
}

function othersOf(variable: Variable): Move["others"] {
  switch (variable.kind) {
    case "float":
    case "integer":
      return otherNumbers(variable);
    case "choice":
    case "module":
      return otherOptions(variable.options);
    case "text":
      return otherOptions([...new Set(variable.candidates ?? [variable.default ?? ""])]);
    case "subset":
    case "permutation":
    case "demos":
    case "composite":
      return otherLists(variable);
  }
}

function otherOptions(options: readonly Json[]): Move["others"] {
  const keys = options.map((option) => canonicalJson(option));
  return (value, rng) => {
    const own = canonicalJson(value);
    const others = options.filter((_, place) => keys[place] !== own);
    return others.length <= maxOptions ? others : sampleItems(rng, others, maxOptions);
  };
}

function otherNumbers(variable: FloatVariable | IntegerVariable): Move["others"] {
  const scale = unitScale(variable);
  return (value, rng) => {
    const own = scale.toUnit(value as number);
    const found = new Set<number>();
    for (const stride of strides) {
      const cell = scale.cells === undefined ? stride : Math.max(stride, 1 / scale.cells);
      for (const sign of [-1, 1]) found.add(scale.fromUnit(unit(own + sign * cell * (0.5 + rng.next()))));
    }
    if (variable.kind === "integer" && variable.step === undefined)
      for (const near of [Number(value) - 1, Number(value) + 1])
        if (near >= variable.min && near <= variable.max) found.add(near);
    found.delete(value as number);
    return [...found];
  };
}

const listMoves = 6;

function otherLists(variable: Variable): Move["others"] {
  const alone = spaceOfVariables([variable]);
  return (value, rng) => {
    const start = { [variable.name]: value };
    return Array.from({ length: listMoves }, (_, move) => {
      const variables = 1;
      return mutateConfiguration(alone, start, rng.fork(`list ${move}`), { variables })[variable.name] as Json;
    });
  };
}

/** The configuration with some of its free numbers moved a little, as a Gaussian of that width would. */
export function jittered(
  moves: readonly Move[],
  configuration: Configuration,
  { width, rng }: { readonly width: number; readonly rng: Rng },
): Configuration {
  const values: Record<string, Json> = { ...configuration };
  const free = moves.filter(({ variable, scale }) => scale !== undefined && values[variable.name] !== undefined);
  const always = free.length === 0 ? -1 : integerBelow(rng, free.length);
  const share = Math.min(1, 5 / free.length);
  for (const [at, { variable, scale }] of free.entries()) {
    if (scale === undefined || (at !== always && rng.next() >= share)) continue;
    values[variable.name] = scale.fromUnit(unit(scale.toUnit(values[variable.name] as number) + width * gaussian(rng)));
  }
  return values;
}

function unit(place: number): number {
  return Math.min(1, Math.max(0, place));
}

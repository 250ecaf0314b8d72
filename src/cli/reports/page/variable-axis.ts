import type { ReportedCandidate, RunReport } from "#optimize";
import type { Configuration, Variable } from "#variables";
import { shortened } from "../../terminal/words.ts";
import { axisOf, shortNumber } from "./axis.ts";
import type { Tick } from "./axis.ts";

/** The values that candidates have of one variable, on a line. */
export interface VariableAxis {
  readonly name: string;
  /** What the line counts: `value`, `items` of a list, `characters` of a text. */
  readonly unit: "value" | "items" | "characters";
  readonly ticks: readonly Tick[];
  /** From 0 to 1; `undefined` where the configuration does not set it or has a value that is not on the line. */
  readonly position: (configuration: Configuration) => number | undefined;
}

/** More options than these are not drawn: the rarest. */
const mostOptions = 8;

/** The variables that the measured candidates have different values of, the most important first where that is known. */
export function variableAxes({ space, candidates, importance }: RunReport): readonly VariableAxis[] {
  const measured = candidates.filter(({ score }) => score !== null);
  const places = new Map(importance.known ? importance.shares.map(({ variable }, place) => [variable, place]) : []);
  const place = ({ name }: Variable): number => places.get(name) ?? Infinity;
  return space.variables
    .toSorted((a, b) => (place(a) === place(b) ? 0 : place(a) - place(b)))
    .flatMap((variable) => axisOfVariable(variable, measured) ?? []);
}

function axisOfVariable(variable: Variable, measured: readonly ReportedCandidate[]): VariableAxis | undefined {
  const { name, kind } = variable;
  const values = measured.flatMap(({ configuration }) => configuration[name] ?? []);
  const isList = kind === "demos" || kind === "subset" || kind === "permutation";
  if (kind === "float" || kind === "integer") return numberAxis(name, measured, variable.log === true);
  if (kind === "text") return sizeAxis(name, "characters", measured);
  if (isList) return sizeAxis(name, "items", measured);
  return values.length === 0 ? undefined : optionAxis(name, measured);
}

function numberAxis(
  name: string,
  measured: readonly ReportedCandidate[],
  isLogarithmic: boolean,
): VariableAxis | undefined {
  const read = (configuration: Configuration): number | undefined => {
    const value = configuration[name];
    return typeof value === "number" ? value : undefined;
  };
  return lineAxis({ name, unit: "value", isLogarithmic, read }, measured);
}

function sizeAxis(
  name: string,
  unit: "items" | "characters",
  measured: readonly ReportedCandidate[],
): VariableAxis | undefined {
  const read = (configuration: Configuration): number | undefined => {
    const value = configuration[name];
    return typeof value === "string" || Array.isArray(value) ? value.length : undefined;
  };
  return lineAxis({ name, unit, isLogarithmic: false, read }, measured);
}

interface Line extends Pick<VariableAxis, "name" | "unit"> {
  readonly isLogarithmic: boolean;
  readonly read: (configuration: Configuration) => number | undefined;
}

function lineAxis(
  { name, unit, isLogarithmic, read }: Line,
  measured: readonly ReportedCandidate[],
): VariableAxis | undefined {
  const known = measured.flatMap(({ configuration }) => read(configuration) ?? []);
  if (new Set(known).size < 2) return undefined;
  const whole = known.every(Number.isInteger);
  const { ticks, position } = axisOf(known, { isLogarithmic });
  return {
    name,
    unit,
    ticks: ticks.filter(({ text }) => !whole || !text.includes(".")),
    position: (configuration) => {
      const value = read(configuration);
      return value === undefined ? undefined : position(value);
    },
  };
}

/** One place for each option, the most frequent ones in the order of their names. */
function optionAxis(name: string, measured: readonly ReportedCandidate[]): VariableAxis | undefined {
  const key = (configuration: Configuration): string | undefined => {
    const value = configuration[name];
    return value === undefined ? undefined : typeof value === "string" ? value : JSON.stringify(value);
  };
  const counts = new Map<string, number>();
  for (const { configuration } of measured) {
    const option = key(configuration);
    if (option !== undefined) counts.set(option, (counts.get(option) ?? 0) + 1);
  }
  if (counts.size < 2) return undefined;
  const options = [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, mostOptions)
    .map(([option]) => option)
    .toSorted((a, b) => a.localeCompare(b, "en", { numeric: true }));
  const at = (option: string): number => (options.indexOf(option) + 0.5) / options.length;
  const room = Math.max(4, Math.floor(44 / options.length));
  return {
    name,
    unit: "value",
    ticks: options.map((option) => ({ at: at(option), text: shortened(option, room) })),
    position: (configuration) => {
      const option = key(configuration);
      return option === undefined || !options.includes(option) ? undefined : at(option);
    },
  };
}

/** What a configuration has of a variable, in a few characters. */
export function valueText(configuration: Configuration, { name, unit }: Pick<VariableAxis, "name" | "unit">): string {
  const value = configuration[name];
  if (value === undefined) return "–";
  if (typeof value === "number") return shortNumber(value);
  if (typeof value === "string") return unit === "characters" ? `${value.length} characters` : shortened(value, 40);
  return Array.isArray(value) && unit === "items" ? `${value.length} items` : shortened(JSON.stringify(value), 40);
}

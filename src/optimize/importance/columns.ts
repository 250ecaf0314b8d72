import { canonicalJson } from "#foundation";
import type { Json } from "#foundation";
import type { Configuration, Space, Variable } from "#variables";
import { unitScale } from "../search/unit-scale.ts";

/** A variable over some configurations, as numbers that a tree can split. */
export interface VariableColumns {
  readonly name: string;
  /** One column or several, each with a number for every configuration. */
  readonly columns: readonly Float64Array[];
  /** Whether the variable is active, by configuration. */
  readonly isActive: readonly boolean[];
}

/** More items of lists than these are not told apart: the ones that are as often in as out come first. */
const maxItems = 32;

/** What an inactive variable reads as: below every number of an active one. */
const absent = -1;

/** The variables of a space; computed ones are left out, since they follow from others. */
export function columnsOf(space: Space, configurations: readonly Configuration[]): readonly VariableColumns[] {
  return space.variables.flatMap((variable) => {
    const { name } = variable;
    const values = configurations.map(({ [name]: value }) => value);
    const columns = readingOf(variable)?.(values);
    return columns === undefined ? [] : [{ name, columns, isActive: values.map((value) => value !== undefined) }];
  });
}

type Values = readonly (Json | undefined)[];

function readingOf(variable: Variable): ((values: Values) => readonly Float64Array[]) | undefined {
  switch (variable.kind) {
    case "float":
    case "integer": {
      const scale = unitScale(variable);
      return (values) => [
        Float64Array.from(values, (value) => (typeof value === "number" ? scale.toUnit(value) : absent)),
      ];
    }
    case "choice":
    case "module":
    case "text":
      return optionColumns;
    case "subset":
    case "permutation":
    case "demos":
      return itemColumns;
    case "composite":
      return undefined;
  }
}

/** For each value that was met whether it is that one. */
function optionColumns(values: Values): readonly Float64Array[] {
  const keys = values.map((value) => (value === undefined ? "" : canonicalJson(value)));
  const options = new Set(keys);
  options.delete("");
  return Array.from(options, (option) => Float64Array.from(keys, (key) => (key === option ? 1 : 0)));
}

/** How long the list is, and for each item where it stands: 1 for the first, then less, 0 where it is not in the list. */
function itemColumns(values: Values): readonly Float64Array[] {
  const lists = values.map((value) => (Array.isArray(value) ? value.map((item: Json) => canonicalJson(item)) : []));
  const longest = Math.max(1, ...lists.map((list) => list.length));
  const lengths = Float64Array.from(lists, (list, at) => (values[at] === undefined ? absent : list.length / longest));
  const counts = new Map<string, number>();
  for (const item of lists.flat()) counts.set(item, (counts.get(item) ?? 0) + 1);
  const unevenness = (count: number): number => Math.abs(count - values.length / 2);
  const items = [...counts].toSorted(([, a], [, b]) => unevenness(a) - unevenness(b)).slice(0, maxItems);
  const places = lists.map((list) => new Map(list.map((item, place) => [item, 1 - place / longest])));
  return [lengths, ...items.map(([item]) => Float64Array.from(places, (place) => place.get(item) ?? 0))];
}

import { canonicalJson } from "#foundation";
import type { Json } from "#foundation";
import { conditionsOf, dependencies } from "../dependency-order.ts";
import { inactiveReason } from "../walk.ts";
import type { Condition } from "../condition.ts";
import { constraintPaths, isBroken } from "../constraints/constraint.ts";
import type { Space } from "../space.ts";
import { kindOf } from "../variable.ts";
import type { Variable } from "../variable.ts";
import { decidedAt } from "./enumerate-configurations.ts";
import { valueClasses } from "./value-classes.ts";

/** The most combinations of values that are tried one by one. */
const maxSteps = 100_000;

/** A place on the way through the variables: what is left to try there, and what was counted so far. */
interface Frame {
  readonly place: number;
  readonly key: string;
  readonly options: Iterator<Option>;
  /** How many values the one that is being tried stands for. */
  times: number;
  total: number;
}

/** A value, none where a variable is absent or nobody asks for it, and how many it stands for. */
type Option = readonly [Json | undefined, number];

/**
 * How many configurations `enumerateConfigurations` gives, without giving them. `Infinity` where a variable has a
 * continuum of values, where they are 2^53 or more, and where constraints and conditions tie so many variables together
 * that over 100,000 combinations would have to be tried.
 */
export function spaceSize(space: Space): number {
  const order = closeOrder(space);
  const decided = decidedAt(space, order);
  const keys = frontierKeys(space, order);
  const optionsOf = options(space);
  const known = order.map(() => new Map<string, number>());
  const values = new Map<string, Json>();
  const begin = (place: number): Frame => {
    const [total, own] = optionsOf(order[place] as Variable, values);
    return { place, key: keys(place, values), options: own[Symbol.iterator](), times: 1, total };
  };
  let size = order.length === 0 ? 1 : 0;
  let steps = 0;
  // A stack of our own: conditions may go through thousands of variables, one after another.
  const stack = order.length === 0 ? [] : [begin(0)];
  for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
    const { place } = frame;
    const next = frame.total === Infinity ? undefined : frame.options.next();
    values.delete(order[place]?.name ?? "");
    if (next === undefined || next.done === true) {
      known[place]?.set(frame.key, frame.total);
      stack.pop();
      const before = stack.at(-1);
      if (before === undefined) size = frame.total;
      else if (frame.total > 0) before.total += before.times * frame.total;
      continue;
    }
    const [value, times] = next.value;
    frame.times = times;
    if (value !== undefined) values.set(order[place]?.name ?? "", value);
    if (decided[place]?.some((constraint) => isBroken(constraint, values)) === true) steps++;
    else if (place + 1 === order.length) frame.total += times;
    else {
      const counted = known[place + 1]?.get(keys(place + 1, values));
      if (counted === undefined) stack.push(begin(place + 1));
      else if (counted > 0) frame.total += times * counted;
    }
    if (++steps > maxSteps) frame.total = Infinity;
  }
  return size > Number.MAX_SAFE_INTEGER ? Infinity : size;
}

/** What a variable can be beside the values before it, and what is counted for it without trying. */
function options(
  space: Space,
): (variable: Variable, values: ReadonlyMap<string, Json>) => readonly [number, Iterable<Option>] {
  const watched = watchedNames(space);
  const classesOf = classing(space);
  return (variable, values) => {
    if (inactiveReason(space, variable.name, values) !== undefined) return [0, [[undefined, 1]]];
    const kind = kindOf(variable);
    if (kind.computed !== undefined) return [0, [[kind.computed.compute(variable, values), 1]]];
    const size = kind.size(variable);
    if (!watched.has(variable.name)) return [0, [[undefined, size]]];
    return size === Infinity ? [Infinity, []] : [0, classesOf(variable)];
  };
}

/** Each variable as soon as what it needs stands before it, so that few values have to be remembered at a time. */
function closeOrder(space: Space): readonly Variable[] {
  const asks = dependencies(space.variables, space.when);
  const dependents = new Map<string, Variable[]>();
  for (const variable of space.variables)
    for (const path of asks.get(variable.name) ?? []) {
      const others = dependents.get(path) ?? [];
      dependents.set(path, [...others, variable]);
    }
  const placed = new Set<string>();
  const order: Variable[] = [];
  const open = space.variables.toReversed();
  for (let variable = open.pop(); variable !== undefined; variable = open.pop()) {
    if (placed.has(variable.name) || !(asks.get(variable.name) ?? []).every((path) => placed.has(path))) continue;
    placed.add(variable.name);
    order.push(variable);
    open.push(...(dependents.get(variable.name) ?? []).toReversed());
  }
  return order;
}

/** The variables whose values decide about others: in conditions, constraints and what these are computed from. */
function watchedNames({ variables, when = {}, constraints = [] }: Space): ReadonlySet<string> {
  const byName = new Map(variables.map((variable) => [variable.name, variable]));
  const watched = new Set<string>();
  const open = [
    ...Object.values(when).flatMap((conditions) => Object.keys(conditions)),
    ...constraints.flatMap(constraintPaths),
  ];
  for (const name of open) {
    const variable = byName.get(name);
    if (variable === undefined || watched.has(name)) continue;
    watched.add(name);
    open.push(...(kindOf(variable).computed?.inputs(variable) ?? []));
  }
  return watched;
}

/** The values before a place that someone from there on asks about, as a text: what is counted depends on no others. */
function frontierKeys(
  space: Space,
  order: readonly Variable[],
): (place: number, values: ReadonlyMap<string, Json>) => string {
  const asks = dependencies(order, space.when);
  const decided = decidedAt(space, order);
  const places = new Map(order.map(({ name }, place) => [name, place]));
  const lastUse = new Map<string, number>();
  for (const [place, { name }] of order.entries())
    for (const path of [...(asks.get(name) ?? []), ...(decided[place] ?? []).flatMap(constraintPaths)])
      lastUse.set(path, place);
  const frontiers: string[][] = order.map(() => []);
  for (const [name, last] of lastUse)
    for (let place = (places.get(name) ?? 0) + 1; place <= last; place++) frontiers[place]?.push(name);
  return (place, values) =>
    canonicalJson((frontiers[place] ?? []).map((name) => (values.has(name) ? [values.get(name) as Json] : [])));
}

/** The values of a watched variable, those that nobody tells apart in one class. */
function classing(space: Space): (variable: Variable) => Iterable<readonly [Json, number]> {
  const apart = new Set([
    ...(space.constraints ?? []).flatMap(constraintPaths),
    ...space.variables.flatMap((variable) => kindOf(variable).computed?.inputs(variable) ?? []),
  ]);
  const conditions = new Map<string, Condition[]>();
  for (const { name } of space.variables)
    for (const [path, condition] of Object.entries(conditionsOf(space, name)))
      conditions.set(path, [...(conditions.get(path) ?? []), condition]);
  return (variable) =>
    apart.has(variable.name) ? singles(variable) : valueClasses(variable, conditions.get(variable.name) ?? []);
}

function* singles(variable: Variable): Generator<readonly [Json, number]> {
  for (const value of kindOf(variable).values(variable)) yield [value, 1];
}

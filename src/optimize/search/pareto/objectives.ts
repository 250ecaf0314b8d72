import { describe, isPlainObject, UsageError } from "#foundation";
import type { Gains } from "./domination.ts";
import type { Objectives, ObjectiveValues } from "../sampler.ts";

/** Throws `UsageError` unless it names at least one objective, each with a goal. */
export function checkObjectives(where: string, objectives: unknown): asserts objectives is Objectives {
  if (!isPlainObject(objectives) || Object.keys(objectives).length === 0)
    throw new UsageError(`${where}: expected at least one name with its goal, got ${describe(objectives)}`);
  for (const [name, goal] of Object.entries(objectives))
    if (goal !== "maximize" && goal !== "minimize")
      throw new UsageError(`${where}.${name}: expected maximize or minimize, got ${describe(goal)}`);
}

/** Throws `UsageError` unless there is a finite number for each objective and for nothing else. */
export function checkObjectiveValues(
  where: string,
  values: unknown,
  objectives: Objectives,
): asserts values is ObjectiveValues {
  const names = Object.keys(objectives);
  if (!isPlainObject(values))
    throw new UsageError(`${where}: expected a number for each of ${names.join(", ")}, got ${describe(values)}`);
  for (const name of names)
    if (!Object.hasOwn(values, name) || !Number.isFinite(values[name]))
      throw new UsageError(`${where}.${name}: expected a finite number, got ${describe(values[name])}`);
  for (const name of Object.keys(values))
    if (!Object.hasOwn(objectives, name))
      throw new UsageError(`${where}.${name}: expected an objective of this search (${names.join(", ")}), got another`);
}

/** The values in the order of the objectives, signed so that more is better in each. */
export function gainsOf(values: ObjectiveValues, objectives: Objectives): Gains {
  return Object.entries(objectives).map(([name, goal]) => {
    const value = values[name] ?? Number.NaN;
    return goal === "maximize" ? value : -value;
  });
}

/** The points checked and signed; `name` is who was called with them. */
export function gainsOfPoints(name: string, points: readonly ObjectiveValues[], objectives: Objectives): Gains[] {
  checkObjectives(`${name}.objectives`, objectives);
  if (!Array.isArray(points)) throw new UsageError(`${name}.points: expected a list, got ${describe(points)}`);
  return points.map((point, place) => {
    checkObjectiveValues(`${name}.points[${place}]`, point, objectives);
    return gainsOf(point, objectives);
  });
}

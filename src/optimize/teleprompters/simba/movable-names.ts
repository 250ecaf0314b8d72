import { activeVariables } from "#variables";
import type { Configuration, Variable } from "#variables";
import type { Task } from "../../teleprompter.ts";

/** What moves without anybody writing: everything but demos, and texts that have no candidates. */
export function movableNames({ space }: Task, configuration: Configuration): string[] {
  const isMovable = (variable: Variable): boolean =>
    variable.kind === "text" ? (variable.candidates ?? []).length > 1 : variable.kind !== "demos";
  return activeVariables(space, configuration)
    .filter((variable) => isMovable(variable) && variable.kind !== "composite")
    .map(({ name }) => name);
}

import { UsageError } from "#foundation";
import type { Module } from "./module.ts";
import type { Stage } from "./program.ts";

/** A stage with the module that runs it. */
export interface Step {
  readonly stage: Stage;
  readonly module: Module;
}

/**
 * Throws `UsageError` for a configuration path that nobody reads: of a stage that is not there, or with a name that its
 * module does not know. Paths of other scopes (`coder/temperature`, `team.net.pattern`) are left to their owners.
 */
export function checkPaths(steps: readonly Step[], paths: readonly string[], what: string): void {
  const issues = paths.flatMap((path) => pathIssue(steps, path) ?? []);
  if (issues.length > 0)
    throw new UsageError(`${what}: nobody would read ${issues.length === 1 ? "this" : "these"}`, issues);
}

function pathIssue(steps: readonly Step[], path: string): string | undefined {
  if (path.includes("/") || path.startsWith("team.")) return undefined;
  const dot = path.lastIndexOf(".");
  if (dot < 0) {
    const known = steps.map(({ module }) => module.settings);
    if (known.some((settings) => settings === undefined || settings.includes(path))) return undefined;
    return `${path}: settings are ${[...new Set(known.flatMap((settings) => settings ?? []))].join(", ")}`;
  }
  const [id, name] = [path.slice(0, dot), path.slice(dot + 1)];
  const settings = steps.find(({ stage }) => stage.id === id)?.module.settings;
  if (!steps.some(({ stage }) => stage.id === id))
    return `${path}: there is no stage ${id}; stages are ${steps.map(({ stage }) => stage.id).join(", ")}`;
  if (settings === undefined || settings.includes(name)) return undefined;
  return `${path}: settings of ${id} are ${settings.join(", ")}`;
}

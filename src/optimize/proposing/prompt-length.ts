import { UsageError } from "#foundation";
import { activeVariables } from "#variables";
import type { Configuration, Demo, DemosVariable, Variable } from "#variables";
import type { Task } from "../teleprompter.ts";
import { stageOwning } from "./placed-stage.ts";
import { jsonTokensOf, tokensOf } from "./token-estimate.ts";

type Prompted = Pick<Task, "program" | "space" | "maxPromptTokens">;

/** The tokens, estimated, of the texts and demonstrations of the space in the longest prompt of any stage. */
export function promptTokens(task: Prompted, configuration: Configuration): number {
  const lengths = partsByStage(task, configuration).map((parts) => lengthOf(task, parts, configuration));
  return Math.max(0, ...lengths);
}

/**
 * The configuration with its demonstrations in their order, but without the last ones where a stage's prompt would be
 * longer than the task allows. Where that is not enough it stays too long, and no example is run with it.
 */
export function fittedConfiguration(task: Prompted, whole: Configuration): Configuration {
  const { maxPromptTokens } = task;
  if (maxPromptTokens === undefined) return whole;
  let fitted = whole;
  for (const parts of partsByStage(task, whole)) {
    let over = lengthOf(task, parts, whole) - maxPromptTokens;
    for (const variable of parts.toReversed()) {
      if (over <= 0 || variable.kind !== "demos") continue;
      const kept = [...demosOf(variable, whole)];
      while (over > 0 && kept.length > (variable.min ?? 0)) over -= tokensOfDemos(kept.splice(-1));
      fitted = { ...fitted, [variable.name]: kept as object as Configuration[string] };
    }
  }
  return fitted;
}

/** Throws `UsageError` when what is to be beaten is longer than the task allows. */
export function checkBaselineLength(task: Task): void {
  const { baseline, maxPromptTokens = Infinity } = task;
  const tokens = promptTokens(task, baseline);
  if (tokens <= maxPromptTokens) return;
  throw new UsageError(
    `maxPromptTokens: expected at least the ${tokens} that the program's own texts and demonstrations have, got ${maxPromptTokens}`,
  );
}

/** The texts and demonstrations of each stage's prompt, in the order of the space. */
function partsByStage({ program, space }: Prompted, configuration: Configuration): readonly (readonly Variable[])[] {
  const shown = activeVariables(space, configuration).filter(({ kind }) => kind === "text" || kind === "demos");
  return [...Map.groupBy(shown, ({ name }) => stageOwning(program, name).path).values()];
}

function lengthOf({ program }: Prompted, parts: readonly Variable[], configuration: Configuration): number {
  return parts.reduce((sum, variable) => {
    if (variable.kind === "demos") return sum + tokensOfDemos(demosOf(variable, configuration));
    if (variable.kind !== "text") return sum;
    const value = configuration[variable.name] ?? variable.default;
    // An empty instruction means that of the signature.
    const isOwn = value === undefined || value === "";
    const { instructions } = stageOwning(program, variable.name).signature;
    return sum + tokensOf(isOwn && variable.name.endsWith("instructions") ? instructions : String(value ?? ""));
  }, 0);
}

function demosOf(
  { name, default: usual, pool = [], min = 0 }: DemosVariable,
  configuration: Configuration,
): readonly Demo[] {
  const value = configuration[name] as unknown as readonly Demo[] | undefined;
  return value ?? usual ?? pool.slice(0, min);
}

function tokensOfDemos(demos: readonly Demo[]): number {
  return demos.reduce((sum, demo) => sum + jsonTokensOf({ ...demo }), 0);
}

import { describe, isPlainObject, present, UsageError } from "#foundation";
import type { Context, InnerStage, Module, StageCall } from "../module.ts";
import type { StageDraft, StageOptions } from "../stage.ts";
import { namedStages } from "./parallel.ts";

export interface BranchOptions extends StageOptions {
  /**
   * The output or input whose value is the name of the case to take. Without it the setting `case` decides, so that the
   * way a program takes is a variable like any other.
   */
  readonly on?: string;
  /** The stages to choose from, by the values that choose them. */
  readonly cases: Readonly<Record<string, string | StageDraft>>;
  /** The stage for any other value, known as the case `otherwise`. */
  readonly otherwise?: string | StageDraft;
}

/** The stage that is one of several: `branch({ on: "queue", cases: { billing: …, tech: … }, otherwise: … })`. */
export function branch({ on, cases, otherwise, ...options }: BranchOptions): StageDraft {
  if (otherwise !== undefined && isPlainObject(cases) && Object.hasOwn(cases, "otherwise"))
    throw new UsageError('branch: expected one stage for "otherwise", got a case of that name as well');
  const named = otherwise === undefined || !isPlainObject(cases) ? cases : { ...cases, otherwise };
  return { module: "branch", ...options, stages: namedStages(named, "branch.cases"), configuration: present({ on }) };
}

/** Runs the one stage inside it that is chosen. Settings: `on` and `case`; `case` wins where both are told. */
export const branchModule: Module = {
  name: "branch",
  settings: ["on", "case"],
  async run(context, stage) {
    const { outputs, history } = await chosen(context, stage).run(context);
    return { outputs, history };
  },
};

function chosen(context: Context, stage: StageCall): InnerStage {
  const { id, stages = [] } = stage;
  const [on, told] = [stage.setting("on"), stage.setting("case")];
  const value = told ?? (typeof on === "string" ? valueOf(context, on) : undefined);
  const found =
    stages.find((each) => each.id === String(value)) ?? (told === undefined ? otherwise(stages) : undefined);
  if (found !== undefined) return found;
  const known = stages.map((each) => each.id).join(", ");
  if (told === undefined && on !== undefined)
    throw new Error(`expected ${describe(on)} to be one of ${known}, got ${describe(value)}`);
  throw new UsageError(`configuration ${id}.case: expected one of ${known}, got ${describe(value)}`);
}

function otherwise(stages: readonly InnerStage[]): InnerStage | undefined {
  return stages.find(({ id }) => id === "otherwise");
}

function valueOf({ inputs, outputs }: Context, name: string): unknown {
  const values = Object.hasOwn(outputs, name) ? outputs : inputs;
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

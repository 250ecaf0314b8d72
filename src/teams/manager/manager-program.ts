import { program, signature } from "#programs";
import type { Module, Program } from "#programs";
import { space } from "#variables";
import type { Space } from "#variables";
import { assign, assignmentSetting, assignmentVariables } from "./assignment.ts";
import { manage } from "./manage.ts";
import type { ManagerOutputs } from "./manage.ts";
import { reviewKind, reviewSetting, reviewStrategy, reviewVariable } from "./review.ts";
import { staffOf } from "./staff.ts";
import type { ManagerOptions } from "./staff.ts";

/** A manager, as everything that works on programs takes it. */
export interface Manager {
  readonly program: ManagerProgram;
  /** What the program is made of: `execute(manager.program, { goal }, { modules: manager.modules, model })`. */
  readonly modules: readonly Module[];
  /** Who does what (`agent_for_<kind>`, where there is a choice), and when reviews are made (`review_strategy`). */
  readonly space: Space;
}

export type ManagerProgram = Program<{ goal: string }, ManagerOutputs>;

const managerSignature = signature(
  "goal -> outputs: json, plan: json, stage_results: json, config: json, plan_repaired: bool, errors: json",
  { instructions: "Plan the steps to the goal, give each to an agent and have them done." },
);

/**
 * A program that plans steps towards a goal, gives each to an agent and has them done, those at once that do not need
 * one another. Who does what is its configuration, so it is executed, evaluated and optimised like any other program.
 * An agent's own settings are paths below its id (`coder/predict.temperature`), a planner program's below `planner`.
 * Throws `UsageError` for a definition that could not run. An execution throws it for a choice that is none, and
 * rejects with `ProgramError` when the planner fails, or an agent does and `onError` does not say to go on.
 */
export function managerProgram(options: ManagerOptions): Manager {
  const staff = staffOf(options);
  const { candidates, name } = staff;
  const kinds = [...candidates.keys()];
  const reviews = candidates.has(reviewKind);
  const module: Module = {
    name: `manager_${name}`,
    settings: [...kinds.map(assignmentSetting), ...(reviews ? [reviewSetting] : []), "model"],
    run: ({ inputs, config }, stage) => manage(staff, { goal: inputs["goal"] as string, stage, config }),
  };
  const defaults = [...assign(candidates, () => undefined)].map(([kind, id]) => [assignmentSetting(kind), id]);
  return {
    program: program({
      name,
      signature: managerSignature,
      pipeline: [{ module: module.name, id: "manager" }],
      configuration: {
        ...Object.fromEntries(defaults),
        ...(reviews ? { [reviewSetting]: reviewStrategy() } : {}),
      },
    }),
    modules: [module],
    space: space([...assignmentVariables(candidates), ...(reviews ? [reviewVariable()] : [])]),
  };
}

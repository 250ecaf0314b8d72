import { describe, isPlainObject, UsageError } from "#foundation";
import type { Module, Program } from "#programs";
import { attemptsOf, issueLines, PipelinePool } from "#programs/pipelines";
import type { OnError } from "#programs/pipelines";
import { checkAgentProgram, checkAgents } from "./agent.ts";
import type { ManagedAgents } from "./agent.ts";
import { candidatesOf } from "./assignment.ts";
import type { Candidates } from "./assignment.ts";
import { checkPlanner, stepPerKind } from "./planner.ts";
import type { RulePlanner } from "./planner.ts";
import { reviewKind } from "./review.ts";
import { checkSteps } from "./steps.ts";
import type { PlanStep } from "./steps.ts";

/** A manager as people write it. */
export interface ManagerOptions {
  readonly name: string;
  /** Who can do what, by id. The first that lists a kind does it unless the configuration chooses another. */
  readonly agents: ManagedAgents;
  /** The plan when there is no planner, or none that plans validly. One step of each kind unless told. */
  readonly steps?: readonly PlanStep[];
  /** A program with the input `goal` and the output `steps`, such as `planner()`, or a function. */
  readonly planner?: Program | RulePlanner;
  /** The modules of one's own that the agents and the planner are made of. */
  readonly modules?: readonly Module[];
  /** What an agent's failure means; `"fail_fast"` unless told. */
  readonly onError?: OnError;
  /** Where the plans are executed; a pool of its own unless told. Managers within managers must not share one. */
  readonly pool?: PipelinePool;
}

/** A checked definition. */
export interface Staff {
  readonly name: string;
  readonly agents: ManagedAgents;
  readonly candidates: Candidates;
  /** The kinds that a plan may have. */
  readonly kinds: readonly string[];
  readonly steps: readonly PlanStep[];
  readonly planner: Program | RulePlanner;
  readonly scopes: readonly string[];
  readonly modules: readonly Module[];
  readonly onError: OnError;
  readonly pool: PipelinePool;
}

/** The scope of a planner program's settings. */
export const plannerScope = "planner";

/** Throws `UsageError` for a definition that could not run. */
export function staffOf(options: ManagerOptions): Staff {
  if (!isPlainObject(options))
    throw new UsageError(`managerProgram: expected { name, agents }, got ${describe(options)}`);
  const { name, agents, planner, modules = [], onError = "fail_fast", pool = new PipelinePool() } = options;
  if (typeof name !== "string" || name === "")
    throw new UsageError(`managerProgram.name: expected a name, got ${describe(name)}`);
  attemptsOf(onError);
  checkAgents(name, agents, modules);
  const candidates = candidatesOf(agents);
  const kinds = [...candidates.keys()].filter((kind) => kind !== reviewKind);
  const steps = checkSteps(options.steps ?? stepPerKind(kinds), { kinds });
  if (!steps.ok)
    throw new UsageError(`manager ${name}.steps: expected a plan for its agents`, issueLines(steps.issues));
  if (planner !== undefined) checkPlanner(planner, `manager ${name}.planner`);
  if (planner !== undefined && typeof planner !== "function") {
    checkAgentProgram(planner, modules);
    if (Object.hasOwn(agents, plannerScope))
      throw new UsageError(`manager ${name}.agents.${plannerScope}: that id is the scope of the planner's settings`);
  }
  const scopes = [...Object.keys(agents), ...(typeof planner === "object" ? [plannerScope] : [])];
  const rule: RulePlanner = () => steps.steps;
  return {
    name,
    agents,
    candidates,
    kinds,
    steps: steps.steps,
    planner: planner ?? rule,
    scopes,
    modules,
    onError,
    pool,
  };
}

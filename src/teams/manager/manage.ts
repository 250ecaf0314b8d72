import { UsageError } from "#foundation";
import type { Json, JsonObject } from "#foundation";
import { addUsage, ProgramError } from "#programs";
import type { LanguageModel, StageCall, StageResult, Usage } from "#programs";
import type { PipelineResult, StageFailure } from "#programs/pipelines";
import type { Configuration } from "#variables";
import { agentStage, scopedSettings } from "./agent.ts";
import type { ManagedAgent } from "./agent.ts";
import { assign, assignmentSetting } from "./assignment.ts";
import type { Assignment } from "./assignment.ts";
import { settlePlan } from "./planner.ts";
import { reviewKind, reviewSetting, reviewStrategy, withReviews } from "./review.ts";
import type { ReviewStrategy } from "./review.ts";
import { plannerScope } from "./staff.ts";
import type { Staff } from "./staff.ts";
import type { PlanStep } from "./steps.ts";

/** What a manager gives, all of it JSON. */
export interface ManagerOutputs {
  /** The outputs of all steps in one; of two with one name the later step's. */
  readonly outputs: unknown;
  /** The steps as they were done: `[{ id, kind, needs }]`, reviews included. */
  readonly plan: unknown;
  /** By step: `{ agent, kind, outputs, attempts }`. */
  readonly stage_results: unknown;
  /** Who was assigned to what, and the review strategy. */
  readonly config: unknown;
  /** Whether the plan is another one than the planner gave first. */
  readonly plan_repaired: boolean;
  /** The failures, where the manager goes on past them: `[{ stage, agent, message }]`. */
  readonly errors: unknown;
}

/** One execution: who is asked, and with what. */
export interface Errand {
  readonly goal: string;
  readonly stage: StageCall;
  readonly config: Configuration;
}

/** What an execution comes to before anybody is called. */
interface Decisions {
  readonly assignment: Assignment;
  /** `undefined` where nobody reviews. */
  readonly reviews: ReviewStrategy | undefined;
  readonly settings: Readonly<Record<string, Configuration>>;
}

/**
 * Plans the steps to a goal, gives each to an agent and has them done. Throws `UsageError` for a configuration with a
 * choice that is none; rejects with what the planner failed with, and with `ProgramError` when an agent's failure ends
 * the work.
 */
export async function manage(staff: Staff, { goal, stage, config }: Errand): Promise<StageResult> {
  const decisions = decide(staff, stage, config);
  const { signal, rollout } = stage;
  const means = { model: modelOf(stage), modules: staff.modules, rollout, signal };
  const plan = await settlePlan({
    goal,
    kinds: staff.kinds,
    planner: staff.planner,
    fallback: staff.steps,
    execution: { ...means, overrides: decisions.settings[plannerScope] },
  });
  const orders = ordersFor(staff, withReviews(plan.steps, decisions.reviews ?? "none"), decisions);
  const stages = orders.map(({ step, agent, settings }) => agentStage(step, agent, { settings, manager: stage }));
  const result = await staff.pool.executePipeline(stages, { goal }, { ...means, onError: staff.onError });
  const usage = addUsage(plan.usage, result.usage);
  if (!result.ok) throw endedBy(result.failure, orders, usage);
  return {
    outputs: { ...managerOutputs(result, orders), config: configOf(decisions), plan_repaired: plan.repaired },
    usage,
  };
}

function decide({ candidates, scopes }: Staff, stage: StageCall, config: Configuration): Decisions {
  return {
    assignment: assign(candidates, (name) => stage.setting(name)),
    reviews: candidates.has(reviewKind) ? reviewStrategy(stage.setting(reviewSetting)) : undefined,
    settings: scopedSettings(config, scopes),
  };
}

/** A step and who is to do it. */
interface Order {
  readonly step: PlanStep;
  readonly agentId: string;
  readonly agent: ManagedAgent;
  readonly settings: Configuration;
}

function ordersFor({ agents }: Staff, steps: readonly PlanStep[], { assignment, settings }: Decisions): Order[] {
  return steps.map((step) => {
    const agentId = assignment.get(step.kind) ?? "";
    const agent = agents[agentId];
    if (agent === undefined) throw new UsageError(`step ${step.id}: nobody does steps of kind ${step.kind}`);
    return { step, agentId, agent, settings: settings[agentId] ?? {} };
  });
}

function endedBy({ stage, error }: StageFailure, orders: readonly Order[], usage: Usage): ProgramError {
  return new ProgramError("stage_failed", `step ${stage} by ${doer(orders, stage)}: ${error.message}`, {
    usage,
    retryable: Reflect.get(error, "retryable") === true,
    cause: error,
  });
}

function managerOutputs(
  { outputs, stageResults, errors }: PipelineResult,
  orders: readonly Order[],
): Omit<ManagerOutputs, "config" | "plan_repaired"> {
  const results = orders.flatMap(({ step: { id, kind }, agentId }) => {
    const result = Object.hasOwn(stageResults, id) ? stageResults[id] : undefined;
    if (result === undefined) return [];
    return [[id, { agent: agentId, kind, outputs: result.outputs, attempts: result.attempts }]];
  });
  return {
    outputs,
    plan: orders.map(({ step }) => step),
    stage_results: Object.fromEntries(results),
    errors: errors.map(({ stage, error }) => ({ stage, agent: doer(orders, stage), message: error.message })),
  };
}

function doer(orders: readonly Order[], id: string): string | undefined {
  return orders.find(({ step }) => step.id === id)?.agentId;
}

function configOf({ assignment, reviews }: Decisions): JsonObject {
  const entries = [...assignment].map(([kind, agent]): [string, Json] => [assignmentSetting(kind), agent]);
  return { ...Object.fromEntries(entries), ...(reviews === undefined ? {} : { [reviewSetting]: reviews }) };
}

/** The model for the agents. Agents that ask none need none, so its absence is only an error for those that do. */
function modelOf(stage: StageCall): LanguageModel | undefined {
  if (stage.setting("model") !== undefined) return stage.model();
  try {
    return stage.model();
  } catch (thrown) {
    if (thrown instanceof UsageError) return undefined;
    throw thrown;
  }
}

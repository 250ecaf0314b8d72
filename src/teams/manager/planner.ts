import { describe, isPlainObject, UsageError } from "#foundation";
import { addUsage, chainOfThought, execute, noUsage, program, ProgramError, signature } from "#programs";
import type { ExecuteOptions, Field, Program, Usage } from "#programs";
import { issueLines } from "#programs/pipelines";
import { checkSteps } from "./steps.ts";
import type { PlanStep } from "./steps.ts";

/** What a planner is asked. */
export interface PlanRequest {
  readonly goal: string;
  /** The kinds of steps that somebody can do. */
  readonly kinds: readonly string[];
  /** What was wrong with the plan that it gave before; empty the first time. */
  readonly issues: readonly string[];
}

/** A planner as code: steps for a goal. What it gives is checked like a model's plan. */
export type RulePlanner = (request: PlanRequest) => readonly PlanStep[] | Promise<readonly PlanStep[]>;

/** A planner as a program: it takes `goal`, and `kinds` and `issues` where it has them, and gives `steps`. */
export type PlannerProgram = Program<{ goal: string; kinds: string[]; issues?: string[] }, { steps: unknown }>;

export interface PlannerOptions {
  /** `"planner"` unless told. */
  readonly name?: string;
  readonly instructions?: string;
}

const defaultInstructions = [
  "Plan how to reach the goal with as few steps as it takes.",
  'steps is a JSON list of objects { "id", "kind", "needs" }: id is a short name of its own, kind is one of kinds,',
  "needs lists the ids of the steps whose results this step uses. No cycles.",
  "If issues are given, they are what was wrong with your last plan: avoid them.",
].join(" ");

/** A planner program that reasons before it plans. */
export function planner({ name = "planner", instructions = defaultInstructions }: PlannerOptions = {}): PlannerProgram {
  return program({
    name,
    signature: signature("goal, kinds: list[str], issues?: list[str] -> steps: json", { instructions }),
    pipeline: [chainOfThought()],
  });
}

/** One step of each kind, each after the one before it: first plan, code and test, then the others as they come. */
export function stepPerKind(kinds: readonly string[]): readonly PlanStep[] {
  const usual = ["plan", "code", "test"];
  const ordered = [...usual.filter((kind) => kinds.includes(kind)), ...kinds.filter((kind) => !usual.includes(kind))];
  return ordered.map((kind, index) => ({ id: kind, kind, needs: ordered.slice(Math.max(0, index - 1), index) }));
}

/** Throws `UsageError` for a planner program that cannot be asked for steps. */
export function checkPlanner(planner: unknown, at: string): void {
  if (typeof planner === "function") return;
  if (!isPlainObject(planner) || !isPlainObject(planner["signature"]))
    throw new UsageError(`${at}: expected program(…) or a function, got ${describe(planner)}`);
  const { inputs, outputs } = (planner as unknown as Program).signature;
  if (!inputs.some(({ name }) => name === "goal") || !outputs.some(({ name }) => name === "steps"))
    throw new UsageError(`${at}: expected a program with the input goal and the output steps`);
  const given = ["goal", "kinds", "issues"];
  const other = inputs.find(({ name, optional }) => optional !== true && !given.includes(name));
  if (other !== undefined)
    throw new UsageError(`${at}: a planner is given ${given.join(", ")}; nobody gives it ${other.name}`);
}

/** The steps that will be done. */
export interface SettledPlan {
  readonly steps: readonly PlanStep[];
  /** Whether they are other ones than the planner gave first. */
  readonly repaired: boolean;
  readonly usage: Usage;
}

/** How a plan is come by. */
export interface Planning {
  readonly goal: string;
  readonly kinds: readonly string[];
  readonly planner: Program | RulePlanner;
  /** What is done when the planner has given no valid plan twice. */
  readonly fallback: readonly PlanStep[];
  /** What a planner program is executed with. */
  readonly execution: ExecuteOptions;
}

/**
 * A valid plan: the planner's, or the one it gives when it is shown what was wrong with the first, or the fallback.
 * Rejects with whatever the planner failed with, unless that is an unusable reply: that is an invalid plan.
 */
export async function settlePlan(planning: Planning): Promise<SettledPlan> {
  const { goal, kinds, fallback } = planning;
  let usage = noUsage;
  let issues: readonly string[] = [];
  for (let attempt = 0; attempt < 2; attempt++) {
    const draft = await draftSteps(planning, { goal, kinds, issues }, usage);
    usage = addUsage(usage, draft.usage);
    const check = draft.ok ? checkSteps(draft.steps, { kinds }) : undefined;
    if (check?.ok === true) return { steps: check.steps, repaired: attempt > 0, usage };
    issues = shortened(
      check === undefined ? ["steps: expected JSON, got a reply that could not be read"] : issueLines(check.issues),
    );
  }
  return { steps: fallback, repaired: true, usage };
}

type Draft =
  | { readonly ok: true; readonly steps: unknown; readonly usage: Usage }
  | { readonly ok: false; readonly usage: Usage };

async function draftSteps({ planner, execution }: Planning, request: PlanRequest, spent: Usage): Promise<Draft> {
  if (typeof planner === "function") return { ok: true, steps: await planner(request), usage: noUsage };
  try {
    const { outputs, usage } = await execute(planner, inputsFor(planner, request), execution);
    return { ok: true, steps: Reflect.get(outputs, "steps"), usage };
  } catch (thrown) {
    if (!(thrown instanceof ProgramError)) throw thrown;
    if (thrown.code === "unusable_reply") return { ok: false, usage: thrown.usage };
    const { code, message, retryable, usage } = thrown;
    throw new ProgramError(code, `planner: ${message}`, { retryable, usage: addUsage(spent, usage), cause: thrown });
  }
}

/** The inputs that a planner has. One that has no place for issues finds them in the goal. */
function inputsFor({ signature: { inputs } }: Program, { goal, kinds, issues }: PlanRequest): object {
  const input = (name: string): Field | undefined => inputs.find((field) => field.name === name);
  const complaint = `The last plan could not be used:\n${issues.map((issue) => `- ${issue}`).join("\n")}`;
  const place = input("issues");
  return {
    goal: issues.length === 0 || place !== undefined ? goal : `${goal}\n\n${complaint}`,
    ...(input("kinds") === undefined ? {} : { kinds }),
    ...(place === undefined || (issues.length === 0 && place.optional === true) ? {} : { issues }),
  };
}

/** A garbled plan has a defect in every line; a prompt needs the first few. */
function shortened(issues: readonly string[]): readonly string[] {
  const most = 12;
  return issues.length <= most ? issues : [...issues.slice(0, most), `and ${issues.length - most} more`];
}

import type { Action } from "../action.ts";
import type { DecisionError } from "../decision.ts";
import type { Failure } from "./start-result.ts";
import type { Team } from "../team.ts";

/** What came of one action. */
export interface ActionResult {
  readonly action: Action;
  readonly outcome: "applied" | "refused" | "failed" | "rolled_back";
  /** Why; of an action that was rolled back: what another one failed at. */
  readonly error?: DecisionError;
}

/** What came of all of them: they are applied together or not at all. */
export interface ApplyResult {
  readonly ok: boolean;
  /** The team as it is now. */
  readonly team: Team;
  readonly results: readonly ActionResult[];
}

/** What came of an action when the change that it belongs to failed. */
export function failedResult(action: Action, failures: readonly Failure[]): ActionResult {
  const concerned = agentsOf(action);
  const own = failures.find(({ agent }) => agent === "" || concerned.includes(agent));
  if (own !== undefined) return { action, outcome: "failed", error: own.error };
  const [first] = failures;
  return { action, outcome: "rolled_back", ...(first === undefined ? {} : { error: first.error }) };
}

function agentsOf(action: Action): readonly string[] {
  if (action.type === "reconfigure_supervisor") return [action.to].flat();
  return "agent" in action ? [action.agent] : [];
}

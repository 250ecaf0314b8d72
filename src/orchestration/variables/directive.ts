import type { JsonObject } from "#foundation";

/** What can be done to an agent of a running team. */
export type AgentAction =
  | "start"
  | "stop"
  | "reconfigure"
  | "scale_up"
  | "scale_down"
  | "change_role"
  | "update_communication"
  | "adjust_parameters";

/** What a coordination wants of one agent. */
export interface Directive {
  readonly agent: string;
  readonly action: AgentAction;
  readonly parameters: JsonObject;
  /** Larger is more important. */
  readonly priority: number;
  readonly timeoutMs: number;
}

/** A directive with what is usual: priority 1, five seconds. */
export function directive(agent: string, action: AgentAction, parameters: JsonObject = {}): Directive {
  return { agent, action, parameters, priority: 1, timeoutMs: 5000 };
}

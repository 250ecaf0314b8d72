import { describe, isPlainObject, UsageError } from "#foundation";
import { agentSelectionKind } from "./agent-selection.ts";
import type { AgentSelection } from "./agent-selection.ts";
import { communicationTopologyKind } from "./communication-topology.ts";
import type { CommunicationTopology } from "./communication-topology.ts";
import type { CoordinationContext } from "./coordination-context.ts";
import type { Decision } from "../decision.ts";
import type { Directive } from "./directive.ts";
import type { OrchestrationKind } from "./orchestration-kind.ts";
import { resourceAllocationKind } from "./resource-allocation.ts";
import type { ResourceAllocation } from "./resource-allocation.ts";

/** A variable that controls a team instead of one program: who is active, who talks to whom, who may spend what. */
export type OrchestrationVariable = AgentSelection | CommunicationTopology | ResourceAllocation;

const kinds: {
  readonly [T in OrchestrationVariable["type"]]: OrchestrationKind<Extract<OrchestrationVariable, { type: T }>>;
} = {
  agent_selection: agentSelectionKind,
  communication_topology: communicationTopologyKind,
  resource_allocation: resourceAllocationKind,
};

/** The behaviour of a variable's type. */
export function orchestrationKindOf(variable: OrchestrationVariable): OrchestrationKind<OrchestrationVariable> {
  // The table's type pairs each type with its own variable; looking it up by the same variable keeps the pair.
  return kinds[variable.type] as unknown as OrchestrationKind<OrchestrationVariable>;
}

/** A definition from foreign JSON, checked. Throws `UsageError` that says what is wrong and where. */
export function parseOrchestrationVariable(value: unknown, where: string): OrchestrationVariable {
  if (!isPlainObject(value))
    throw new UsageError(`${where}: expected an orchestration variable, got ${describe(value)}`);
  const { type } = value;
  if (typeof type !== "string" || !Object.hasOwn(kinds, type))
    throw new UsageError(`${where}.type: expected one of ${Object.keys(kinds).join(", ")}, got ${describe(type)}`);
  const variable = value as unknown as OrchestrationVariable;
  orchestrationKindOf(variable).check(variable);
  return variable;
}

/** What the context's configuration says of the variable, as directives to the agents. Never throws. */
export function coordinate(
  variable: OrchestrationVariable,
  context: CoordinationContext,
): Decision<readonly Directive[]> {
  return orchestrationKindOf(variable).coordinate(variable, context);
}

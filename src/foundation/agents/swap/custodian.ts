import type { AgentDefinition, Pid } from "../agent.ts";
import { AgentCell } from "../agent-cell.ts";
import type { Child } from "../supervisors/child-spec.ts";
import type { SwapOptions, SwapResult } from "./swap-result.ts";

/** A supervisor, as its agents' swaps need it: it replaces a child and what it restarts, as one of its operations. */
export interface Custodian {
  swapChild<S, M, A>(child: Pid, next: AgentDefinition<S, M, A>, options: SwapOptions<M, A>): Promise<SwapResult<M>>;
}

/** From here on a swap of the child, if it is an agent of this process, is the supervisor's. */
export function adopt(child: Child | undefined, custodian: Custodian): void {
  if (child instanceof AgentCell) child.custodian = custodian;
}

/** The agent that a supervisor's child is; `undefined` for one that is down, no agent, or in another process. */
export function agentOf(child: Child | undefined): AgentCell | undefined {
  return child instanceof AgentCell ? child : undefined;
}

import { endClaims } from "./agent-host/end-claims.ts";
import type { AgentHostHarness } from "./agent-host/harness.ts";
import { messageClaims } from "./agent-host/message-claims.ts";
import { startClaims } from "./agent-host/start-claims.ts";
import { supervisionClaims } from "./agent-host/supervision-claims.ts";
import type { Contract } from "./contract.ts";

/** What every AgentHost must do: the same, wherever its agents live. Takes real time, in milliseconds. */
export const agentHostContract: Contract<AgentHostHarness> = {
  ...startClaims,
  ...messageClaims,
  ...endClaims,
  ...supervisionClaims,
};

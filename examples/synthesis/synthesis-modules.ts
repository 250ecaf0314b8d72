import { agentModule, workerHost } from "tutti/foundation/agents";
import type { AgentHost, AgentRuntime } from "tutti/foundation/agents";
import { hostedModule, teamModule } from "tutti/orchestration";
import type { TeamModule } from "tutti/orchestration";
import { plan } from "./agents/planner-agent.ts";
import { review } from "./agents/reviewer-agent.ts";
import { test } from "./agents/tester-agent.ts";
import type { Examiner } from "./agents/examiner.ts";
import type { ReviewerId } from "./agents/reviewers.ts";

/** Threads for the coders: a search that never ends is found within `maxBlockedMs` and ended with its thread. */
export function coderThreads(runtime: AgentRuntime, threads = 2): readonly AgentHost[] {
  return Array.from({ length: threads }, () => workerHost({ runtime, maxBlockedMs: 10_000 }));
}

/** The code of the team's agents: coders in the threads, the others here. */
export function synthesisModules(hosts: readonly AgentHost[], examiner: Examiner): readonly TeamModule[] {
  const coder = agentModule(new URL("./agents/coder-agent.ts", import.meta.url), "coderAgent");
  return [
    hostedModule("coder", coder, { hosts }),
    teamModule("planner", plan),
    teamModule("reviewer", (call, { settings }) => review(call, settings["reviewer"] as ReviewerId)),
    teamModule("tester", (call) => test(call, examiner), { calls: "many" }),
  ];
}

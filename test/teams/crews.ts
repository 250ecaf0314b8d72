import type { Json } from "#foundation";
import { agentSelection, communicationTopology, team, teamModule } from "#orchestration";
import type { CallRecord, Team, TeamModule, TeamPolicies } from "#orchestration";
import type { TeamExample, TeamMetric, TeamRunResult } from "#teams";

/** Answers a number by its double; the mistakes are those of the setting `wrong`: every so manieth number. */
export const coder: TeamModule = teamModule("coder", ({ task }, { settings }) => {
  const number = task as number;
  const every = settings["wrong"] as number;
  return { output: every > 0 && number % 10 < every ? -1 : 2 * number, used: { steps: 10 } };
});

/** Says after whoever came before it, else the task. */
export const echo: TeamModule = teamModule("echo", ({ task, inbox }) => ({ output: inbox.at(-1)?.output ?? task }));

/** Answers with the task, and tells how many of it live: each instance is asked once as it starts. */
export function counted(check: () => void = () => {}): TeamModule & { readonly alive: () => number } {
  const signals = new Set<AbortSignal>();
  const module = teamModule("coder", ({ task }, { signal }) => (signals.add(signal), { output: task }), {
    check: async (instance) => {
      await instance.call({
        request: 0,
        kind: "work",
        task: 0,
        inbox: [],
        parameters: {},
        role: "executor",
        round: 0,
        grants: {},
      });
      check();
    },
  });
  return { ...module, alive: () => [...signals].filter(({ aborted }) => !aborted).length };
}

export const doubled: TeamMetric = ({ output }, { expectedOutput }) => (output === expectedOutput ? 1 : 0);

export function numbers(from: number, count: number): TeamExample[] {
  return Array.from({ length: count }, (_, index) => ({ input: from + index, expectedOutput: 2 * (from + index) }));
}

/** Two coders of which one is active. By default the active one is wrong on six of ten numbers, the other on one. */
export function twoCoders({ weak = 6, strong = 1 } = {}): Team {
  return team({
    name: "coders",
    agents: {
      weak: { module: "coder", settings: { wrong: weak } },
      strong: { module: "coder", settings: { wrong: strong } },
    },
    variables: [agentSelection("coder", { agents: ["weak", "strong"], select: "one" })],
  });
}

/** Agents that work side by side and vote. */
export function voters(
  agents: Readonly<Record<string, string>>,
  policies: Partial<TeamPolicies> = {},
  pattern = "broadcast",
): Team {
  const ids = Object.keys(agents);
  return team({
    name: "voters",
    policies,
    agents: Object.fromEntries(Object.entries(agents).map(([id, module]) => [id, { module }])),
    variables: [communicationTopology("net", { agents: ids, patterns: [pattern], aggregates: ["vote"] })],
  });
}

/** Who was called for an answer, and what each said. */
export function said({ trace }: Pick<TeamRunResult, "trace">): [agent: string, output: Json][] {
  return trace.calls.map(({ agent, outcome }: CallRecord) => [agent, outcome.ok ? outcome.reply.output : null]);
}

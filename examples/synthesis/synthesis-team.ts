import { agentSelection, communicationTopology, resourceAllocation, team } from "tutti/orchestration";
import type { AgentDraft, Team } from "tutti/orchestration";
import { choice, float, integer, space } from "tutti/variables";
import type { Variable } from "tutti/variables";
import { coderParameters } from "./coders/coder-parameters.ts";
import type { CoderId, CoderParameter } from "./coders/coder-parameters.ts";
import { routingKinds } from "./agents/routing-cell.ts";
import type { ReviewerId } from "./agents/reviewers.ts";

export const coderIds: readonly CoderId[] = [
  "enumCoder",
  "formatCoder",
  "polyCoder",
  "branchCoder",
  "extractCoder",
  "listCoder",
];

const reviewerIds: readonly ReviewerId[] = ["fastReviewer", "simplestReviewer", "deepLogicReviewer"];

/** What a coder may be shown of a task's pairs, in all: nobody can have everything. */
export const viewPool = 24;

/**
 * The team as an engineer would write it first: one general coder, the first program that fits, three examples, twenty
 * thousand operations. Everything else about it may change.
 */
export function synthesisTeam({ replicas = 2 }: { readonly replicas?: number } = {}): Team {
  const coders = coderIds.map((id): [string, AgentDraft] => [id, coder(id, replicas)]);
  const reviewers = reviewerIds.map((id): [string, AgentDraft] => [id, reviewer(id)]);
  return team({
    id: "synthesis",
    name: "synthesis",
    agents: {
      planner: { module: "planner", role: "coordinator", localVariableSpace: space(routes()) },
      ...Object.fromEntries([...coders, ...reviewers]),
      tester: { module: "tester", role: "evaluator" },
    },
    variables: [
      agentSelection("coders", { agents: coderIds, select: "order", default: ["enumCoder"] }),
      agentSelection("reviewer", { agents: reviewerIds }),
      communicationTopology("net", {
        agents: ["planner", ...coderIds],
        patterns: ["chain", "ring", "broadcast", "star"],
        hubs: ["planner"],
        aggregates: ["last"],
      }),
      resourceAllocation("operations", {
        resource: "operations",
        agents: coderIds,
        total: [20_000, 2000, 5000, 10_000, 40_000],
        whole: true,
      }),
      resourceAllocation("views", {
        resource: "views",
        agents: coderIds,
        total: viewPool,
        by: "demand",
        least: 3,
        most: 8,
      }),
    ],
  });
}

function coder(id: CoderId, replicas: number): AgentDraft {
  const variables = coderParameters[id].map(variableOf);
  return { module: "coder", settings: { coder: id }, replicas, localVariableSpace: space(variables) };
}

function variableOf(parameter: CoderParameter): Variable {
  const { name, kind } = parameter;
  if (kind === "choice") return choice(name, parameter.options, { default: parameter.default });
  const { min, max, default: usual } = parameter;
  return kind === "integer" ? integer(name, { min, max, default: usual }) : float(name, { min, max, default: usual });
}

function reviewer(id: ReviewerId): AgentDraft {
  const k = choice("k", [1, 3, 5]);
  const certainty = float("certainty", { min: 0, max: 0.9, default: 0 });
  const deep = id === "deepLogicReviewer" ? [integer("probes", { min: 1, max: 8, default: 4 })] : [];
  return {
    module: "reviewer",
    role: "evaluator",
    settings: { reviewer: id },
    localVariableSpace: space([k, certainty, ...deep]),
  };
}

/** The planner's routing table: which coder gets tasks that take the one and give the other. */
function routes(): Variable[] {
  const usual = { number: "polyCoder", text: "formatCoder", list: "listCoder" } as const;
  return routingKinds.flatMap((row) =>
    routingKinds.map((column) => choice(`${row}_to_${column}`, coderIds, { default: usual[row] })),
  );
}

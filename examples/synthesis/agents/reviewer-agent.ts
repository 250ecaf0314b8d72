import type { Json } from "tutti/foundation";
import type { TeamCall, TeamReply } from "tutti/orchestration";
import { reviewers } from "../reviewers.ts";
import type { ReviewerId } from "../reviewers.ts";
import type { Proposed } from "./proposed.ts";

/** Chooses one program among the coders' proposals, and says whether it is sure enough to stop the search. */
export function review({ inbox, parameters }: TeamCall, id: ReviewerId): TeamReply {
  const proposals = inbox.map(({ output }) => output as unknown as readonly Proposed[]);
  const { k = 1, probes = 4, certainty = 0 } = parameters as { k?: number; probes?: number; certainty?: number };
  const { choice, confidence, cost } = reviewers[id](proposals.flat(), { k, probes });
  const used = { operations: cost };
  if (choice === null) return { output: null, accepted: false, used };
  return {
    output: choice as unknown as Json,
    accepted: confidence >= certainty,
    choice: proposals.findIndex((proposal) => proposal.some((proposed) => proposed === choice)),
    used,
    feedback: `${choice.coder}, size ${choice.size}, confidence ${confidence.toFixed(2)}`,
  };
}

import type { Json } from "tutti/foundation";
import type { TeamCall, TeamReply } from "tutti/orchestration";
import { misunderstood, programs } from "./misunderstood.ts";
import { areProposed } from "./proposed.ts";
import { reviewers } from "./reviewers.ts";
import type { ReviewerId } from "./reviewers.ts";

/** Chooses one program among the coders' proposals, and says whether it is sure enough to stop the search. */
export function review({ inbox, parameters }: TeamCall, id: ReviewerId): TeamReply {
  const proposals: readonly Json[] = inbox.map(({ output }) => output);
  if (!proposals.every(areProposed)) return misunderstood(`${programs} from each`, proposals);
  const { k = 1, probes = 4, certainty = 0 } = parameters as { k?: number; probes?: number; certainty?: number };
  const { choice, confidence, cost } = reviewers[id](proposals.flat(), { k, probes });
  const used = { operations: cost };
  if (choice === null) return { output: null, accepted: false, used };
  return {
    output: choice,
    accepted: confidence >= certainty,
    choice: proposals.findIndex((proposal) => proposal.some((proposed) => proposed === choice)),
    used,
    feedback: `${choice.coder}, size ${choice.size}, confidence ${confidence.toFixed(2)}`,
  };
}

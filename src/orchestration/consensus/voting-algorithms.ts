import type { Json } from "#foundation";
import { agreeByMachine } from "./agree-by-machine.ts";
import type { Vote } from "./ballot.ts";
import type { ConsensusAlgorithm } from "./consensus-algorithm.ts";
import { raft } from "./raft.ts";
import type { RaftOutcome, RaftRequest } from "./raft-state.ts";

const most = (members: number): number => Math.floor(members / 2) + 1;

/** More than half of all agents; who abstains or is silent counts against. */
export const simpleMajority: ConsensusAlgorithm = { name: "simple_majority", rule: "majority" };

/** More than half of the weight of all agents. */
export const weightedVoting: ConsensusAlgorithm = { name: "weighted_voting", rule: "majority", weighted: true };

/** All agents. */
export const unanimous: ConsensusAlgorithm = { name: "unanimous", rule: "unanimous" };

/**
 * The majority of all agents, counted by each of them from a replicated log of votes. Outlives the end of agents
 * as long as more than half go on.
 */
export const raftVoting: ConsensusAlgorithm = {
  name: "raft",
  rule: "majority",
  quorum: most,
  agree: (votes, room) => agreeByMachine({ machine: votingRaft, requestOf, votesOf: votesApplied }, votes, room),
};

/** Everybody is in one process: a leader that has been silent for so long is gone. */
const votingRaft = raft({
  initial: null,
  apply: (value) => ({ value, result: null }),
  electionTimeoutMs: [20, 40],
  heartbeatMs: 5,
});

function requestOf(vote: Vote): RaftRequest & Json {
  return { type: "write", session: vote.voter, seq: 1, command: { ...vote } };
}

function votesApplied(outcome: RaftOutcome): readonly Vote[] {
  if (outcome.type !== "applied" || outcome.entry.session === null) return [];
  return [outcome.entry.command as unknown as Vote];
}

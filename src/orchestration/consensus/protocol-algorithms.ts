import type { Json } from "#foundation";
import { agreeByMachine } from "./agree-by-machine.ts";
import type { Vote } from "./ballot.ts";
import { blockchain } from "./blockchain/blockchain.ts";
import type { ChainOutcome } from "./blockchain/chain-state.ts";
import type { AgreementRoom, ConsensusAlgorithm } from "./consensus-algorithm.ts";
import { gossip } from "./gossip.ts";
import type { GossipOutcome } from "./gossip.ts";
import { pbft } from "./pbft/pbft.ts";
import type { PbftOutcome } from "./pbft/pbft-state.ts";
import { drawnKeys, hmacSeal } from "./seal.ts";
import type { Seal } from "./seal.ts";

/** Two sets of so many members share one that does not lie, when less than a third do. */
const byzantineQuorum = (members: number): number => Math.ceil((members + Math.floor((members - 1) / 3) + 1) / 2);

/**
 * The majority of all agents, counted by each of them from votes that are signed and executed in one order. Holds
 * against members that lie, to each something else, as long as they are less than a third.
 */
export const pbftVoting: ConsensusAlgorithm = {
  name: "pbft",
  rule: "majority",
  quorum: byzantineQuorum,
  defect: (members) => (members < 4 ? `needs 4 agents to stand one that lies, got ${members}` : undefined),
  agree: (votes, room) =>
    agreeByMachine({ machine: pbft({ seal: sealFor(room), timeoutMs: 100 }), requestOf, votesOf: ofPbft }, votes, room),
};

/** The majority of all agents, counted by each of them from votes that have spread by gossip. For agents that may be down. */
export const gossipVoting: ConsensusAlgorithm = {
  name: "gossip",
  rule: "majority",
  agree: (votes, room) =>
    agreeByMachine({ machine: gossip({ seal: sealFor(room), roundMs: 5 }), requestOf, votesOf: ofGossip }, votes, room),
};

/** The majority of all agents, counted by each of them from a chain of blocks that a quorum has signed. */
export const blockchainVoting: ConsensusAlgorithm = {
  name: "blockchain",
  rule: "majority",
  quorum: byzantineQuorum,
  agree: (votes, room) =>
    agreeByMachine(
      { machine: blockchain({ seal: sealFor(room), roundMs: 50 }), requestOf, votesOf: ofChain },
      votes,
      room,
    ),
};

/** Keys for this decision alone. */
function sealFor({ members, rng }: AgreementRoom): Seal {
  return hmacSeal(drawnKeys(members, rng.fork("keys")));
}

function requestOf(vote: Vote): Json {
  return { ...vote };
}

/** Somebody else's vote that a member brings in is none. */
function votesBy(member: string, said: Json): readonly Vote[] {
  const vote = said as unknown as Vote;
  return vote.voter === member ? [vote] : [];
}

function ofPbft(outcome: PbftOutcome): readonly Vote[] {
  if (outcome.type !== "executed" || outcome.request === null || !outcome.isNew) return [];
  return votesBy(outcome.request.by, outcome.request.operation);
}

function ofGossip(outcome: GossipOutcome): readonly Vote[] {
  return outcome.type === "delivered" ? votesBy(outcome.item.origin, outcome.item.payload) : [];
}

function ofChain(outcome: ChainOutcome): readonly Vote[] {
  return outcome.type === "final" ? outcome.block.payload.flatMap(({ by, data }) => votesBy(by, data)) : [];
}

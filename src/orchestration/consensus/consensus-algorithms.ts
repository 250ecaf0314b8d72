import { UsageError } from "#foundation";
import type { ConsensusAlgorithm } from "./consensus-algorithm.ts";
import { blockchainVoting, gossipVoting, pbftVoting } from "./protocol-algorithms.ts";
import { raftVoting, simpleMajority, unanimous, weightedVoting } from "./voting-algorithms.ts";

/** The algorithms that a configuration can name. */
export const consensusAlgorithms: readonly ConsensusAlgorithm[] = [
  simpleMajority,
  weightedVoting,
  unanimous,
  raftVoting,
  pbftVoting,
  gossipVoting,
  blockchainVoting,
];

/** Throws `UsageError` on an unknown name. */
export function consensusAlgorithmNamed(name: string): ConsensusAlgorithm {
  const found = consensusAlgorithms.find((algorithm) => algorithm.name === name);
  if (found !== undefined) return found;
  const names = consensusAlgorithms.map((algorithm) => algorithm.name).join(", ");
  throw new UsageError(`consensus algorithm: expected one of ${names}, got ${name}`);
}
